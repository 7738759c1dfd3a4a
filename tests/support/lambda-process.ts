import type { LambdaHandler } from '../../functions/hosts/aws-lambda/lambda-function';

/** One instance of a function as Lambda runs it: a process that loads a bundle and takes one event at a time, here over IPC. */
const [, , bundle = '', remaining = ''] = process.argv;
const { handler } = require(bundle) as { readonly handler: LambdaHandler };

process.on('message', async ({ event, invokedFunctionArn }: { event: unknown; invokedFunctionArn: string }) => {
  const context = { invokedFunctionArn, getRemainingTimeInMillis: () => Number(remaining) };
  try {
    process.send?.({ answer: (await handler(event, context)) ?? null });
  } catch (error) {
    process.send?.({ failure: (error as Error).message });
  }
});
process.send?.('ready');
