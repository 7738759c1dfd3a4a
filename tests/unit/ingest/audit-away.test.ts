import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { LakeError } from '../../../adapters/ports/errors';
import { fhirApi } from '../../../functions/ingest/http/fhir-api';
import type { ImportDesk } from '../../../functions/ingest/http/import-routes';
import type { Ingest } from '../../../functions/ingest/ingest';
import { Refusal } from '../../../functions/ingest/refusal';

describe('the API while the audit cannot be written', () => {
  const full = new LakeError('Unavailable', 'The disk is full.');
  for (const [name, failure] of [
    ['a request that cannot be stored either', full],
    ['a refusal', Refusal.unprocessable('value', 'Not like this.')],
    ['a failure nobody thought of', new Error('unforeseen')],
  ] as const) {
    it(`answers ${name} with 503 and an OperationOutcome, never without a record`, async () => {
      const failures: unknown[] = [];
      const app = fhirApi({
        baseUrl: 'http://lake.example/FHIR/R4',
        limits: { maxBytes: 1000, timeout: 300, maxEntries: 10 },
        authenticate: async () => ({ clientId: 'c', ods: 'RXX01', scopes: ['system/*.cu'], nhsNumberPolicy: 'flag' }),
        throttle: () => 0,
        ingest: { accept: () => Promise.reject(failure) } as unknown as Ingest,
        importDesk: {} as ImportDesk,
        head: async () => undefined,
        audit: () => Promise.reject(full),
        capabilityStatement: () => ({}),
        onFailure: (error) => void failures.push(error),
      });
      const response = await app.request('/Basic', {
        method: 'POST',
        headers: {
          authorization: 'Bearer good',
          'content-type': 'application/fhir+json',
          'x-request-id': randomUUID(),
        },
        body: '{"resourceType":"Basic","code":{"text":"a"}}',
      });
      const { resourceType } = (await response.json()) as { resourceType: string };
      assert.deepEqual([response.status, resourceType], [503, 'OperationOutcome']);
      assert.ok(Number(response.headers.get('retry-after')) > 0);
      assert.ok(failures.includes(full));
    });
  }
});
