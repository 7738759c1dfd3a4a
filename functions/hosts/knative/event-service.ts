import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { isLakeError } from '../../../adapters/ports/errors';
import type { LakeEvent } from '../../../adapters/ports/events';
import { readCloudEvent } from './cloud-event-request';
import type { FunctionService } from './function-server';

/**
 * Takes CloudEvents, one after the other: tables have one committer. 204 is taken; 400 will never be (the broker passes it
 * to the dead letters at once); anything else is 500 and delivered again.
 */
export function eventService(
  handle: (event: LakeEvent) => Promise<void>,
  onFailure: (error: unknown) => void,
): FunctionService {
  let last: Promise<void> = Promise.resolve();
  const app = new Hono();
  app.post('/', async (context) => {
    const event = await readCloudEvent(context.req.raw);
    const turn = last.then(() => handle(event));
    last = turn.catch(() => undefined);
    await turn;
    return context.body(null, 204);
  });
  app.onError((error, context) => {
    if (isLakeError(error, 'InvalidArgument')) return context.text(error.message, 400);
    onFailure(error);
    return context.text('The event could not be handled now. Deliver it again.', 500);
  });
  return { handler: getRequestListener(app.fetch), drained: () => last };
}
