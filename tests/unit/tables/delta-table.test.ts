import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDbQueryEngine } from '../../../adapters/duckdb/duckdb-query-engine';
import { FileObjectStore } from '../../../adapters/local/file-object-store';
import { isLakeError } from '../../../adapters/ports/errors';
import type { QuerySession } from '../../../adapters/ports/query-engine';
import { CuratedTable } from '../../../functions/tables/curated-table';
import { DeltaTable } from '../../../functions/tables/delta-table';

describe('DeltaTable', () => {
  let root: string;
  let engine: DuckDbQueryEngine;
  let session: QuerySession;
  let store: FileObjectStore;

  before(async () => {
    root = mkdtempSync(join(tmpdir(), 'lake-delta-'));
    engine = new DuckDbQueryEngine({ spoolFolder: join(root, 'spool') });
    store = new FileObjectStore(join(root, 'tables'));
    session = await engine.session({ readableFolders: [join(root, 'tables'), root] });
  });
  after(async () => {
    await engine.close();
    rmSync(root, { recursive: true, force: true });
  });

  const rowsOf = async (table: DeltaTable, version?: number) =>
    (await session.query(`SELECT * FROM ${await table.relation(await table.snapshot(version))} ORDER BY ALL`)).rows;

  it('appends, overwrites and keeps every version readable', async () => {
    const table = new DeltaTable(store, 'numbers', engine);
    await table.append(session, 'SELECT 1::BIGINT AS n');
    await table.append(session, 'SELECT 2::BIGINT AS n');
    await table.overwrite(session, 'SELECT 9::BIGINT AS n');
    assert.deepEqual(await rowsOf(table), [{ n: '9' }]);
    assert.deepEqual(await rowsOf(table, 1), [{ n: '1' }, { n: '2' }]);
  });

  it('takes a batch of an application once', async () => {
    const table = new DeltaTable(store, 'batches', engine);
    const write = (version: number) =>
      table.append(session, 'SELECT 1::INTEGER AS n', { transaction: { appId: 'job', version } });
    assert.equal(await write(1), 0);
    assert.equal(await write(1), undefined);
    assert.equal((await rowsOf(table)).length, 1);
  });

  it('lands the commits of concurrent writers exactly once, without a gap in the log', async () => {
    const writers = Array.from({ length: 16 }, (_, n) =>
      new DeltaTable(store, 'race', engine).append(session, `SELECT ${n}::INTEGER AS n`),
    );
    const versions = await Promise.all(writers);
    assert.deepEqual(
      [...versions].sort((a, b) => Number(a) - Number(b)),
      Array.from({ length: 16 }, (_, n) => n),
    );
    assert.deepEqual(
      (await rowsOf(new DeltaTable(store, 'race', engine))).map(({ n }) => n),
      Array.from({ length: 16 }, (_, n) => n),
    );
  });

  it('adds columns, and refuses another type under the same name', async () => {
    const table = new DeltaTable(store, 'schema', engine);
    await table.append(session, "SELECT 'a' AS name");
    await table.append(session, "SELECT 'b' AS name, DATE '2026-01-02' AS day");
    assert.deepEqual(await rowsOf(table), [
      { name: 'a', day: null },
      { name: 'b', day: '2026-01-02' },
    ]);
    await assert.rejects(table.append(session, 'SELECT 1::INTEGER AS name'), (error) =>
      isLakeError(error, 'PreconditionFailed'),
    );
  });

  for (const [type, value] of [
    ['HUGEINT', '1::HUGEINT'],
    ['TIMESTAMP', "TIMESTAMP '2026-01-01'"],
    ['UUID', 'uuid()'],
  ]) {
    it(`refuses a column of ${type}, saying which cast to write`, async () => {
      await assert.rejects(
        new DeltaTable(store, 'types', engine).append(session, `SELECT ${value} AS c`),
        /Column c has the type .* Cast it to/,
      );
    });
  }

  it('gives the current state of a curated table, and forgets what is erased', async () => {
    const table = new CuratedTable(store, 'Patient', engine);
    const row = (id: string, version: number, deleted: boolean) =>
      JSON.stringify({
        id,
        version,
        last_updated: '2026-01-01T00:00:00.000Z',
        provider: 'A',
        patient_ref: id,
        deleted,
        resource: `{"v":${version}.50}`,
      });
    const file = join(root, 'batch.ndjson');
    writeFileSync(
      file,
      [row('a', 1, false), row('a', 2, false), row('b', 1, false), row('b', 2, true), row('c', 1, false)].join('\n'),
    );
    await table.appendBatch(session, 1, file);
    await table.appendBatch(session, 1, file);
    const current = async () =>
      (await session.query(`SELECT id, resource FROM ${await table.currentState()} ORDER BY id`)).rows;
    assert.deepEqual(await current(), [
      { id: 'a', resource: '{"v":2.50}' },
      { id: 'c', resource: '{"v":1.50}' },
    ]);
    assert.equal((await table.erase(session, ['a'])).rows, 2);
    assert.deepEqual(
      (await current()).map(({ id }) => id),
      ['c'],
    );
  });
});
