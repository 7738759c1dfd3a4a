import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RunningLake, type Sender } from '../support/running-lake';

const observation = (id: string | undefined, extra: object = {}): object => ({
  resourceType: 'Observation',
  ...(id === undefined ? {} : { id }),
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
  effectiveDateTime: '2026-01-01',
  ...extra,
});

interface Manifest {
  readonly error: readonly { readonly url: string }[];
  readonly extension: Readonly<Record<string, number>>;
}

describe('bulk import', function () {
  this.timeout(60_000);
  let running: RunningLake;
  let hospital: Sender;

  beforeEach(async () => {
    running = await RunningLake.start();
    hospital = await running.provider('RX901');
  });
  afterEach(() => running.remove());

  const path = (url: string): string => url.slice(running.lake.baseUrl.length);
  const start = async (sender = hospital): Promise<string> => {
    const response = await sender.request('POST', '/$import');
    assert.equal(response.status, 202);
    const { parameter } = (await response.json()) as { parameter: { name: string; valueUrl: string }[] };
    assert.equal(parameter[0]?.valueUrl, `${response.headers.get('content-location')}/upload`);
    return path(response.headers.get('content-location')!);
  };
  const upload = (status: string, lines: readonly (object | string)[], sender = hospital): Promise<Response> =>
    sender.request(
      'PUT',
      `${status}/upload`,
      lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
      { 'content-type': 'application/fhir+ndjson' },
    );
  const completed = async (status: string, sender = hospital): Promise<Response> => {
    for (let wait = 0; wait < 400; wait += 1) {
      const response = await sender.request('GET', status);
      if (response.status !== 202) return response;
      assert.ok(response.headers.get('x-progress'));
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error('The import did not end.');
  };
  const outcomes = async ({ error }: Manifest) => {
    const texts = await Promise.all(error.map(async ({ url }) => (await hospital.request('GET', path(url))).text()));
    return texts
      .join('')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { line: number; outcome: { issue: { code: string; severity: string }[] } });
  };

  it('takes lines as single resources and tells what became of each', async () => {
    const status = await start();
    assert.equal((await hospital.request('GET', status)).headers.get('x-progress'), 'waiting for the upload');
    const lines = [
      observation('bulk-1'),
      observation(undefined),
      observation('bulk-2', { status: 'done' }),
      '',
      '{"resourceType":"Observation",',
      observation('bulk-3', { modifierExtension: [{ url: 'https://example.nhs.uk/x', valueCode: 'a' }] }),
      { resourceType: 'MedicationRequest', contained: [{ resourceType: 'Medication', id: 'm', code: { text: 'x' } }] },
    ];
    assert.equal((await upload(status, lines)).status, 202);
    const response = await completed(status);
    assert.equal(response.status, 200);
    const manifest = (await response.json()) as Manifest;
    assert.deepEqual(manifest.extension, { lines: 7, accepted: 2, refused: 3, quarantined: 1, duplicate: 1 });
    const told = await outcomes(manifest);
    assert.deepEqual(
      told.map(({ line, outcome }) => [line, outcome.issue[0]?.severity]),
      [
        [1, 'information'],
        [2, 'information'],
        [3, 'error'],
        [4, 'information'],
        [5, 'error'],
        [6, 'information'],
        [7, 'error'],
      ],
    );
    assert.equal((await hospital.request('HEAD', '/Observation/bulk-1')).headers.get('etag'), 'W/"1"');
    assert.equal((await hospital.request('HEAD', '/Observation/bulk-2')).status, 404);
    assert.deepEqual(running.failures, []);
  });

  it('keeps the upload sealed, and removes it when it is done', async () => {
    const status = await start();
    const folder = running.folder.zones.inbox;
    const files = () => readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    Object.assign(running.parts, { failpoint: async (name: string) => assert.ok(!/import\.taken/.test(name)) });
    await upload(status, [observation('marker-in-upload')]);
    const texts = files().map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
    assert.ok(texts.length > 0 && !texts.some((text) => text.includes('marker-in-upload')));
  });

  it('is the provider’s own: another one sees, sends and cancels nothing', async () => {
    const other = await running.provider('RX902');
    const status = await start();
    assert.equal((await other.request('GET', status)).status, 404);
    assert.equal((await other.request('DELETE', status)).status, 404);
    assert.equal((await upload(status, [observation('x')], other)).status, 404);
    assert.equal((await hospital.request('GET', `${status}x`)).status, 404);
  });

  it('holds lines to the scopes of the provider', async () => {
    const device = await running.provider('RX903', { scopes: ['system/Observation.c'] });
    const status = await start(device);
    await upload(status, [observation(undefined), observation('with-id'), { resourceType: 'Patient' }], device);
    const manifest = (await (await completed(status, device)).json()) as Manifest;
    assert.deepEqual(manifest.extension, { lines: 3, accepted: 1, refused: 2, quarantined: 0, duplicate: 0 });
  });

  it('takes one upload, of NDJSON only', async () => {
    const status = await start();
    assert.equal((await hospital.request('PUT', `${status}/upload`, observation('x'))).status, 415);
    assert.equal((await upload(status, [observation('x')])).status, 202);
    assert.equal((await upload(status, [observation('y')])).status, 409);
  });

  it('can be cancelled before its upload', async () => {
    const status = await start();
    assert.equal((await hospital.request('DELETE', status)).status, 202);
    assert.equal((await hospital.request('GET', status)).status, 404);
    assert.equal((await upload(status, [observation('x')])).status, 409);
  });

  for (const point of ['import.taken', 'import.outcome', 'import.before-finish']) {
    it(`cut off at ${point}, it goes on where its last part ended, and nothing is stored twice`, async () => {
      const lines = Array.from({ length: 1200 }, (_, index) => observation(`line-${index}`));
      let calls = 0;
      Object.assign(running.parts, {
        failpoint: (name: string) => {
          if (name === point && ++calls === (point === 'import.before-finish' ? 1 : 2)) throw new Error('killed');
        },
      });
      const status = await start();
      await upload(status, lines);
      for (let wait = 0; running.failures.length === 0 && wait < 400; wait += 1)
        await new Promise((resolve) => setTimeout(resolve, 25));
      assert.equal(running.failures.length, 1);
      await running.halt();
      await running.boot();
      const manifest = (await (await completed(status)).json()) as Manifest;
      const { accepted = 0, duplicate = 0, refused, lines: told } = manifest.extension;
      assert.deepEqual([told, accepted + duplicate, refused], [1200, 1200, 0]);
      assert.equal((await outcomes(manifest)).length, 1200);
      const { totals } = await running.operator.status();
      assert.equal(totals.versions, 1200);
    });
  }
});
