import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDbQueryEngine } from '../../adapters/duckdb/duckdb-query-engine';
import type { ObjectStore } from '../../adapters/ports/object-store';
import type { QuerySession } from '../../adapters/ports/query-engine';
import { DeltaTable } from '../../functions/tables/delta-table';
import { keysOf } from './object-store-harness';

/** What a Delta table needs of the store it lies in: one winner of each version, whole reads, listings that miss nothing. */
export function deltaTableContract(
  name: string,
  harness: () => Promise<{ readonly store: ObjectStore; readonly stop: () => Promise<void> }>,
): void {
  describe(`Delta tables in ${name}`, function () {
    this.timeout(120_000);
    const root = mkdtempSync(join(tmpdir(), 'lake-contract-tables-'));
    let engine: DuckDbQueryEngine;
    let session: QuerySession;
    let home: Awaited<ReturnType<typeof harness>>;
    before(async () => {
      engine = new DuckDbQueryEngine({ spoolFolder: join(root, 'spool'), threads: 1 });
      session = await engine.session({ readableFolders: [root] });
      home = await harness();
    });
    after(async () => {
      await engine.close();
      await home.stop();
      rmSync(root, { recursive: true, force: true });
    });
    const table = (path: string) => new DeltaTable(home.store, path, engine);
    const numbersOf = async (path: string) => {
      const { rows } = await session.query(`SELECT n FROM ${await table(path).relation()} ORDER BY n`);
      return rows.map(({ n }) => Number(n));
    };

    it('land each commit of 32 writers exactly once, without a gap in the log', async () => {
      const writers = Array.from({ length: 32 }, async (_, writer) => {
        const own = table('race');
        const append = (n: number) => own.append(session, `SELECT ${n}::BIGINT AS n`);
        return [await append(writer * 2), await append(writer * 2 + 1)];
      });
      const versions = (await Promise.all(writers)).flat().map(Number);
      assert.deepEqual(
        versions.sort((a, b) => a - b),
        [...versions.keys()],
      );
      assert.deepEqual(await numbersOf('race'), [...Array(64).keys()]);
      const log = (await keysOf(home.store, 'race/_delta_log/')).filter((key) => /\d{20}\.json$/.test(key));
      assert.equal(log.length, 64);
    });

    it('are read from a checkpoint, changed, compacted and erased, and what is left is what the log names', async () => {
      const own = table('changed');
      for (let n = 0; n < 12; n += 1) await own.append(session, `SELECT ${n}::BIGINT AS n`);
      assert.equal((await table('changed').deleteWhere(session, { column: 'n', in: [3, 4] })).rows, 2);
      await table('changed').compact(session);
      assert.deepEqual(await numbersOf('changed'), [0, 1, 2, 5, 6, 7, 8, 9, 10, 11]);
      assert.equal((await table('changed').snapshot(11)).files.size, 12);
      assert.equal((await table('changed').erase(session, { column: 'n', in: [7] })).rows, 1);
      assert.deepEqual(await numbersOf('changed'), [0, 1, 2, 5, 6, 8, 9, 10, 11]);
      const { files } = await table('changed').snapshot();
      const left = (await keysOf(home.store, 'changed/part-')).map((key) => key.slice('changed/'.length));
      assert.deepEqual(left, [...files.keys()].sort());
      await own.append(session, 'SELECT 99::BIGINT AS n');
      assert.equal((await numbersOf('changed')).at(-1), 99);
    });
  });
}
