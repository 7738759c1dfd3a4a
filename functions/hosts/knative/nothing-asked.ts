import type { FunctionService } from './function-server';

/** Of what is asked nothing but whether it is ready. */
export const nothingAsked: FunctionService['handler'] = (_, response) => void response.writeHead(404).end();
