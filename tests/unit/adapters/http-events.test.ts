import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import { HttpEvents } from '../../../adapters/cloudevents/http-events';
import type { LakeEvent } from '../../../adapters/ports/events';
import { readCloudEvent } from '../../../functions/hosts/knative/cloud-event-request';

const event: LakeEvent = {
  specversion: '1.0',
  id: 'landed-1',
  type: 'uk.nhs.lake.landed.v1',
  source: '/lake/ledger',
  time: '2026-01-01T00:00:00.000Z',
  subject: 'Ynys Môn "100 %"',
  datacontenttype: 'application/json',
  data: { key: 'A/b', requestIds: ['é'] },
};

async function withSink(listener: RequestListener, work: (sink: string) => Promise<void>): Promise<void> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await work(`http://127.0.0.1:${(server.address() as { port: number }).port}/`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe('HttpEvents', () => {
  it('sends what the receiving side reads back, whatever stands in an attribute', async () => {
    let read: LakeEvent | undefined;
    await withSink(
      async (request, response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        const headers = request.headers as Record<string, string>;
        read = await readCloudEvent(
          new Request('http://sink/', { method: 'POST', headers, body: Buffer.concat(chunks) }),
        );
        response.writeHead(202).end();
      },
      (sink) => new HttpEvents(sink).publish(event),
    );
    assert.deepEqual(read, event);
  });

  it('offers an event again while the sink is busy, broken or silent, and then is done once', async () => {
    const statuses = [503, 429, 0, 204];
    let calls = 0;
    await withSink(
      (request, response) => {
        const status = statuses[calls++]!;
        if (status === 0) request.socket.destroy();
        else response.writeHead(status).end();
      },
      (sink) => new HttpEvents(sink).publish(event),
    );
    assert.equal(calls, 4);
  });

  it('gives up with Unavailable, and at once with InvalidArgument when the sink refuses it', async () => {
    let calls = 0;
    const answering = (status: number) => (sink: string) =>
      new HttpEvents(sink).publish(event).then(
        () => assert.fail(`a ${status} was taken for a success`),
        (error: { code: string }) => assert.equal(error.code, status === 500 ? 'Unavailable' : 'InvalidArgument'),
      );
    for (const status of [500, 400]) {
      calls = 0;
      await withSink((_, response) => {
        calls += 1;
        response.writeHead(status).end();
      }, answering(status));
      assert.equal(calls, status === 500 ? 5 : 1);
    }
  });
});
