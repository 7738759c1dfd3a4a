import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { defaultJsonLimits } from '../../../functions/fhir/json';
import { capabilityStatement } from '../../../functions/ingest/http/capability-statement';
import { fhirApi } from '../../../functions/ingest/http/fhir-api';
import type { ImportDesk } from '../../../functions/ingest/http/import-routes';
import type { Ingest } from '../../../functions/ingest/ingest';

const limits = { maxBytes: 1_000_000, timeout: 300, maxEntries: 5_000 };

/** The door alone: what stands behind it takes everything, so that an answer of 201 or 200 means the door let it pass. */
describe('the limits of the API', () => {
  let server: Server;
  let origin: string;
  let accepted = 0;
  let wait = 0;
  const failures: unknown[] = [];

  before(async () => {
    const ingest: Pick<Ingest, 'accept'> = {
      accept: async ({ interaction }) => {
        accepted += 1;
        const entries = interaction.entries.map(({ type }) => ({
          kind: 'stored' as const,
          status: 201 as const,
          type,
          id: undefined,
          version: 1,
        }));
        return { entries, lastModified: new Date(0).toISOString(), repeated: false };
      },
    };
    const app = fhirApi({
      baseUrl: 'http://lake.example/FHIR/R4',
      limits,
      authenticate: async () => ({ clientId: 'c', ods: 'RXX01', scopes: ['system/*.cu'], nhsNumberPolicy: 'flag' }),
      throttle: () => wait,
      ingest: ingest as Ingest,
      importDesk: {} as ImportDesk,
      head: async () => undefined,
      audit: async () => undefined,
      capabilityStatement: () => capabilityStatement('http://lake.example/FHIR/R4', limits),
      onFailure: (error) => void failures.push(error),
    });
    server = createServer(getRequestListener(app.fetch));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(async () => {
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
    assert.deepEqual(failures, []);
  });

  const headers = () => ({
    authorization: 'Bearer good',
    'content-type': 'application/fhir+json',
    'x-request-id': randomUUID(),
  });
  async function post(
    path: string,
    body: string | Uint8Array | ReadableStream,
  ): Promise<[status: number, code: string]> {
    const stream = body instanceof ReadableStream ? { duplex: 'half' } : {};
    const init = { method: 'POST', headers: headers(), body, ...stream } as RequestInit;
    const response = await fetch(`${origin}${path}`, init);
    const text = await response.text();
    const outcome =
      text === '' ? undefined : (JSON.parse(text) as { resourceType: string; issue?: { code: string }[] });
    if (response.status >= 400) assert.equal(outcome?.resourceType, 'OperationOutcome');
    return [response.status, outcome?.issue?.[0]?.code ?? ''];
  }

  const padded = (bytes: number): string => {
    const start = '{"resourceType":"Basic","code":{"text":"a"}';
    return `${start}${' '.repeat(bytes - start.length - 1)}}`;
  };
  const withValue = (value: string): string => `{"resourceType":"Basic","x":${value}}`;
  const bundle = (entries: number): string => {
    const entry = { resource: { resourceType: 'Basic' }, request: { method: 'POST', url: 'Basic' } };
    return JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry: Array(entries).fill(entry) });
  };
  const { maxDepth, maxNumber } = defaultJsonLimits;
  const nested = (levels: number): string => withValue(`${'['.repeat(levels)}${']'.repeat(levels)}`);

  const cases: readonly [
    name: string,
    path: string,
    within: string,
    beyond: string | Uint8Array,
    status: number,
    code: string,
  ][] = [
    ['bytes', '/Basic', padded(limits.maxBytes), padded(limits.maxBytes + 1), 413, 'too-long'],
    ['entries', '/', bundle(limits.maxEntries), bundle(limits.maxEntries + 1), 413, 'too-costly'],
    ['depth', '/Basic', nested(maxDepth), nested(maxDepth + 1), 400, 'too-costly'],
    ['numbers', '/Basic', withValue('1'.repeat(maxNumber)), withValue('1'.repeat(maxNumber + 1)), 400, 'too-long'],
    ['repeated names', '/Basic', withValue('1'), '{"resourceType":"Basic","x":1,"x":1}', 400, 'structure'],
    [
      'prototypes',
      '/Basic',
      '{"resourceType":"Basic","proto":1}',
      '{"resourceType":"Basic","__proto__":1}',
      400,
      'structure',
    ],
    ['UTF-8', '/Basic', withValue('"é"'), Buffer.from(withValue('"é"'), 'latin1'), 400, 'structure'],
  ];
  for (const [name, path, within, beyond, status, code] of cases) {
    it(`of ${name}: taken at the limit, refused one past it`, async () => {
      const before = accepted;
      assert.ok((await post(path, within))[0] < 300);
      assert.equal(accepted, before + 1);
      assert.deepEqual(await post(path, beyond), [status, code]);
      assert.equal(accepted, before + 1);
    });
  }

  it('refuses a body without a stated length as soon as it is too long, in bounded memory', async () => {
    let sent = 0;
    const endless = new ReadableStream({
      pull(controller) {
        sent += 65_536;
        if (sent > 500 * limits.maxBytes) controller.close();
        else controller.enqueue(new Uint8Array(65_536).fill(32));
      },
    });
    const before = process.memoryUsage().rss;
    // The connection may end while the sender still sends: then it has the answer or a reset, never an acceptance.
    const outcome = await post('/Basic', endless).catch(() => 'cut off');
    if (outcome !== 'cut off') assert.deepEqual(outcome, [413, 'too-long']);
    assert.ok(sent < 100 * limits.maxBytes, `${sent} bytes were taken`);
    assert.ok(process.memoryUsage().rss - before < 200 * 1024 * 1024);
  });

  it('refuses a JSON bomb of opening brackets in little time', async () => {
    const started = performance.now();
    assert.deepEqual(await post('/Basic', withValue('['.repeat(900_000))), [400, 'too-costly']);
    assert.ok(performance.now() - started < 2000);
  });

  it('gives a slow body up after its time, with 408', async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(new URL(origin).port), '127.0.0.1', () => {
        const lines = Object.entries(headers()).map(([name, value]) => `${name}: ${value}\r\n`);
        socket.write(`POST /Basic HTTP/1.1\r\nhost: a\r\n${lines.join('')}content-length: 100\r\n\r\n{`);
      });
      socket.once('data', (chunk) => {
        resolve(chunk.toString());
        socket.destroy();
      });
      socket.on('error', reject);
    });
    assert.ok(answer.startsWith('HTTP/1.1 408 '), answer.slice(0, 30));
  });

  it('refuses an address that no decoder takes', async () => {
    assert.deepEqual(await post('/Basic/%ff', '{}'), [400, 'structure']);
  });

  it('tells a provider over its rate how long to wait', async () => {
    wait = 7;
    const response = await fetch(`${origin}/Basic`, { method: 'POST', headers: headers(), body: '{}' });
    wait = 0;
    assert.deepEqual([response.status, response.headers.get('retry-after')], [429, '7']);
    assert.equal(((await response.json()) as { issue: { code: string }[] }).issue[0]?.code, 'throttled');
  });

  it('states them in the CapabilityStatement', async () => {
    const { rest, date } = (await (await fetch(`${origin}/metadata`)).json()) as {
      date: string;
      rest: { documentation: string }[];
    };
    for (const figure of [limits.maxBytes, limits.maxEntries, maxDepth, maxNumber, defaultJsonLimits.maxString])
      assert.ok(rest[0]?.documentation.includes(` ${figure} `), `${figure}`);
    assert.match(date, /^\d{4}-\d\d-\d\d$/);
  });
});
