import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { isLakeError } from '../../../adapters/ports/errors';
import type { LakeEvent } from '../../../adapters/ports/events';
import { readCloudEvent } from './cloud-event-request';
import type { FunctionService } from './function-server';

/**
 * Takes CloudEvents. 204 is taken; 400 will never be (the broker passes it to the dead letters at once); anything else is 500
 * and delivered again. `handle` says itself what may run beside what: tables have one committer.
 */
export function eventService(
  handle: (event: LakeEvent) => Promise<void>,
  onFailure: (error: unknown) => void,
): FunctionService {
  const underWay = new Set<Promise<void>>();
  const app = new Hono();
  app.post('/', async (context) => {
    const event = await readCloudEvent(context.req.raw);
    const handling = handle(event);
    underWay.add(handling);
    try {
      await handling;
    } finally {
      underWay.delete(handling);
    }
    return context.body(null, 204);
  });
  app.onError((error, context) => {
    if (isLakeError(error, 'InvalidArgument')) return context.text(error.message, 400);
    onFailure(error);
    return context.text('The event could not be handled now. Deliver it again.', 500);
  });
  return { handler: getRequestListener(app.fetch), drained: async () => void (await Promise.allSettled(underWay)) };
}
