import type { LambdaHandler } from '../../functions/hosts/aws-lambda/lambda-function';
import { makeMortal } from './mortal-ports';

makeMortal();

/** Each is loaded, and with that started, when it is the one that dies. */
const handlers: Readonly<Record<string, () => { readonly handler: LambdaHandler }>> = {
  'key-rotation': () => require('../../functions/hosts/aws-lambda/functions/key-rotation'),
  'identity-key-rotation': () => require('../../functions/hosts/aws-lambda/functions/identity-key-rotation'),
};

/** A function of the Lambda host that dies at a place of its own. */
export const { handler } = handlers[process.env.LAKE_FUNCTION ?? '']!();
