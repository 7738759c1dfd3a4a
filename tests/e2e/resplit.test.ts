import assert from 'node:assert/strict';
import type { FailpointName } from '../../functions/failpoint';
import { privacyRules } from '../../functions/privacy/privacy-rules';
import { supersededManifest } from '../../functions/resplit/manifest';
import { simulatedProviders } from '../../functions/simulation/providers';
import { simulate } from '../../functions/simulation/simulate';
import { CuratedTable } from '../../functions/tables/curated-table';
import { outsideIdentity } from '../support/lake-contents';
import { RunningLake, type Sender } from '../support/running-lake';
import { aPatient } from '../support/verified-patient';

const local = { system: 'https://example.nhs.uk/local-codes', code: 'ZZQ917' };
/** Rules of a site that lets its own codes stay; the shipped ones drop them. */
const looser = privacyRules({ codeSystems: [{ system: local.system, pattern: 'ZZQ[0-9]{3}' }] });
const number = '9990000018';

const observation = (id: string, codings: readonly object[] = [local]) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }, ...codings] },
  subject: { reference: 'Patient/p1' },
  effectiveDateTime: '2026-01-01',
});
const transaction = {
  resourceType: 'Bundle',
  type: 'transaction',
  entry: [
    {
      fullUrl: 'urn:uuid:5d6a2ff3-8a4d-4c54-8b07-6c9a2e0a1c11',
      resource: { resourceType: 'Practitioner', identifier: [{ system: 'https://example.nhs.uk/staff', value: 's1' }] },
      request: { method: 'POST', url: 'Practitioner', ifNoneExist: 'identifier=https://example.nhs.uk/staff|s1' },
    },
    {
      resource: {
        ...observation('t1'),
        performer: [
          { reference: 'urn:uuid:5d6a2ff3-8a4d-4c54-8b07-6c9a2e0a1c11' },
          { reference: 'Practitioner?identifier=https://example.nhs.uk/staff|s1' },
        ],
      },
      request: { method: 'PUT', url: 'Observation/t1' },
    },
  ],
};

describe('re-split', function () {
  this.timeout(120_000);
  let running: RunningLake;
  let gp: Sender;

  beforeEach(async () => {
    running = await RunningLake.start();
    gp = await running.provider('A81001');
    const put = async (type: string, id: string, body: object, headers = {}): Promise<void> =>
      assert.ok((await gp.request('PUT', `/${type}/${id}`, body, headers)).ok);
    await put('Patient', 'p1', aPatient('p1', number));
    await put('Observation', 'o1', observation('o1'));
    await put('Observation', 'o1', { ...observation('o1'), status: 'amended' }, { 'if-match': 'W/"1"' });
    await put('Observation', 'plain', observation('plain', []));
    assert.equal((await gp.request('POST', '', transaction)).status, 200);
    await running.operator.curate();
    await running.operator.buildMarts(['patient_timeline']);
  });
  afterEach(async () => {
    await running.remove();
    assert.deepEqual(running.failures, []);
  });

  /** Every row of the table, not the current state. */
  async function rows(): Promise<readonly { id: string; version: number; resource: string }[]> {
    const { curated, query } = running.parts.ports(supersededManifest);
    const session = await query.session({ readableFolders: [running.folder.zones.curated] });
    const table = new CuratedTable(curated, 'Observation', query);
    const found = await session.query(
      `SELECT id, version, resource FROM ${await table.delta.relation()} ORDER BY id, version`,
    );
    await session.close();
    return found.rows.map(({ id, version, resource }) => ({
      id: String(id),
      version: Number(version),
      resource: String(resource),
    }));
  }
  const withCode = async (): Promise<number> =>
    (await rows()).filter(({ resource }) => resource.includes(local.code)).length;
  async function places(word: string): Promise<number> {
    let found = 0;
    for await (const { text } of outsideIdentity(running.parts)) if (text.includes(word)) found += 1;
    return found;
  }

  it('changes what the rules change, each version once, under the version its sender knows, and back without a trace', async () => {
    const before = await rows();
    assert.equal(await withCode(), 0);
    const etag = async () => (await gp.request('HEAD', '/Observation/o1')).headers;
    const known = [(await etag()).get('etag'), (await etag()).get('last-modified')];

    const dry = await running.operator.resplit({ dryRun: true }, looser);
    assert.deepEqual(dry, { originals: 5, unchanged: 3, changed: 3, wouldBeHeld: 0, unknown: 0 });
    assert.deepEqual(await rows(), before);

    assert.deepEqual(await running.operator.resplit({ dryRun: false }, looser), dry);
    assert.equal(await withCode(), 3);
    assert.deepEqual(
      (await rows()).map(({ id, version }) => [id, version]),
      before.map(({ id, version }) => [id, version]),
    );
    const again = { originals: 5, unchanged: 6, changed: 0, wouldBeHeld: 0, unknown: 0 };
    assert.deepEqual(await running.operator.resplit({ dryRun: false }, looser), again);
    assert.deepEqual([(await etag()).get('etag'), (await etag()).get('last-modified')], known);

    assert.equal((await running.operator.resplit({ dryRun: false })).changed, 3);
    assert.deepEqual(await rows(), before);
    assert.equal(await places(local.code), 0);
    assert.ok((await running.operator.verifyAudit()).ok);
  });

  it('finds nothing to change in a population under the rules that split it', async () => {
    for (const { ods, nhsNumberPolicy } of simulatedProviders) await running.provider(ods, { nhsNumberPolicy });
    let messages = 0;
    for (const { provider, kind, body } of simulate({ people: 3, seed: 7 })) {
      const path = kind === 'message' ? '/$process-message' : '';
      const { status } = await running.sender(provider).request('POST', path, body);
      if (status === 200) messages += 1;
    }
    const { versions } = (await running.operator.status()).totals;
    assert.ok(messages > 30 && versions > 200, `${messages} messages, ${versions} versions`);
    const counts = await running.operator.resplit({ dryRun: true });
    assert.deepEqual(
      { ...counts, originals: 0 },
      { originals: 0, unchanged: versions, changed: 0, wouldBeHeld: 0, unknown: 0 },
    );
  });

  it('is reached by an erasure', async () => {
    await running.operator.resplit({ dryRun: false }, looser);
    assert.ok((await places(local.code)) > 0);
    await running.operator.erase({ nhsNumbers: [number], patients: [] });
    assert.equal(await places(local.code), 0);
    assert.deepEqual(await running.operator.resplit({ dryRun: true }, looser), {
      originals: 0,
      unchanged: 0,
      changed: 0,
      wouldBeHeld: 0,
      unknown: 0,
    });
  });

  for (const point of ['put', 'relanded', 'recorded', 'superseded'] as const) {
    it(`cut off at resplit.${point} is completed by the next one, and leaves each version once`, async () => {
      const before = await rows();
      let armed = true;
      Object.assign(running.parts, {
        failpoint: async (name: FailpointName) => {
          if (armed && name === `resplit.${point}`) throw new Error('killed');
        },
      });
      await assert.rejects(running.operator.resplit({ dryRun: false }, looser), /killed/);
      armed = false;
      await running.halt();
      await running.boot();
      await running.operator.resplit({ dryRun: false }, looser);
      assert.equal(await withCode(), 3);
      assert.equal((await rows()).length, before.length);
      await running.operator.resplit({ dryRun: false });
      assert.deepEqual(await rows(), before);
    });
  }
});
