import assert from 'node:assert/strict';
import type { LakeEvent } from '../../../adapters/ports/events';
import { readHostEnvironment } from '../../../functions/hosts/host-environment';
import { readCloudEvent } from '../../../functions/hosts/knative/cloud-event-request';
import { eventService } from '../../../functions/hosts/knative/event-service';
import { startFunctionServer } from '../../../functions/hosts/knative/function-server';
import { inTurn } from '../../../functions/hosts/knative/taking-turns';

const attributes = { specversion: '1.0', id: '7', source: '/lake/ledger', type: 'uk.nhs.lake.landed.v1' };

const binary = (headers: Readonly<Record<string, string>>, body: string): Request =>
  new Request('http://sink/', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [`ce-${name}`, value])),
    },
    body,
  });

describe('CloudEvents over HTTP', () => {
  it('are read in binary mode, header values percent-decoded', async () => {
    const event = await readCloudEvent(binary({ ...attributes, subject: 'caf%C3%A9' }, '{"a":1}'));
    assert.deepEqual(event, { ...attributes, subject: 'café', datacontenttype: 'application/json', data: { a: 1 } });
  });

  it('are read in structured mode', async () => {
    const request = new Request('http://sink/', {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents+json; charset=utf-8' },
      body: JSON.stringify({ ...attributes, data: { a: 1 } }),
    });
    const { data, id } = await readCloudEvent(request);
    assert.deepEqual([id, data], ['7', { a: 1 }]);
  });

  for (const missing of ['id', 'source', 'type', 'specversion']) {
    it(`are refused without ${missing}`, async () => {
      const { [missing as 'id']: _, ...rest } = attributes;
      await assert.rejects(readCloudEvent(binary(rest, '{}')), /CloudEvents 1\.0/);
    });
  }

  it('are refused when the body is not JSON, without repeating it', async () => {
    await assert.rejects(
      readCloudEvent(binary(attributes, 'MARKER')),
      (error: Error) => !error.message.includes('MARKER'),
    );
  });
});

describe('a function behind Knative', () => {
  const send = async (port: number, body = '{}'): Promise<number> => {
    const headers = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`ce-${name}`, value]));
    const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body };
    return (await fetch(`http://127.0.0.1:${port}/`, init)).status;
  };

  it('says that it is not ready while it does not do its work', async () => {
    let behind = false;
    const server = await startFunctionServer(
      {
        handler: (_, response) => void response.writeHead(404).end(),
        drained: async () => undefined,
        ready: () => !behind,
      },
      0,
    );
    const status = async (): Promise<number> => (await fetch(`http://127.0.0.1:${server.port}/ready`)).status;
    try {
      assert.equal(await status(), 200);
      behind = true;
      assert.equal(await status(), 503);
    } finally {
      await server.stop();
    }
  });

  it('takes events, one after the other where that is asked, and has a failed one delivered again', async () => {
    const seen: unknown[] = [];
    const failures: unknown[] = [];
    let running = 0;
    const handle = async ({ data }: LakeEvent): Promise<void> => {
      running += 1;
      assert.equal(running, 1);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running -= 1;
      if (seen.push(data) === 2) throw new Error('the store is away');
    };
    const server = await startFunctionServer(
      eventService(inTurn(handle), (error) => failures.push(error)),
      0,
    );
    try {
      const statuses = await Promise.all([1, 2, 3].map(() => send(server.port)));
      assert.deepEqual(statuses.sort(), [204, 204, 500]);
      assert.equal(failures.length, 1);
      assert.equal(await send(server.port, 'no JSON'), 400);
      assert.equal(seen.length, 3);
    } finally {
      await server.stop();
    }
  });

  it('drains: finishes what was begun, tells others to come again, fails its readiness', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let began: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => {
      began = resolve;
    });
    let drained = false;
    const server = await startFunctionServer(
      {
        handler: async (_, response) => {
          began();
          await held;
          response.writeHead(200).end('done');
        },
        drained: async () => {
          drained = true;
        },
      },
      0,
    );
    const at = (path: string): string => `http://127.0.0.1:${server.port}${path}`;
    assert.equal((await fetch(at('/ready'))).status, 200);
    const slow = fetch(at('/'));
    await begun;
    const stopped = server.stop();
    assert.equal(drained, false);
    release();
    const answer = await slow;
    assert.deepEqual([answer.status, await answer.text()], [200, 'done']);
    await stopped;
    assert.equal(drained, true);
    await assert.rejects(fetch(at('/')));
  });
});

describe('the environment of a host', () => {
  const good = { LAKE_FUNCTION: 'ingest', LAKE_BINDING: '{}', LAKE_ORIGIN: 'https://lake.example.nhs.uk' };

  it('gives the issuer and its keys where nothing else is said', () => {
    const { issuer, tokens, port } = readHostEnvironment(good);
    assert.deepEqual([issuer, tokens.jwksUrl, port], [good.LAKE_ORIGIN, `${good.LAKE_ORIGIN}/oauth2/jwks`, 8080]);
  });

  it('is refused with every problem at once and no value', () => {
    const bad = { LAKE_BINDING: '[MARKER', LAKE_ORIGIN: 'https://MARKER/path', PORT: 'MARKER' };
    assert.throws(
      () => readHostEnvironment(bad),
      ({ message }: Error) =>
        ['LAKE_FUNCTION', 'LAKE_BINDING', 'LAKE_ORIGIN', 'PORT'].every((name) => message.includes(name)) &&
        !message.includes('MARKER'),
    );
  });
});
