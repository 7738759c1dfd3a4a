import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { AuditRecord } from '../../functions/audit/audit-record';
import { ingestFunction } from '../../functions/hosts/compose/ingest-function';
import { ownIssuer } from '../../functions/provider-access/token-source';
import { auditOf } from '../support/audit-reader';
import { RunningLake, type Sender } from '../support/running-lake';

const observation = (id?: string) => ({
  resourceType: 'Observation',
  ...(id === undefined ? {} : { id }),
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8480-6' }] },
});

const transaction = (url: string) => ({
  resourceType: 'Bundle',
  type: 'transaction',
  entry: [{ resource: observation(), request: { method: 'POST', url } }],
});

const message = (ods: string) => ({
  resourceType: 'Bundle',
  type: 'message',
  timestamp: '2026-03-02T09:00:00Z',
  entry: [
    {
      fullUrl: `urn:uuid:${randomUUID()}`,
      resource: {
        resourceType: 'MessageHeader',
        eventCoding: { system: 'https://example.org/events', code: 'reading' },
        source: { endpoint: 'https://example.org/sender' },
        sender: { identifier: { system: 'https://fhir.nhs.uk/Id/ods-organization-code', value: ods } },
      },
    },
  ],
});

interface Step {
  /** As the router names it. */
  readonly route: string;
  readonly what: string;
  readonly status: number;
  /** Undefined for what is public and the same for everyone: it leaves no record. */
  readonly result: 'allowed' | 'denied' | undefined;
  readonly send: () => Promise<Response>;
}

const base = '/FHIR/R4';
const ndjson = { 'content-type': 'application/fhir+ndjson' };

describe('Every route of the API leaves one audit record, allowed or denied', () => {
  let running: RunningLake;
  let gp: Sender;
  let narrow: Sender;
  let routes: readonly string[];
  /** Addresses of an import that waits for its upload, below the base. */
  let waiting: string;
  let finished: string;
  let fresh: string;

  const startImport = async (): Promise<string> => {
    const response = await gp.request('POST', '/$import', {});
    return response.headers.get('content-location')!.slice(running.lake.baseUrl.length);
  };
  const line = `${JSON.stringify(observation())}\n`;

  before(async function () {
    this.timeout(60_000);
    running = await RunningLake.start();
    gp = await running.provider('L99001');
    narrow = await running.provider('L99002', { scopes: ['system/Patient.c'] });
    const { origin } = running.lake;
    ({ routes } = await ingestFunction(running.parts, {
      ...{ origin, tokens: ownIssuer(origin, running.lake.baseUrl), requestsPerMinute: 1, packages: [] },
      onFailure: () => undefined,
    }));
    assert.equal((await gp.request('PUT', '/Observation/seen', observation('seen'))).status, 201);
    await narrow.token();
    [waiting, finished, fresh] = [await startImport(), await startImport(), await startImport()];
    assert.equal((await gp.request('PUT', `${finished}/upload`, line, ndjson)).status, 202);
    while ((await gp.request('GET', finished)).status === 202) await new Promise((resolve) => setTimeout(resolve, 50));
    await walkThrough();
  });

  /** One after another with a pause, so that the time of a record says which request left it. */
  const walked: { began: string; ended: string; answered: number }[] = [];
  let records: readonly AuditRecord[];
  const walkThrough = async (): Promise<void> => {
    for (const { send } of walk) {
      const began = new Date().toISOString();
      const response = await send();
      await response.arrayBuffer();
      walked.push({ began, ended: new Date().toISOString(), answered: response.status });
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
    const all = await auditOf(running, 'lake');
    records = all.filter(({ agent, action }) => agent.kind === 'provider' && action !== 'job:import');
  };

  after(async () => {
    await running.remove();
    assert.deepEqual(running.failures, []);
  });

  const own = `${base}/:type`;
  const id = randomUUID();
  const post = (body: object, path = '/Observation', headers = {}) => gp.request('POST', path, body, headers);
  const publicly = (path: string, method = 'GET') => fetch(`${running.lake.origin}${path}`, { method });
  const step = (route: string, what: string, status: number, result: Step['result'], send: Step['send']): Step => ({
    route,
    what,
    status,
    result,
    send,
  });

  const walk: readonly Step[] = [
    step(`POST ${own}`, 'created', 201, 'allowed', () => post(observation(), undefined, { 'x-request-id': id })),
    step(`POST ${own}`, 'repeated', 201, 'allowed', () => post(observation(), undefined, { 'x-request-id': id })),
    step(`POST ${own}`, 'same request id, other body', 409, 'denied', () =>
      post({ ...observation(), status: 'amended' }, undefined, { 'x-request-id': id }),
    ),
    step(`POST ${own}`, 'not valid', 422, 'denied', () => post({ resourceType: 'Observation' })),
    step(`POST ${own}`, 'no such type', 404, 'denied', () => post(observation(), '/Nothing')),
    step(`POST ${own}`, 'out of scope', 403, 'denied', () => narrow.request('POST', '/Observation', observation())),
    step(`PUT ${own}/:id`, 'created', 201, 'allowed', () => gp.request('PUT', '/Observation/o1', observation('o1'))),
    step(`PUT ${own}/:id`, 'no If-Match', 412, 'denied', () => gp.request('PUT', '/Observation/o1', observation('o1'))),
    step(`PUT ${own}/:id`, 'stale', 409, 'denied', () =>
      gp.request('PUT', '/Observation/o1', observation('o1'), { 'if-match': 'W/"7"' }),
    ),
    step(`PUT ${own}`, 'conditional', 400, 'denied', () => gp.request('PUT', '/Observation', observation())),
    step(`GET ${own}/:id`, 'HEAD of its own', 200, 'allowed', () => gp.request('HEAD', '/Observation/seen')),
    step(`GET ${own}/:id`, 'HEAD of nothing', 404, 'denied', () => gp.request('HEAD', '/Observation/unseen')),
    step(`GET ${own}/:id`, 'HEAD out of scope', 403, 'denied', () => narrow.request('HEAD', '/Observation/seen')),
    step(`POST ${base}`, 'transaction', 200, 'allowed', () => post(transaction('Observation'), '')),
    step(`POST ${base}`, 'wrong url in an entry', 422, 'denied', () => post(transaction('Patient'), '')),
    step(`POST ${base}/$process-message`, 'message', 200, 'allowed', () =>
      post(message('L99001'), '/$process-message'),
    ),
    step(`POST ${base}/$process-message`, 'of another sender', 403, 'denied', () =>
      post(message('L99002'), '/$process-message'),
    ),
    step(`POST ${base}/$import`, 'started', 202, 'allowed', () => post({}, '/$import')),
    step(`GET ${base}/$import/:id`, 'status', 202, 'allowed', () => gp.request('GET', waiting)),
    step(`GET ${base}/$import/:id`, 'of another provider', 404, 'denied', () => narrow.request('GET', waiting)),
    step(`GET ${base}/$import/:id/outcome/:part`, 'outcome', 200, 'allowed', () =>
      gp.request('GET', `${finished}/outcome/1`),
    ),
    step(`GET ${base}/$import/:id/outcome/:part`, 'no such part', 404, 'denied', () =>
      gp.request('GET', `${finished}/outcome/9`),
    ),
    step(`PUT ${base}/$import/:id/upload`, 'as plain text', 415, 'denied', () =>
      gp.request('PUT', `${waiting}/upload`, line, { 'content-type': 'text/plain' }),
    ),
    step(`DELETE ${base}/$import/:id`, 'cancelled', 202, 'allowed', () => gp.request('DELETE', waiting)),
    step(`DELETE ${base}/$import/:id`, 'ended already', 409, 'denied', () => gp.request('DELETE', finished)),
    step(`PUT ${base}/$import/:id/upload`, 'uploaded already', 409, 'denied', () =>
      gp.request('PUT', `${finished}/upload`, line, ndjson),
    ),
    step(`PUT ${base}/$import/:id/upload`, 'uploaded', 202, 'allowed', () =>
      gp.request('PUT', `${fresh}/upload`, '\n', ndjson),
    ),
    step(`ALL ${base}/*`, 'read', 405, 'denied', () => gp.request('GET', '/Observation/seen')),
    step(`ALL ${base}/*`, 'search', 405, 'denied', () => gp.request('GET', '/Observation')),
    step(`ALL ${base}/*`, 'delete', 405, 'denied', () => gp.request('DELETE', '/Observation/seen')),
    step(`ALL ${base}/*`, 'no token', 401, 'denied', () => publicly(`${base}/Observation`, 'POST')),
    step(`ALL ${base}/*`, 'no such address, no token', 401, 'denied', () => publicly(`${base}/a/b/c/d`)),
    step(`GET ${base}/metadata`, 'public', 200, undefined, () => publicly(`${base}/metadata`)),
    step('GET /health', 'public', 200, undefined, () => publicly('/health')),
    step('GET /openapi.json', 'public', 200, undefined, () => publicly('/openapi.json')),
    ...['', base].map((under) =>
      step(`GET ${under}/.well-known/smart-configuration`, 'public', 200, undefined, () =>
        publicly(`${under}/.well-known/smart-configuration`),
      ),
    ),
    step('POST /oauth2/token', 'no assertion', 400, 'denied', () => publicly('/oauth2/token', 'POST')),
    step('POST /oauth2/token', 'another method', 405, 'denied', () => publicly('/oauth2/token')),
  ];

  it('knows every route', () => {
    const walked = new Set(walk.map(({ route }) => route));
    assert.deepEqual([...walked].sort(), [...routes, 'POST /oauth2/token'].sort());
  });

  for (const [index, { route, what, status, result }] of walk.entries()) {
    it(`${route}: ${what}`, () => {
      const { began, ended, answered } = walked[index]!;
      assert.equal(answered, status);
      const left = records.filter(({ recorded }) => recorded >= began && recorded <= ended);
      assert.deepEqual(
        left.map(({ outcome }) => outcome.result),
        result === undefined ? [] : [result],
      );
      // A route, never an address as it was sent.
      for (const { action } of left) assert.doesNotMatch(action, /seen|o1|[0-9a-f]{8}-/);
    });
  }
});
