import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { HttpEvents } from '../../adapters/cloudevents/http-events';
import type { LakeEvent } from '../../adapters/ports/events';
import { readCloudEvent } from '../../functions/hosts/knative/cloud-event-request';
import { eventsPublishingContract } from './events-publishing.contract';

eventsPublishingContract('outbox and CloudEvents over HTTP', async () => {
  const received: LakeEvent[] = [];
  const server = createServer(
    getRequestListener(async (request) => {
      received.push(await readCloudEvent(request));
      return new Response(null, { status: 202 });
    }),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    server: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    openAt: (origin) => new HttpEvents(`${origin}/`),
    received: async () => received,
    refusal: { kind: 'answer', status: 400 },
    atOnce: 50,
    stop: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
});
