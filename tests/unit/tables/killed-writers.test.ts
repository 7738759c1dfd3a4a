import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { MemoryObjectStore } from '../../../adapters/local/memory-object-store';
import { CuratedTable } from '../../../functions/tables/curated-table';
import type { DeltaTable, TableStore } from '../../../functions/tables/delta-table';
import { sweepsWhole } from '../../support/sweeps';
import { TableLake } from './table-lake';
import { changing, type Operation, watchedStore } from './watched-store';

const day = 24 * 3_600_000;
const start = Date.UTC(2026, 0, 1);

/** A store that dies with its process at one of its changes: right before it, or right after it (the answer is lost). */
function dying(
  store: TableStore,
  at: number,
  when: 'before' | 'after',
): TableStore & { readonly changes: () => number } {
  let changes = 0;
  let isDead = false;
  const die = (operation: Operation, moment: 'before' | 'after') => {
    if (isDead) throw new Error('killed');
    if (!changing.has(operation)) return;
    if (moment === 'before') changes += 1;
    isDead = changes === at && moment === when;
    if (isDead) throw new Error('killed');
  };
  const watched = watchedStore(store, {
    before: (operation) => die(operation, 'before'),
    after: (operation) => die(operation, 'after'),
  });
  return { ...watched, changes: () => changes };
}

/**
 * Every place to die at. A writer that dies right after a change leaves what one leaves that dies right before the next, unless it
 * makes several at once: all are tried by `npm run test:sweeps`, of those after a change only the last by `npm test`.
 */
function* deaths(changes: number): Generator<readonly [at: number, when: 'before' | 'after']> {
  for (let at = 1; at <= changes; at += 1) {
    yield [at, 'before'];
    if (sweepsWhole || at === changes) yield [at, 'after'];
  }
}

describe('a writer of a Delta table that is killed at any of its writes', function () {
  this.timeout(60_000);
  let lake: TableLake;
  before(async () => {
    lake = await new TableLake().open();
  });
  after(() => lake.close());
  beforeEach(() => mock.timers.enable({ apis: ['Date'], now: start }));
  afterEach(() => mock.timers.reset());

  const copyOf = async (store: TableStore): Promise<MemoryObjectStore> => {
    const copy = new MemoryObjectStore();
    for await (const { key } of store.list('')) await copy.put(key, await store.read(key));
    return copy;
  };

  /** Nine versions, so that the next one but one brings a checkpoint. */
  const prepared = async (): Promise<MemoryObjectStore> => {
    const store = new MemoryObjectStore();
    const table = lake.table('t', { partitionBy: ['part'] }, store);
    for (let n = 0; n < 10; n += 1)
      await table.append(lake.session, `SELECT ${n} AS n, CASE WHEN ${n} < 8 THEN 'a' ELSE 'b' END AS part`);
    return store;
  };
  const numbers = async (store: TableStore): Promise<string> =>
    String((await lake.column(lake.table('t', {}, store))).map(Number).sort((a, b) => a - b));

  const changes: Record<string, (table: DeltaTable) => Promise<unknown>> = {
    append: (table) => table.append(lake.session, "SELECT * FROM (VALUES (50, 'a'), (51, 'c')) AS v(n, part)"),
    overwrite: (table) => table.overwrite(lake.session, "SELECT 50 AS n, 'a' AS part"),
    overwritePartitions: (table) => table.overwritePartitions(lake.session, "SELECT 50 AS n, 'a' AS part"),
    deleteWhere: (table) => table.deleteWhere(lake.session, { column: 'n', from: 3, below: 6 }),
    replaceWhere: (table) =>
      table.replaceWhere(lake.session, { column: 'n', from: 3, below: 6 }, "SELECT 4 AS n, 'z' AS part"),
    compact: (table) => table.compact(lake.session),
    erase: (table) => table.erase(lake.session, { column: 'n', in: [4] }),
  };

  for (const [name, change] of Object.entries(changes)) {
    it(`leaves the old rows or the new ones, and nothing that vacuum does not take: ${name}`, async () => {
      const base = await prepared();
      const old = await numbers(base);
      const whole = await copyOf(base);
      const counted = dying(whole, 0, 'before');
      await change(lake.table('t', {}, counted));
      const fresh = await numbers(whole);
      assert.ok(counted.changes() >= 3 || name === 'compact');
      const seen = new Set<string>();
      for (const [at, when] of deaths(counted.changes())) {
        mock.timers.setTime(start);
        const store = await copyOf(base);
        await change(lake.table('t', {}, dying(store, at, when))).catch(() => undefined);
        const found = await numbers(store);
        assert.ok(found === old || found === fresh, `write ${at}, ${when} it`);
        seen.add(found);

        const next = lake.table('t', {}, store);
        assert.equal(typeof (await next.append(lake.session, "SELECT 99 AS n, 'b' AS part")), 'number');
        assert.equal(await numbers(store), `${found},99`);
        mock.timers.setTime(start + 3 * day);
        await next.vacuum(new Date(start + 2 * day));
        const { files } = await next.snapshot();
        const left: string[] = [];
        for await (const { key } of store.list('t/part-')) left.push(key);
        assert.equal(left.length, files.size, 'orphans are vacuumed');
        assert.equal(await numbers(store), `${found},99`);
      }
      if (old !== fresh) assert.deepEqual(seen, new Set([old, fresh]));
    });
  }

  it('has erased everything once the erasure is repeated', async () => {
    const marker = 'person-5c1e';
    const base = new MemoryObjectStore();
    const table = new CuratedTable(base, 'Patient', lake.engine);
    for (let batch = 1; batch <= 3; batch += 1) {
      await lake.appendBatch(table, batch, [
        { id: marker, version: batch },
        { id: `other-${batch}`, version: 1 },
      ]);
    }
    const erase = (store: TableStore) => new CuratedTable(store, 'Patient', lake.engine).erase(lake.session, [marker]);
    const counted = dying(await copyOf(base), 0, 'before');
    await erase(counted);
    for (const [at, when] of deaths(counted.changes())) {
      const store = await copyOf(base);
      await erase(dying(store, at, when)).catch(() => undefined);
      mock.timers.tick(1000);
      await erase(store);
      const held = await lake.objectsHolding('patient/', marker, store);
      assert.deepEqual(held, [], `write ${at}, ${when} it`);
      assert.equal((await lake.rows(new CuratedTable(store, 'Patient', lake.engine).delta)).length, 3);
    }
  });
});
