import assert from 'node:assert/strict';
import { isLakeError } from '../../../adapters/ports/errors';
import { deltaSchemaOf } from '../../../functions/tables/column-types';
import type { AddFile } from '../../../functions/tables/delta-actions';
import { mayHold, type RowFilter } from '../../../functions/tables/row-filter';
import { TableLake } from './table-lake';
import { watchedStore } from './watched-store';

describe('rows of a Delta table', () => {
  let lake: TableLake;
  before(async () => {
    lake = await new TableLake().open();
  });
  after(() => lake.close());

  const filesOf = async (name: string): Promise<AddFile[]> => [...(await lake.table(name).snapshot()).files.values()];
  const statsOf = async (name: string) => JSON.parse((await filesOf(name))[0]!.stats!);

  it('come with statistics that every row is within', async () => {
    await lake.table('stats').append(
      lake.session,
      `SELECT n, n::DECIMAL(20,2) AS price, 'x' || n AS name, DATE '2026-01-01' + n::INTEGER AS day,
       TIMESTAMPTZ '2026-01-01 00:00:00.000001+00' + to_days(n::INTEGER) AS at, n = 2 AS even, {'deep': n, 'list': [n]} AS inner,
       CASE WHEN n = 3 THEN 'nan'::DOUBLE ELSE n END AS ratio, repeat('ä', 70 + n::INTEGER) AS long, NULL::BIGINT AS nothing, '\\x01'::BLOB AS bytes
       FROM range(1, 4) AS t(n)`,
    );
    assert.deepEqual(await statsOf('stats'), {
      numRecords: 3,
      minValues: {
        n: 1,
        price: 1,
        name: 'x1',
        day: '2026-01-02',
        at: '2026-01-02T00:00:00.000Z',
        inner: { deep: 1 },
        long: 'ä'.repeat(64),
      },
      maxValues: {
        n: 3,
        price: 3,
        name: 'x3',
        day: '2026-01-04',
        at: '2026-01-04T00:00:00.001Z',
        inner: { deep: 3 },
      },
      nullCount: {
        n: 0,
        price: 0,
        name: 0,
        day: 0,
        at: 0,
        even: 0,
        inner: { deep: 0 },
        ratio: 0,
        long: 0,
        nothing: 3,
        bytes: 0,
      },
    });
    assert.match(await lake.logText('stats', 0), /"price\\":1\.00/, 'a decimal keeps its digits');
  });

  it('are looked for in a file whose statistics name a moment beyond all calendars', () => {
    const file = (max: string): AddFile => ({
      path: 'part-1.parquet',
      partitionValues: {},
      size: 1,
      modificationTime: 0,
      dataChange: true,
      stats: JSON.stringify({ numRecords: 1, maxValues: { at: max } }),
    });
    const schema = deltaSchemaOf([{ name: 'at', type: 'TIMESTAMP WITH TIME ZONE' }]);
    const since = { column: 'at', from: '2026-01-01T00:00:00.0005Z' };
    const held = ['+294247-01-10T04:00:54.775Z', '2026-01-01T00:00:00.000Z', '2025-12-31T23:59:59.998Z'];
    assert.deepEqual(
      held.map((max) => mayHold(since, file(max), schema)),
      [true, true, false],
    );
  });

  it('keep every digit of a 64-bit integer in the statistics', async () => {
    await lake.table('wide').append(lake.session, 'SELECT 9223372036854775807 AS n');
    assert.match((await filesOf('wide'))[0]!.stats!, /"maxValues":\{"n":9223372036854775807\}/);
  });

  it('have statistics of the first 32 columns, or of those the table names', async () => {
    const columns = Array.from({ length: 40 }, (_, n) => `${n}::INTEGER AS c${n}`).join(', ');
    await lake.table('many').append(lake.session, `SELECT ${columns}`);
    assert.equal(Object.keys((await statsOf('many')).nullCount).length, 32);
    const named = lake.table('named', { configuration: { 'delta.dataSkippingStatsColumns': 'c39' } });
    await named.append(lake.session, `SELECT ${columns}`);
    assert.deepEqual((await statsOf('named')).maxValues, { c39: 39 });
  });

  /** Four files with n from 0 to 39, ten each; the values of a filter, and how many files were fetched for it. */
  const fetchedFor = async (filter: RowFilter): Promise<[values: unknown[], files: number]> => {
    if ((await lake.table('skipped').schema()) === undefined) {
      for (let from = 0; from < 40; from += 10) {
        await lake
          .table('skipped')
          .append(
            lake.session,
            `SELECT n, 'k' || lpad(n::VARCHAR, 3, '0') AS k, TIMESTAMPTZ '2026-01-01 00:00:00Z' + to_days(n::INTEGER) AS t FROM range(${from}, ${from + 10}) AS r(n)`,
          );
      }
    }
    let fetched = 0;
    const fresh = await new TableLake(() =>
      watchedStore(lake.store, { before: (one) => (fetched += +(one === 'stream')) }),
    ).open();
    try {
      const relation = await fresh.table('skipped').relation(undefined, filter);
      const { rows } = await fresh.session.query(`SELECT n FROM ${relation} ORDER BY n`);
      return [rows.map(({ n }) => Number(n)), fetched];
    } finally {
      await fresh.close();
    }
  };

  for (const [name, filter, values, files] of [
    ['a value', { column: 'n', in: [12] }, [12], 1],
    ['values of two files', { column: 'k', in: ['k009', 'k030', 'none'] }, [9, 30], 2],
    ['a range', { column: 'n', from: 18, below: 21 }, [18, 19, 20], 2],
    ['moments', { column: 't', from: '2026-01-11T00:00:00Z', below: '2026-01-12T00:00:00Z' }, [10], 1],
    [
      'all of several',
      {
        all: [
          { column: 'n', from: 5 },
          { column: 'k', in: ['k001'] },
        ],
      },
      [],
      1,
    ],
    ['nothing', { column: 'n', in: [99] }, [], 0],
  ] as const) {
    it(`are read without the files that cannot hold them: ${name}`, async () => {
      assert.deepEqual(await fetchedFor(filter), [values, files]);
    });
  }

  it('are never skipped wrongly: any filter gives what a scan gives', async () => {
    const table = lake.table('scanned');
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed % below;
    };
    for (let file = 0; file < 6; file += 1) {
      const rows = Array.from({ length: 4 }, () => {
        const n = random(50);
        return `(${random(9) === 0 ? 'NULL' : `'${'aé€😀'[n % 3]}${'z'.repeat(n)}'`}, ${(n - 25) / 8}, TIMESTAMPTZ '2026-01-01 00:00:00Z' + to_microseconds(${n * 333}))`;
      });
      await table.append(lake.session, `SELECT s, d::DOUBLE AS d, t FROM (VALUES ${rows.join(', ')}) AS v(s, d, t)`);
    }
    const all = await lake.session.query(`SELECT s, d, t FROM ${await table.relation()}`);
    const moments = all.rows.map(({ t }) => `${String(t).replace(' ', 'T').replace('+00', '')}Z`);
    const values = {
      s: all.rows.flatMap(({ s }) => (s === null ? [] : [String(s)])),
      d: all.rows.map(({ d }) => Number(d)),
      t: moments,
    };
    for (let round = 0; round < 60; round += 1) {
      const column = (['s', 'd', 't'] as const)[round % 3]!;
      const some = values[column];
      const [one, other] = [some[random(some.length)]!, some[random(some.length)]!];
      const filter: RowFilter = round % 2 === 0 ? { column, in: [one, other] } : { column, from: one, below: other };
      const count = async (relation: string) =>
        Number((await lake.session.query(`SELECT count(*) AS n FROM ${relation}`)).rows[0]?.n);
      const quote = (value: string | number) => (typeof value === 'string' ? `'${value}'` : String(value));
      const condition =
        round % 2 === 0
          ? `${column} IN (${quote(one)}, ${quote(other)})`
          : `${column} >= ${quote(one)} AND ${column} < ${quote(other)}`;
      assert.equal(
        await count(await table.relation(undefined, filter)),
        await count(`(SELECT * FROM ${await table.relation()} WHERE ${condition})`),
        `round ${round}`,
      );
    }
  });

  it('lie in files by partition, whose values stand in the log alone', async () => {
    const table = lake.table('parts', { partitionBy: ['day', 'kind'] });
    await table.append(
      lake.session,
      "SELECT * FROM (VALUES (1, DATE '2026-01-01', 'a b/c='), (2, DATE '2026-01-01', NULL), (3, DATE '2026-01-02', 'ü')) AS v(n, day, kind)",
    );
    const partitions = (await filesOf('parts')).map(({ partitionValues }) => partitionValues);
    assert.deepEqual(
      partitions.sort((left, right) => JSON.stringify(left).localeCompare(JSON.stringify(right))),
      [
        { day: '2026-01-01', kind: 'a b/c=' },
        { day: '2026-01-01', kind: null },
        { day: '2026-01-02', kind: 'ü' },
      ],
    );
    assert.deepEqual(await lake.rows(table), [
      { n: 1, day: '2026-01-01', kind: 'a b/c=' },
      { n: 2, day: '2026-01-01', kind: null },
      { n: 3, day: '2026-01-02', kind: 'ü' },
    ]);
    const some = await table.relation(undefined, { column: 'kind', in: ['ü'] });
    assert.deepEqual((await lake.session.query(`SELECT n FROM ${some}`)).rows, [{ n: 3 }]);
    await table.overwritePartitions(
      lake.session,
      "SELECT * FROM (VALUES (9, DATE '2026-01-02', 'ü'), (8, DATE '2026-01-03', 'new')) AS v(n, day, kind)",
    );
    assert.deepEqual(await lake.column(table), [1, 2, 8, 9]);
  });

  for (const [name, select] of [
    ['an empty text', "SELECT 1 AS n, '' AS part"],
    ['a type that readers write differently', 'SELECT 1 AS n, 1.5::DOUBLE AS part'],
    ['a column that is not there', 'SELECT 1 AS n'],
  ] as const) {
    it(`are refused in a partition by ${name}`, async () => {
      const refused = name.replaceAll(' ', '-');
      await assert.rejects(
        lake.table(refused, { partitionBy: ['part'] }).append(lake.session, select),
        (error) => isLakeError(error, 'InvalidArgument') && /part/.test(String(error)),
      );
      assert.deepEqual(await lake.keys(`${refused}/`), []);
    });
  }

  it('are deleted by filter: NULLs and files without a match stay as they are', async () => {
    const table = lake.table('deleted');
    await table.append(lake.session, 'SELECT * FROM (VALUES (1), (2), (NULL)) AS v(n)');
    await table.append(lake.session, 'SELECT * FROM (VALUES (7), (8)) AS v(n)');
    await table.append(lake.session, 'SELECT 2 AS n');
    const before = await filesOf('deleted');
    const deletion = await table.deleteWhere(lake.session, { column: 'n', in: [2] });
    assert.equal(deletion.rows, 2);
    assert.equal(deletion.version, 3);
    assert.deepEqual([...deletion.rewrittenFiles].sort(), [before[0]!.path, before[2]!.path].sort());
    assert.ok((await filesOf('deleted')).some(({ path }) => path === before[1]!.path));
    assert.deepEqual(await lake.column(table), [1, 7, 8, null]);
    assert.deepEqual(await lake.column(table, 2), [1, 2, 2, 7, 8, null]);
    assert.deepEqual(await table.deleteWhere(lake.session, { column: 'n', in: [99] }), {
      rows: 0,
      rewrittenFiles: [],
      version: undefined,
    });
    await assert.rejects(table.deleteWhere(lake.session, { column: 'm', in: [1] }), /Its columns: n\./);
  });

  it('are replaced by filter in one version, and only by rows of the filter', async () => {
    const table = lake.table('replaced');
    await table.append(lake.session, 'SELECT n, 0 AS v FROM range(6) AS r(n)');
    const filter = { column: 'n', from: 2, below: 4 };
    assert.equal(await table.replaceWhere(lake.session, filter, 'SELECT 3::BIGINT AS n, 1 AS v'), 1);
    assert.deepEqual(await lake.column(table), ['0', '1', '3', '4', '5']);
    await assert.rejects(table.replaceWhere(lake.session, filter, 'SELECT 9::BIGINT AS n, 1 AS v'), (error) =>
      isLakeError(error, 'InvalidArgument'),
    );
    await assert.rejects(table.replaceWhere(lake.session, filter, 'SELECT NULL::BIGINT AS n, 1 AS v'), (error) =>
      isLakeError(error, 'InvalidArgument'),
    );
  });

  it('are merged by compaction without a change, partition by partition', async () => {
    const table = lake.table('merged', { partitionBy: ['part'] });
    for (let n = 0; n < 6; n += 1) await table.append(lake.session, `SELECT ${n} AS n, 'p${n % 2}' AS part`);
    const before = await lake.rows(table);
    await table.compact(lake.session);
    assert.equal((await filesOf('merged')).length, 2);
    assert.deepEqual(await lake.rows(table), before);
    assert.equal(await table.compact(lake.session), undefined);
    const actions = (await lake.logText('merged', 6))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.ok(actions.every((action) => (action.add ?? action.remove ?? { dataChange: false }).dataChange === false));
  });

  it('take columns that came later as NULL, and keep the order of the columns', async () => {
    const table = lake.table('evolved');
    await table.append(lake.session, "SELECT 1 AS n, {'a': 'x'} AS s");
    await table.append(lake.session, "SELECT 'late' AS more, {'a': 'y'} AS s, 2 AS n");
    assert.deepEqual(await lake.rows(table), [
      { n: 1, s: { a: 'x' }, more: null },
      { n: 2, s: { a: 'y' }, more: 'late' },
    ]);
    assert.deepEqual(Object.keys((await lake.rows(table, 0))[0]!), ['n', 's']);
    await table.compact(lake.session);
    assert.deepEqual((await lake.rows(table)).length, 2);
  });
});
