import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { BulkImport, ImportState } from '../../../functions/bulk-import/import-store';
import { fhirApi } from '../../../functions/ingest/http/fhir-api';
import type { ImportDesk } from '../../../functions/ingest/http/import-routes';
import { openApi } from '../../../functions/ingest/http/openapi';
import type { Ingest } from '../../../functions/ingest/ingest';

const origin = 'https://lake.example.nhs.uk';
const limits = { maxBytes: 1000, timeout: 30, maxEntries: 10 };
const id = randomUUID();

type Operations = Readonly<Record<string, { readonly responses?: Readonly<Record<string, unknown>> }>>;
const { paths } = openApi({
  origin,
  fhirPath: '',
  tokenEndpoint: `${origin}/oauth2/token`,
  scopes: ['system/*.cu'],
  limits,
}) as { readonly paths: Readonly<Record<string, Operations>> };

/** The API before a desk whose one import is in this state. */
function apiWith(state: ImportState, ingest: Partial<Ingest> = {}) {
  const found = { id, state, provider: 'RXX01', clientId: 'c', linesDone: 0, parts: 0 } as BulkImport;
  const imports: ImportDesk['imports'] = {
    create: async () => undefined,
    find: async (_, asked) => (asked === id ? found : undefined),
    uploaded: async () => state === 'waiting',
    cancel: async () => state === 'waiting' || state === 'running',
  };
  return fhirApi({
    baseUrl: `${origin}/FHIR/R4`,
    limits,
    authenticate: async (token) =>
      token === 'good' ? { clientId: 'c', ods: 'RXX01', scopes: ['system/*.cu'], nhsNumberPolicy: 'flag' } : undefined,
    throttle: () => 0,
    ingest: ingest as Ingest,
    importDesk: {
      imports,
      inbox: { putIfAbsent: async (key) => ({ key, size: 0, lastModified: new Date(0), etag: '' }) },
      uploads: { capabilities: new Set() } as unknown as ImportDesk['uploads'],
      outcomes: { read: async () => new Uint8Array() },
      sealStream: (plain) => plain,
      maxBytes: limits.maxBytes,
      wake: () => undefined,
    },
    head: async () => undefined,
    audit: async () => undefined,
    capabilityStatement: () => ({ resourceType: 'CapabilityStatement' }),
    onFailure: () => undefined,
  });
}

const upload = { 'content-type': 'application/fhir+ndjson' };
const size = { name: 'size', valueDecimal: 0 };
const never = new ReadableStream({ start: () => undefined });
type Asked = readonly [
  status: number,
  method: string,
  path: string,
  template: string,
  more?: {
    readonly state?: ImportState;
    readonly headers?: Record<string, string>;
    readonly body?: string | ReadableStream;
  },
];
const asked: readonly Asked[] = [
  [202, 'POST', '/$import', '/$import'],
  [400, 'POST', '/$import', '/$import', { body: JSON.stringify({ parameter: [size] }) }],
  [401, 'POST', '/$import', '/$import', { headers: { authorization: 'Bearer other' } }],
  [406, 'POST', '/$import', '/$import', { headers: { accept: 'text/html' } }],
  [413, 'POST', '/$import', '/$import', { body: ' '.repeat(5000) }],
  [202, 'PUT', `/$import/${id}/upload`, '/$import/{id}/upload', { headers: upload, body: '{}' }],
  [400, 'PUT', `/$import/${id}/upload`, '/$import/{id}/upload', { headers: upload }],
  [404, 'PUT', `/$import/${randomUUID()}/upload`, '/$import/{id}/upload', { headers: upload, body: '{}' }],
  [409, 'PUT', `/$import/${id}/upload`, '/$import/{id}/upload', { state: 'running', headers: upload, body: '{}' }],
  [415, 'PUT', `/$import/${id}/upload`, '/$import/{id}/upload', { body: '{}' }],
  [202, 'GET', `/$import/${id}`, '/$import/{id}'],
  [200, 'GET', `/$import/${id}`, '/$import/{id}', { state: 'completed' }],
  [404, 'GET', `/$import/${id}`, '/$import/{id}', { state: 'cancelled' }],
  [422, 'GET', `/$import/${id}`, '/$import/{id}', { state: 'failed' }],
  [202, 'DELETE', `/$import/${id}`, '/$import/{id}'],
  [409, 'DELETE', `/$import/${id}`, '/$import/{id}', { state: 'completed' }],
  [404, 'GET', `/$import/${id}/outcome/1`, '/$import/{id}/outcome/{part}'],
  [408, 'POST', '/Basic', '/{type}', { body: never }],
  [404, 'HEAD', '/Basic/1', '/{type}/{id}'],
  [406, 'HEAD', '/Basic/1', '/{type}/{id}', { headers: { accept: 'text/html' } }],
];

describe('The answers that the OpenAPI document states', () => {
  for (const [status, method, path, template, { state = 'waiting', headers = {}, body } = {}] of asked)
    it(`have ${status} of ${method} ${template}, as the API gives it`, async () => {
      const request = new Request(`${origin}${path}`, {
        method,
        headers: {
          authorization: 'Bearer good',
          'content-type': 'application/fhir+json',
          'x-request-id': id,
          ...headers,
        },
        ...(body === undefined ? {} : { body, duplex: 'half' }),
      } as RequestInit);
      const response = await apiWith(state).fetch(request);
      assert.equal(response.status, status, await response.text());
      const { responses = {} } = paths[template]?.[method.toLowerCase()] ?? {};
      assert.ok(String(status) in responses, `stated: ${Object.keys(responses).join(', ')}`);
    });

  it('tell whoever waits for a failed import what may have happened, and what to do', async () => {
    const response = await apiWith('failed').fetch(
      new Request(`${origin}/$import/${id}`, { headers: { authorization: 'Bearer good' } }),
    );
    assert.match(await response.text(), /its upload is cut.*or the lake could not finish it.*start another import/);
  });
});
