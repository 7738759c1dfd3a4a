import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { isLakeError } from '../../../adapters/ports/errors';
import { TableLake } from './table-lake';

describe('columns of a Delta table', () => {
  let lake: TableLake;
  before(async () => {
    lake = await new TableLake().open();
  });
  after(() => lake.close());

  for (const [type, value, instead] of [
    ['HUGEINT', '1::HUGEINT', 'BIGINT'],
    ['HUGEINT', 'sum(n) FROM (SELECT 1::BIGINT AS n)', 'BIGINT'],
    ['TIMESTAMP', "TIMESTAMP '2026-01-01'", 'TIMESTAMPTZ'],
    ['TIMESTAMP_NS', "TIMESTAMP_NS '2026-01-01'", 'TIMESTAMPTZ'],
    ['TIME', "TIME '10:00:00'", 'VARCHAR'],
    ['UUID', 'uuid()', 'VARCHAR'],
    ['UINTEGER', '1::UINTEGER', 'BIGINT'],
    ['UTINYINT', '1::UTINYINT', 'VARCHAR'],
    ['UBIGINT', '1::UBIGINT', 'DECIMAL(20,0)'],
    ['JSON', "'{}'::JSON", 'VARCHAR'],
    ['INTERVAL', 'INTERVAL 1 DAY', 'VARCHAR'],
    ['BIT', "'101'::BIT", 'VARCHAR'],
    ['UUID', "{'a': [uuid()]}", 'VARCHAR'],
    ['TIMESTAMP', "MAP {'a': TIMESTAMP '2026-01-01'}", 'TIMESTAMPTZ'],
  ] as const) {
    const [expression, from] = value.split(' FROM ');
    it(`are refused before anything is written: ${expression}`, async () => {
      const select = `SELECT ${expression} AS c${from === undefined ? '' : ` FROM ${from}`}`;
      await assert.rejects(
        lake.table('types').append(lake.session, select),
        (error: Error) =>
          isLakeError(error, 'InvalidArgument') &&
          error.message.startsWith(`Column c has the type ${type}`) &&
          error.message.includes(`Cast it to ${instead}`) &&
          error.message.includes('Allowed: BOOLEAN'),
      );
      assert.deepEqual(await lake.keys('types/'), []);
    });
  }

  for (const [name, select] of [
    ['equal but for capitals', 'SELECT 1 AS name, 2 AS "Name"'],
    ['with a space', 'SELECT 1 AS "a b"'],
    ['with a comma, in a struct', "SELECT {'a,b': 1} AS c"],
    // A filter on it would find nothing: DuckDB takes it for the file's own.
    ['filename', 'SELECT 1 AS "FileName"'],
  ] as const) {
    it(`are refused with names that are ${name}`, async () => {
      await assert.rejects(lake.table('names').append(lake.session, select), (error) =>
        isLakeError(error, 'InvalidArgument'),
      );
    });
  }

  it('may be added, and not change their type', async () => {
    const table = lake.table('schema');
    await table.append(lake.session, "SELECT 'a' AS name");
    await table.append(lake.session, "SELECT 'b' AS name, DATE '2026-01-02' AS day");
    assert.deepEqual(await lake.rows(table), [
      { name: 'a', day: null },
      { name: 'b', day: '2026-01-02' },
    ]);
    for (const select of ['SELECT 1::INTEGER AS name', 'SELECT \'c\' AS name, 1 AS "Day"']) {
      await assert.rejects(
        table.append(lake.session, select),
        (error) => isLakeError(error, 'PreconditionFailed') || isLakeError(error, 'InvalidArgument'),
      );
    }
    assert.equal((await lake.rows(table)).length, 2);
  });

  it('are replaced with all rows where that is asked for, and earlier versions keep theirs', async () => {
    const table = lake.table('columns_replaced');
    await table.append(lake.session, "SELECT 1 AS n, 'a' AS text");
    await assert.rejects(table.overwrite(lake.session, "SELECT 'one' AS n"), (error) =>
      isLakeError(error, 'PreconditionFailed'),
    );
    await table.overwrite(lake.session, "SELECT 'one' AS n, true AS more", { columns: 'replace' });
    assert.deepEqual(await lake.rows(table), [{ n: 'one', more: true }]);
    assert.deepEqual(await lake.rows(lake.table('columns_replaced'), 0), [{ n: 1, text: 'a' }]);
    await table.overwrite(lake.session, "SELECT 'two' AS n, true AS more", { columns: 'replace' });
    assert.ok(
      !(await lake.logText('columns_replaced', 2)).includes('metaData'),
      'the same columns are not declared again',
    );
  });

  it('are of Parquet V1 pages, compressed by zstd', async () => {
    const table = lake.table('parquet');
    await table.append(lake.session, "SELECT n, n::DOUBLE AS d, 'x' AS s FROM range(9) AS r(n)");
    await lake.rows(table);
    const key = (await lake.keys('parquet/part'))[0]!;
    const bytes = Buffer.from(await lake.store.read(key));
    writeFileSync(`${lake.root}/one.parquet`, bytes);
    const { rows } = await lake.session.query(
      `SELECT DISTINCT compression, encodings FROM parquet_metadata('${lake.root}/one.parquet') ORDER BY ALL`,
    );
    assert.ok(rows.every(({ compression }) => compression === 'ZSTD'));
    // Encodings that came with V2.
    assert.ok(rows.every(({ encodings }) => !/DELTA_|BYTE_STREAM_SPLIT/.test(String(encodings))));
  });
});
