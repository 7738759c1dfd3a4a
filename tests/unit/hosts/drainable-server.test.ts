import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { DrainableServer } from '../../../functions/hosts/drainable-server';

/** Sends bytes as they are and gives everything that comes back until the connection ends. */
function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk.toString();
    });
    socket.on('end', () => resolve(answer));
    socket.on('error', reject);
  });
}

const outcomeIn = (answer: string): { resourceType: string; issue: { code: string; diagnostics: string }[] } =>
  JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4));

describe('a server that drains', () => {
  /** A server whose requests wait until they are released. */
  async function heldServer(drainMilliseconds: number) {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let began: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => {
      began = resolve;
    });
    const server = new DrainableServer(drainMilliseconds);
    server.serve(async (_, response) => {
      began();
      await held;
      response.writeHead(200).end('done');
    });
    const port = await server.listen(0, '127.0.0.1');
    return { server, begun, release, at: (path: string): string => `http://127.0.0.1:${port}${path}` };
  }

  it('finishes what it began, and tells everybody else to come again, also on new connections', async () => {
    const { server, begun, release, at } = await heldServer(10_000);
    const slow = fetch(at('/FHIR/R4/Observation'), { method: 'POST', body: '{}' });
    await begun;
    const stopped = server.stop();
    const refused = await fetch(at('/FHIR/R4/Observation'), { method: 'POST', body: '{}' });
    assert.deepEqual([refused.status, refused.headers.get('retry-after')], [503, '1']);
    const outcome = (await refused.json()) as { resourceType: string; issue: { code: string }[] };
    assert.deepEqual([outcome.resourceType, outcome.issue[0]?.code], ['OperationOutcome', 'transient']);
    const token = await fetch(at('/oauth2/token'), { method: 'POST' });
    assert.equal(token.status, 503);
    assert.equal(((await token.json()) as { error: string }).error, 'temporarily_unavailable');
    release();
    assert.equal(await (await slow).text(), 'done');
    await stopped;
    await assert.rejects(fetch(at('/')));
  });

  it('waits no longer than it was told', async () => {
    const { server, begun, at } = await heldServer(30);
    const slow = fetch(at('/'));
    const failed = assert.rejects(slow);
    await begun;
    const started = performance.now();
    await server.stop();
    assert.ok(performance.now() - started < 3000);
    await failed;
  });

  it('is not held by connections that ask for nothing or never finish asking', async () => {
    const { server, at } = await heldServer(10_000);
    const { port } = new URL(at('/'));
    const half = raw(Number(port), 'GET /FHIR/R4/metadata HTTP/1.1\r\nhost: a\r\n');
    await new Promise((resolve) => setTimeout(resolve, 20));
    const started = performance.now();
    await server.stop();
    assert.ok(performance.now() - started < 3000);
    await half;
  });

  it('answers 503 until it serves', async () => {
    const server = new DrainableServer(10);
    const port = await server.listen(0, '127.0.0.1');
    assert.equal((await fetch(`http://127.0.0.1:${port}/health`)).status, 503);
    await server.stop();
  });

  const unread: readonly [name: string, text: string, status: number, code: string][] = [
    ['no HTTP at all', 'MARKER\r\n\r\n', 400, 'structure'],
    ['two lengths', 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n', 400, 'structure'],
    ['headers beyond 16 KB', `GET / HTTP/1.1\r\nhost: a\r\nx: ${'MARKER'.repeat(4000)}\r\n\r\n`, 431, 'too-long'],
  ];
  for (const [name, text, status, code] of unread) {
    it(`answers ${name} with ${status} and an OperationOutcome that repeats nothing`, async () => {
      const server = new DrainableServer(10);
      server.serve((_, response) => void response.end());
      const answer = await raw(await server.listen(0, '127.0.0.1'), text);
      await server.stop();
      assert.ok(answer.startsWith(`HTTP/1.1 ${status} `), answer.slice(0, 40));
      assert.equal(outcomeIn(answer).issue[0]?.code, code);
      assert.ok(!answer.includes('MARKER'));
    });
  }
});
