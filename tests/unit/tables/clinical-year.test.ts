import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDbQueryEngine } from '../../../adapters/duckdb/duckdb-query-engine';
import { compactTables } from '../../../functions/compaction/compact-tables';
import { noFailpoint } from '../../../functions/failpoint';
import { compartmentRules } from '../../../functions/privacy/rules/compartment';
import { clinicalYearSql } from '../../../functions/tables/clinical-year';
import { CuratedTable } from '../../../functions/tables/curated-table';
import type { TableStore } from '../../../functions/tables/delta-table';
import { sweepsWhole } from '../../support/sweeps';
import { TableLake } from './table-lake';

interface Procedure {
  readonly id: string;
  readonly version: number;
  readonly performed?: string;
  readonly deleted?: boolean;
}

describe('large curated tables', () => {
  let lake: TableLake;
  beforeEach(async () => {
    lake = await new TableLake().open();
  });
  afterEach(() => lake.close());

  const open = (store: TableStore = lake.store) => new CuratedTable(store, 'Procedure', lake.engine);
  const columns = 'id, version, last_updated, provider, patient_ref, deleted, resource';
  async function append(batch: number, rows: readonly Procedure[], table = open()): Promise<number | undefined> {
    const file = join(lake.root, `batch-${batch}.ndjson`);
    const lines = rows.map(({ id, version, performed, deleted = false }) =>
      JSON.stringify({
        ...{ id, version, last_updated: '2026-01-01T00:00:00.000Z', provider: 'A', patient_ref: `p-${id}`, deleted },
        resource: deleted ? '' : JSON.stringify({ resourceType: 'Procedure', id, performedDateTime: performed }),
      }),
    );
    writeFileSync(file, lines.join('\n'));
    return table.appendBatch(lake.session, batch, file);
  }
  const all = async (point?: number) => {
    const { delta } = open();
    const relation = await delta.relation(await delta.snapshot(point));
    return (await lake.session.query(`SELECT ${columns} FROM ${relation} ORDER BY ALL`)).rows;
  };
  const current = async () =>
    (await lake.session.query(`SELECT ${columns} FROM ${await open().currentState()} ORDER BY ALL`)).rows;
  const years = async (): Promise<Record<string, string[]>> => {
    const { rows } = await lake.session.query(
      `SELECT clinical_year AS year, id || '/' || version AS row FROM ${await open().delta.relation()} ORDER BY ALL`,
    );
    const found: Record<string, string[]> = {};
    for (const { year, row } of rows) found[String(year)] = [...(found[String(year)] ?? []), String(row)];
    return found;
  };
  const compact = (partitionAbove: number) =>
    compactTables(
      {
        ...{ curated: lake.store, marts: lake.store, engine: lake.engine, session: lake.session, partitionAbove },
        failpoint: noFailpoint,
      },
      [{ database: 'curated', name: 'procedure', columns: [{ name: 'resource', type: 'VARCHAR' }] }],
      new Date(),
    );

  it('are divided by the clinical year once they pass a size, and not before; every row and version stays', async () => {
    await append(1, [
      { id: 'a', version: 1, performed: '2019-05-06' },
      { id: 'b', version: 1, performed: '2021-12-31T23:00:00Z' },
      { id: 'c', version: 1, performed: '2021' },
      { id: 'd', version: 1 },
      { id: 'e', version: 1, performed: '0019-05-06' },
    ]);
    const last = await append(2, [
      { id: 'a', version: 2, performed: '2020-01-01' },
      { id: 'c', version: 2, deleted: true },
    ]);
    const [before, now] = [await all(), await current()];
    const { files } = await open().delta.snapshot();
    const size = [...files.values()].reduce((sum, file) => sum + file.size, 0);
    assert.equal(await open().partition(lake.session, size), undefined);
    assert.equal(await open().partition(lake.session, size - 1), last! + 1);
    const divided = await open().delta.snapshot();
    assert.deepEqual(divided.metaData?.partitionColumns, ['clinical_year']);
    assert.deepEqual(await all(), before);
    assert.deepEqual(await current(), now);
    assert.deepEqual(await years(), {
      2019: ['a/1'],
      2020: ['a/2'],
      2021: ['b/1', 'c/1'],
      null: ['c/2', 'd/1', 'e/1'],
    });
    assert.deepEqual(await all(last), before, 'the version before is read as it was');
    assert.equal(await open().partition(lake.session, 0), undefined, 'once');
  });

  it('take batches, folds and erasures as before', async () => {
    await append(1, [
      { id: 'a', version: 1, performed: '2019-05-06' },
      { id: 'b', version: 1, performed: '2020-05-06' },
    ]);
    const [compacted] = await compact(0);
    assert.equal(compacted?.changed, true);
    await append(2, [
      { id: 'a', version: 2, performed: '2022-05-06' },
      { id: 'c', version: 1, performed: '2022-05-06' },
    ]);
    assert.equal(await append(2, [{ id: 'z', version: 1 }]), undefined, 'a batch is taken once');
    const before = await current();
    assert.deepEqual(await years(), { 2019: ['a/1'], 2020: ['b/1'], 2022: ['a/2', 'c/1'] });
    await compact(0);
    assert.deepEqual(await current(), before);
    assert.deepEqual(await years(), { 2020: ['b/1'], 2022: ['a/2', 'c/1'] });
    await append(3, [{ id: 'c', version: 2, performed: '2022-06-06' }]);
    assert.equal((await open().erase(lake.session, ['c'])).rows, 2);
    assert.deepEqual(await years(), { 2020: ['b/1'], 2022: ['a/2'] });
    assert.deepEqual(await lake.objectsHolding('procedure/', 'p-c'), []);
  });

  it('lose nothing of what is appended or erased while they are divided', async () => {
    for (let batch = 1; batch <= 3; batch += 1)
      await append(batch, [{ id: `r${batch}`, version: 1, performed: `201${batch}-01-01` }]);
    // When the work is about to commit, somebody else does first.
    const others: (() => Promise<unknown>)[] = [];
    const interrupted: TableStore = {
      capabilities: lake.store.capabilities,
      ...bound(lake.store),
      putIfAbsent: async (key, ...rest) => {
        if (key.endsWith('.json')) await others.shift()?.();
        return lake.store.putIfAbsent(key, ...rest);
      },
    };
    others.push(() => open().erase(lake.session, ['r2']));
    for (const work of ['partition', 'compact'] as const) {
      const begun = open(interrupted);
      await assert.rejects(
        work === 'partition' ? begun.partition(lake.session, 0) : begun.compact(lake.session),
        { code: 'Unavailable' },
        work,
      );
      assert.deepEqual(
        (await all()).map(({ id }) => id),
        work === 'partition' ? ['r1', 'r3'] : ['r1'],
        work,
      );
      others.push(() => open().erase(lake.session, ['r3']));
    }
    others.length = 0;
    assert.deepEqual(await lake.objectsHolding('procedure/', 'p-r2'), []);
    others.push(() => append(4, [{ id: 'r4', version: 1, performed: '2014-01-01' }]));
    await open(interrupted).partition(lake.session, 0);
    assert.deepEqual(await years(), { 2011: ['r1/1'], 2014: ['r4/1'] });
  });

  it('are divided while a batch is written, which then is written again as the table is now', async () => {
    await append(1, [{ id: 'a', version: 1, performed: '2019-01-01' }]);
    let divided = false;
    const interrupted: TableStore = {
      ...bound(lake.store),
      capabilities: lake.store.capabilities,
      putIfAbsent: async (key, ...rest) => {
        if (key.endsWith('.json') && !divided) {
          divided = true;
          await open().partition(lake.session, 0);
        }
        return lake.store.putIfAbsent(key, ...rest);
      },
    };
    await append(2, [{ id: 'b', version: 1, performed: '2020-01-01' }], open(interrupted));
    assert.deepEqual(await years(), { 2019: ['a/1'], 2020: ['b/1'] });
    const { files } = await open().delta.snapshot();
    const data = (await lake.keys('procedure/part-')).length;
    assert.equal(data, files.size + 1, 'only the file of the time before is left beside');
  });

  it('know the clinical date of every type that has one', async () => {
    for (const [type, { date }] of compartmentRules) {
      const [first = []] = date;
      const value = first.reduceRight<unknown>(
        (inner, step) => (step.endsWith('[]') ? { [step.slice(0, -2)]: [inner] } : { [step]: inner }),
        '2017-03',
      );
      const { rows } = await lake.session.query(
        `SELECT ${clinicalYearSql(type.toLowerCase())} AS year FROM (SELECT $text AS resource)`,
        { text: JSON.stringify(value) },
      );
      assert.equal(rows[0]?.year, date.length === 0 ? null : 2017, type);
    }
  });

  const sizes = [
    { kilobytes: 1, rows: 30_000, megabytes: 112 },
    { kilobytes: 5, rows: 6000, megabytes: 160 },
    { kilobytes: 20, rows: 3000, megabytes: 256 },
  ];
  // The middle one by `npm run test:sweeps` alone.
  for (const { kilobytes, rows, megabytes } of sizes.filter(({ kilobytes }) => sweepsWhole || kilobytes !== 5))
    it(`are divided and folded in ${megabytes} MB when resources are ${kilobytes} KB each`, async function () {
      this.timeout(60_000);
      const options = { memoryLimit: megabytes * 1024 * 1024, threads: 1 };
      const engine = new DuckDbQueryEngine({ spoolFolder: join(lake.root, 'small'), ...options });
      const session = await engine.session({ readableFolders: [lake.root] });
      const table = new CuratedTable(lake.store, 'Observation', engine);
      const text = `'{"resourceType":"Observation","effectiveDateTime":"' || (2020 + i % 3) || '","x":"' || repeat(md5(i::VARCHAR), ${32 * kilobytes}) || '"}'`;
      for (const version of [1, 2])
        await table.delta.append(
          lake.session,
          `SELECT md5(i::VARCHAR) AS id, ${version}::BIGINT AS version, TIMESTAMPTZ '2026-01-01' AS last_updated,
           'A' AS provider, 'p' AS patient_ref, false AS deleted, ${text} AS resource FROM range(${rows}) AS r(i)`,
        );
      assert.notEqual(await table.partition(session, 0), undefined);
      const relation = await table.delta.relation();
      const counts = `SELECT clinical_year AS year, count(*)::INTEGER AS rows, count(DISTINCT id)::INTEGER AS ids FROM ${relation} GROUP BY ALL ORDER BY year`;
      const ids = rows / 3;
      const expected = [2020, 2021, 2022].map((year) => ({ year, rows: 2 * ids, ids }));
      assert.deepEqual((await lake.session.query(counts)).rows, expected);
      assert.notEqual(await table.compact(session, false), undefined);
      const sums = `SELECT count(*)::INTEGER AS rows, min(version)::INTEGER AS oldest, min(strlen(resource)) > ${1000 * kilobytes} AS whole FROM ${await table.delta.relation()}`;
      assert.deepEqual((await lake.session.query(sums)).rows, [{ rows, oldest: 2, whole: true }]);
      await engine.close();
    });
});

/** The methods of a store, which a class keeps on its prototype. */
function bound(store: TableStore): Omit<TableStore, 'capabilities'> {
  return {
    putIfAbsent: store.putIfAbsent.bind(store),
    put: store.put.bind(store),
    read: store.read.bind(store),
    stream: store.stream.bind(store),
    list: store.list.bind(store),
    delete: store.delete.bind(store),
    localPath: store.localPath.bind(store),
  };
}
