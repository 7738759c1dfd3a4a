import assert from 'node:assert/strict';
import { compactionManifest } from '../../functions/compaction/manifest';
import { operatorSqlManifest } from '../../functions/hosts/local/operator-sql';
import { CuratedTable } from '../../functions/tables/curated-table';
import { RunningLake, type Sender } from '../support/running-lake';

const observation = (id: string, value: number) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8480-6' }] },
  subject: { reference: 'Patient/p' },
  valueQuantity: { value },
});

describe('compaction', () => {
  let running: RunningLake;
  let gp: Sender;
  before(async () => {
    running = await RunningLake.start();
    gp = await running.provider('A81001');
  });
  after(async () => {
    await running.remove();
    assert.deepEqual(running.failures, []);
  });

  const put = async (id: string, version: number) => {
    const headers = version === 1 ? {} : { 'if-match': `W/"${version - 1}"` };
    const response = await gp.request('PUT', `/Observation/${id}`, observation(id, version), headers);
    assert.ok(response.ok, String(response.status));
    await running.operator.curate();
  };
  const current = async () => (await running.operator.sql('SELECT * FROM curated.observation ORDER BY id')).rows;
  const snapshot = () => {
    const { curated, query } = running.parts.ports(operatorSqlManifest);
    return new CuratedTable(curated, 'Observation', query).delta.snapshot();
  };

  it('folds what was superseded, shows the same, tells the catalogue, and takes updates afterwards', async () => {
    for (const version of [1, 2, 3]) await put('many', version);
    await put('one', 1);
    const before = await current();
    assert.equal((await snapshot()).files.size, 4);
    const result = await running.operator.compact();
    assert.equal(result.folded, 1);
    assert.equal(result.tables, 1);
    assert.deepEqual(await current(), before);
    const { files, version } = await snapshot();
    assert.deepEqual(
      [...files.values()].map(({ stats }) => JSON.parse(stats ?? '{}').numRecords),
      [2],
    );
    const { catalogue } = running.parts.ports(compactionManifest);
    assert.equal((await catalogue.tables()).find(({ name }) => name === 'observation')?.tableVersion, version);
    assert.equal((await running.operator.compact()).folded, 0);
    await put('many', 4);
    assert.deepEqual((await current()).map((row) => String(row.version)).sort(), ['1', '4']);
    assert.deepEqual((await running.operator.verifyAudit()).problems, []);
  });
});
