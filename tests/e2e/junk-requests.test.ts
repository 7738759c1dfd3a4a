import assert from 'node:assert/strict';
import { resourceTypes } from '../../functions/fhir/definitions';
import type { JsonObject } from '../../functions/fhir/json';
import { marker, spoil } from '../support/junk';
import { RunningLake as Lake, type RunningLake, type Sender } from '../support/running-lake';
import { type Pick, sampleResource, seededPick } from '../unit/fhir/sample-builder';

const requests = Number(process.env.LAKE_JUNK_REQUESTS ?? 400);
/** What the ways into the lake read before anything is validated. */
const read = ['Patient', 'Observation', 'MessageHeader', 'Composition', 'Binary', 'Parameters', 'List', 'Provenance'];
const fullUrl = (index: number): string => `urn:uuid:0c3d6a2e-8a5f-4a0e-9a3f-1f6f0e0d9b1${index}`;

interface Way {
  readonly method: 'POST' | 'PUT';
  readonly path: string;
  readonly body: JsonObject;
}

/** A resource as it may be sent: alone, as an update, in a transaction or a batch, in a message, in a document. */
function wayOf(resource: JsonObject, type: string, pick: Pick): Way {
  const bundle = (of: string, entry: JsonObject[]): JsonObject => ({ resourceType: 'Bundle', type: of, entry });
  const request = { method: 'POST', url: type, ifNoneExist: 'identifier=http://example.org/a|b' };
  const other = { resource: { resourceType: 'Patient', id: 'p1' }, request: { method: 'PUT', url: 'Patient/p1' } };
  const header: JsonObject = {
    resourceType: 'MessageHeader',
    eventCoding: { system: 'http://example.org/events', code: 'event' },
    source: { endpoint: 'http://example.org/source' },
    sender: { identifier: { system: 'https://fhir.nhs.uk/Id/ods-organization-code', value: 'L99001' } },
  };
  const carried = [
    { fullUrl: fullUrl(0), resource: header },
    { fullUrl: fullUrl(1), resource },
  ];
  const ways: readonly Way[] = [
    { method: 'POST', path: `/${type}`, body: resource },
    { method: 'PUT', path: `/${type}/a-1`, body: { ...resource, id: 'a-1' } },
    { method: 'POST', path: '', body: bundle('transaction', [{ fullUrl: fullUrl(0), resource, request }, other]) },
    { method: 'POST', path: '', body: bundle('batch', [{ fullUrl: fullUrl(0), resource, request }, other]) },
    { method: 'POST', path: '/$process-message', body: bundle('message', carried) },
    { method: 'POST', path: '/Bundle', body: bundle('collection', carried) },
  ];
  return ways[pick(ways.length)]!;
}

describe('requests with anything anywhere', () => {
  let lake: RunningLake;
  let sender: Sender;

  before(async () => {
    lake = await Lake.start();
    sender = await lake.provider('L99001', { nhsNumberPolicy: 'flag' });
  });
  after(() => lake?.remove());

  it('are taken, held or refused, never failed at, and nothing of them is repeated', async function () {
    this.timeout(60_000 + requests * 30);
    const counts = new Map<number, number>();
    for (let index = 0; index < requests; index += 1) {
      const pick = seededPick(index + 1);
      const types = pick(2) === 0 ? read : resourceTypes;
      const type = types[pick(types.length)]!;
      const { method, path, body } = wayOf(sampleResource(type, pick, 25), type, pick);
      spoil(body, pick);
      const response = await sender.request(method, path, JSON.stringify(body));
      const answer = await response.text();
      assert.ok(response.status < 500, `${response.status} for ${method} ${path}, seed ${index + 1}`);
      assert.ok(!answer.includes(marker), `${method} ${path}, seed ${index + 1}`);
      counts.set(response.status, (counts.get(response.status) ?? 0) + 1);
    }
    assert.ok(counts.get(422)! > requests / 3, JSON.stringify([...counts]));
    assert.deepEqual(lake.failures, []);
  });
});
