import assert from 'node:assert/strict';
import { promisedUpload } from '../../../functions/ingest/http/import-routes';
import { checkAccept, checkContentType } from '../../../functions/ingest/http/request-headers';
import { isRefusal } from '../../../functions/ingest/refusal';
import { interactionOf } from '../../../functions/ingest/replay';

const statusOf = (work: () => void): number => {
  try {
    work();
    return 200;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return error.status;
  }
};
const sent = (type: string, more: Record<string, string> = {}): number =>
  statusOf(() => checkContentType(new Headers({ 'content-type': type, ...more }), ['application/fhir+json']));

describe('the headers of a request', () => {
  it('say the release of FHIR and the coding of the body: others than the one taken are refused, not read as if they were it', () => {
    const taken = [
      '',
      '; charset=utf-8',
      ';fhirVersion=4.0',
      '; fhirVersion="4.0"; charset=utf-8',
      '; fhirVersion= 4.0.1',
    ];
    for (const one of taken) assert.equal(sent(`application/fhir+json${one}`), 200, one);
    for (const one of ['3.0', '5.0', '4.3', '4.01', '"3.0"', ''])
      assert.equal(sent(`application/fhir+json; fhirVersion=${one}`), 415, one);
    assert.equal(sent('application/fhir+json', { 'content-encoding': 'identity' }), 200);
    assert.equal(sent('application/fhir+json', { 'content-encoding': 'gzip' }), 415);
  });

  it('say which release is accepted as an answer', () => {
    const accept = (value: string): number => statusOf(() => checkAccept(new Headers({ accept: value })));
    assert.equal(accept('application/fhir+json; fhirVersion=4.0'), 200);
    assert.equal(accept('application/fhir+json; fhirVersion=3.0'), 406);
    assert.equal(accept('application/fhir+json; fhirVersion=3.0, application/fhir+json; q=0.5'), 200);
  });

  it('need not give the length of a body that is none', async () => {
    const empty = new ReadableStream({ start: (controller) => controller.close() });
    const request = new Request('http://lake/$import', { method: 'POST', body: empty, duplex: 'half' } as RequestInit);
    assert.equal(await promisedUpload(request), undefined);
  });

  it('stay with a held message: the condition of a create, and of an update', () => {
    const targetOf = (route: string) =>
      interactionOf({ route, body: JSON.stringify({ resourceType: 'Device', id: 'd' }) }).entries[0]?.target;
    assert.deepEqual(targetOf('POST /FHIR/R4/Device '), { kind: 'create' });
    const criteria = { type: 'Device', system: 'urn:x', value: 'a b' };
    assert.deepEqual(targetOf('POST /FHIR/R4/Device identifier=urn:x|a%20b'), { kind: 'createIfNone', criteria });
    assert.deepEqual(targetOf('PUT /FHIR/R4/Device/d W/"2"'), { kind: 'update', id: 'd', ifMatch: 2 });
  });
});
