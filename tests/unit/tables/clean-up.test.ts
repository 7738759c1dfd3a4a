import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { isLakeError } from '../../../adapters/ports/errors';
import { CuratedTable } from '../../../functions/tables/curated-table';
import { TableLake } from './table-lake';

const day = 24 * 3_600_000;
const start = Date.UTC(2026, 0, 1);

describe('clean-up of Delta tables', () => {
  let lake: TableLake;
  before(async () => {
    lake = await new TableLake().open();
  });
  after(() => lake.close());
  beforeEach(() => mock.timers.enable({ apis: ['Date'], now: start }));
  afterEach(() => mock.timers.reset());

  it('vacuums what was removed before the age, and orphans, and nothing that a version since then names', async () => {
    const table = lake.table('vacuumed');
    await table.append(lake.session, 'SELECT 1 AS n');
    await lake.store.putIfAbsent('vacuumed/part-orphan.zstd.parquet', Buffer.from('of a writer that died'));
    mock.timers.setTime(start + 2 * day);
    await table.overwrite(lake.session, 'SELECT 2 AS n');
    mock.timers.setTime(start + 4 * day);
    await table.overwrite(lake.session, 'SELECT 3 AS n');
    await lake.store.putIfAbsent('vacuumed/part-young.zstd.parquet', Buffer.from('of a writer at work'));
    assert.equal(await table.vacuum(new Date(start + 3 * day)), 2);
    assert.deepEqual(await lake.column(table, 1), [2]);
    assert.deepEqual(await lake.column(table), [3]);
    await assert.rejects(lake.column(table, 0));
    assert.ok((await lake.keys('vacuumed/')).includes('vacuumed/part-young.zstd.parquet'));
  });

  it('refuses to vacuum what is younger than the longest reader', async () => {
    await assert.rejects(lake.table('vacuumed').vacuum(new Date(Date.now() - day + 1)), (error) =>
      isLakeError(error, 'InvalidArgument'),
    );
  });

  it('gives the current state of a curated table by version, whatever the order of batches', async () => {
    const table = new CuratedTable(lake.store, 'Encounter', lake.engine);
    await lake.appendBatch(table, 1, [
      { id: 'a', version: 2 },
      { id: 'b', version: 1 },
    ]);
    await lake.appendBatch(table, 2, [
      { id: 'a', version: 1 },
      { id: 'b', version: 2, deleted: true },
    ]);
    assert.equal(await lake.appendBatch(table, 2, [{ id: 'z', version: 9 }]), undefined);
    const current = async () =>
      (await lake.session.query(`SELECT id, version FROM ${await table.currentState()} ORDER BY id`)).rows;
    assert.deepEqual(await current(), [{ id: 'a', version: '2' }]);
    await table.compact(lake.session);
    assert.equal((await lake.rows(table.delta)).length, 4);
    await table.compact(lake.session, false);
    assert.deepEqual(
      (await lake.rows(table.delta)).map(({ id, version, deleted }) => [id, version, deleted]),
      [
        ['a', '2', false],
        ['b', '2', true],
      ],
    );
    await lake.appendBatch(table, 3, [{ id: 'b', version: 1 }]);
    assert.deepEqual(await current(), [{ id: 'a', version: '2' }], 'a late version brings nothing deleted back');
    assert.deepEqual(await lake.rows(table.delta, 1).then((rows) => rows.length), 4, 'history by time travel');
  });

  it('folds only files of which enough is superseded, and loses nothing that is appended meanwhile', async () => {
    const table = new CuratedTable(lake.store, 'Condition', lake.engine);
    const many = (version: number, count: number) =>
      Array.from({ length: count }, (_, n) => ({ id: `c-${n}`, version, text: `${n} ${'x'.repeat(n)}` }));
    await lake.appendBatch(table, 1, many(1, 10));
    await lake.appendBatch(table, 2, many(2, 1));
    assert.equal(await table.compact(lake.session, false, { targetBytes: 1 }), undefined, 'a tenth is superseded');
    let armed = true;
    const interrupted: typeof lake.session = {
      query: (...call) => lake.session.query(...call),
      describe: (sql) => lake.session.describe(sql),
      close: () => lake.session.close(),
      run: async (...call) => {
        await lake.session.run(...call);
        if (!armed) return;
        armed = false;
        await lake.appendBatch(new CuratedTable(lake.store, 'Condition', lake.engine), 3, [{ id: 'c-1', version: 2 }]);
      },
    };
    await table.compact(interrupted, false, { targetBytes: 1, staleShare: 0.1 });
    assert.equal(armed, false);
    const left = (await lake.rows(table.delta)).map(({ id, version }) => `${id} ${version}`).sort();
    const first = Array.from({ length: 9 }, (_, n) => `c-${n + 1} 1`);
    assert.deepEqual(left, [...first, 'c-0 2', 'c-1 2'].sort());
    assert.equal(
      (await lake.session.query(`SELECT count(*) AS n FROM ${await table.currentState()}`)).rows[0]?.n,
      '10',
    );
  });

  it('merges small files as soon as there are many, and keeps every version', async () => {
    const table = new CuratedTable(lake.store, 'Observation', lake.engine);
    for (let batch = 1; batch <= 5; batch += 1) await lake.appendBatch(table, batch, [{ id: 'o', version: batch }]);
    assert.equal(await table.tidy(lake.session, 6), false);
    assert.equal((await table.delta.snapshot()).files.size, 5);
    assert.equal(await table.tidy(lake.session, 5), true);
    assert.equal((await table.delta.snapshot()).files.size, 1);
    assert.equal((await lake.rows(table.delta)).length, 5);
    assert.equal(await table.tidy(lake.session, 5), false);
    mock.timers.setTime(start + 8 * day);
    for (let batch = 6; batch <= 10; batch += 1) await lake.appendBatch(table, batch, [{ id: 'o', version: batch }]);
    await table.tidy(lake.session, 6);
    assert.equal((await lake.keys('observation/part-')).length, 7, 'merged more than a week ago: gone');
  });

  it('leaves nothing of an erased person in files, statistics, checkpoints, log and copies', async () => {
    const table = new CuratedTable(lake.store, 'Patient', lake.engine);
    const marker = 'person-7f3a91';
    for (let batch = 1; batch <= 12; batch += 1) {
      await lake.appendBatch(table, batch, [
        { id: `other-${batch}`, version: 1 },
        ...(batch % 4 === 0 ? [{ id: marker, version: batch, text: `says ${marker}` }] : []),
      ]);
    }
    await table.compact(lake.session);
    await lake.appendBatch(table, 13, [{ id: marker, version: 13, deleted: true }]);
    await lake.rows(table.delta);
    const before = await lake.objectsHolding('patient/', marker);
    assert.ok(before.some((key) => key.endsWith('.json')) && before.some((key) => key.includes('.checkpoint.')));
    assert.ok(before.some((key) => key.includes('part-')));
    const history = await lake.rows(table.delta, 11);
    assert.ok(history.length > 0);

    const { rows, rewrittenFiles } = await table.erase(lake.session, [marker]);
    assert.equal(rows, 4);
    assert.equal(rewrittenFiles.length, 2);
    assert.deepEqual(await lake.objectsHolding('patient/', marker), []);
    assert.equal((await lake.rows(new CuratedTable(lake.store, 'Patient', lake.engine).delta)).length, 12);
    await assert.rejects(table.delta.snapshot(11), (error) => isLakeError(error, 'NotFound'));
    assert.equal(await lake.appendBatch(table, 13, [{ id: marker, version: 13 }]), undefined, 'batches stay known');
    assert.equal((await table.erase(lake.session, [marker])).rows, 0);
  });

  it('deletes orphans with the history that an erasure forgets', async () => {
    const table = lake.table('forgotten');
    await table.append(lake.session, "SELECT 'person' AS id");
    await lake.store.putIfAbsent('forgotten/part-orphan.zstd.parquet', Buffer.from('person'));
    mock.timers.setTime(start + 1000);
    await table.overwrite(lake.session, "SELECT 'else' AS id");
    await table.forgetHistory(lake.session);
    assert.deepEqual(await lake.objectsHolding('forgotten/', 'person'), []);
    assert.deepEqual(await lake.column(table), ['else']);
  });
});
