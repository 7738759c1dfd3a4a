import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mock } from 'node:test';
import { isLakeError, LakeError } from '../../../adapters/ports/errors';
import { TableLake } from './table-lake';
import { type Operation, watchedStore } from './watched-store';

const day = 24 * 3_600_000;

describe('the log of a Delta table', () => {
  let lake: TableLake;
  before(async () => {
    lake = await new TableLake().open();
  });
  after(() => lake.close());
  afterEach(() => mock.timers.reset());

  const appendMany = async (name: string, count: number, from = 0) => {
    const table = lake.table(name);
    for (let n = from; n < from + count; n += 1) await table.append(lake.session, `SELECT ${n}::BIGINT AS n`);
    return table;
  };
  const numbers = (count: number) => Array.from({ length: count }, (_, n) => String(n));

  it('gets a checkpoint every ten versions, which alone gives the table', async () => {
    await appendMany('checkpointed', 13);
    assert.deepEqual(JSON.parse(await lake.text('checkpointed/_delta_log/_last_checkpoint')), {
      version: 10,
      size: 13,
    });
    for (let version = 0; version < 10; version += 1)
      await lake.store.delete(`checkpointed/_delta_log/${String(version).padStart(20, '0')}.json`);
    const table = lake.table('checkpointed');
    const rows = await lake.rows(table);
    assert.deepEqual(
      rows.map(({ n }) => Number(n)).sort((a, b) => a - b),
      [...Array(13).keys()],
    );
    assert.equal(await table.append(lake.session, 'SELECT 13::BIGINT AS n'), 13);
  });

  it('keeps batches, properties and removals in a checkpoint', async () => {
    const table = lake.table('kept', { configuration: { 'delta.appendOnly': 'false' } });
    await table.append(lake.session, 'SELECT 1::BIGINT AS n', { transaction: { appId: 'job', version: 7 } });
    await table.overwrite(lake.session, 'SELECT 2::BIGINT AS n');
    await table.checkpoint(lake.session);
    for (const version of [0, 1]) await lake.store.delete(`kept/_delta_log/0000000000000000000${version}.json`);
    const snapshot = await lake.table('kept').snapshot();
    assert.equal(snapshot.version, 1);
    assert.equal(snapshot.transactions.get('job'), 7);
    assert.deepEqual(snapshot.metaData?.configuration, { 'delta.appendOnly': 'false' });
    assert.equal(snapshot.tombstones.size, 1);
    assert.equal([...snapshot.files.values()][0]?.dataChange, false);
  });

  it('is read from a checkpoint that another writer split, and that lacks columns of actions it has none of', async () => {
    await appendMany('split', 11);
    const log = 'split/_delta_log/';
    const whole = `${log}00000000000000000010.checkpoint.parquet`;
    const file = join(lake.root, 'whole.parquet');
    writeFileSync(file, await lake.store.read(whole));
    for (const [part, condition] of [
      [1, 'add IS NULL'],
      [2, 'add IS NOT NULL'],
    ] as const) {
      const half = join(lake.root, `half-${part}.parquet`);
      await lake.session.run(
        `COPY (SELECT protocol, metaData, add FROM read_parquet('${file}') WHERE ${condition}) TO '${half}' (FORMAT parquet)`,
      );
      const key = `${log}00000000000000000010.checkpoint.000000000${part}.0000000002.parquet`;
      await lake.store.putIfAbsent(key, readFileSync(half));
    }
    await lake.store.delete(whole);
    for (let version = 0; version < 10; version += 1)
      await lake.store.delete(`${log}${String(version).padStart(20, '0')}.json`);
    assert.equal((await lake.rows(lake.table('split'))).length, 11);
    await lake.store.delete(`${log}00000000000000000010.checkpoint.0000000001.0000000002.parquet`);
    await assert.rejects(lake.table('split').snapshot(), /Version 0 is missing/);
  });

  it('of ten thousand versions is opened with a handful of reads, and followed with one', async () => {
    const table = await appendMany('long', 1);
    for (let version = 1; version <= 10_000; version += 1) {
      const add = { path: `p${version}`, partitionValues: {}, size: 1, modificationTime: 1, dataChange: true };
      await lake.putLog('long', version, [{ add }]);
    }
    await table.checkpoint(lake.session);
    const operations: Operation[] = [];
    const counted = lake.table('long', {}, watchedStore(lake.store, { before: (one) => operations.push(one) }));
    assert.equal((await counted.snapshot()).files.size, 10_001);
    assert.deepEqual(operations, ['read', 'list', 'read']);
    await appendMany('long', 1, 1);
    operations.length = 0;
    assert.equal((await counted.snapshot()).version, 10_001);
    assert.deepEqual(operations, ['list', 'read']);
  });

  it('does without its hint: absent, outdated or damaged', async () => {
    await appendMany('hinted', 12);
    const hint = 'hinted/_delta_log/_last_checkpoint';
    for (const text of ['{"version":99,"size":1}', 'no JSON', '{"version":"10"}']) {
      await lake.store.put(hint, Buffer.from(text));
      assert.equal((await lake.table('hinted').snapshot()).version, 11);
    }
    await lake.store.delete(hint);
    assert.equal((await lake.table('hinted').snapshot()).version, 11);
  });

  it('is refused when its checkpoint is damaged, and read without it', async () => {
    await appendMany('damaged', 11);
    const key = 'damaged/_delta_log/00000000000000000010.checkpoint.parquet';
    await lake.store.put(key, Buffer.from('PAR1 no table PAR1'));
    await assert.rejects(lake.table('damaged').snapshot(), /checkpoint in the log of a table is damaged/);
    await lake.store.delete(key);
    assert.equal((await lake.rows(lake.table('damaged'))).length, 11);
  });

  it('is refused when a version is missing', async () => {
    await appendMany('gap', 5);
    await lake.store.delete('gap/_delta_log/00000000000000000002.json');
    await assert.rejects(lake.table('gap').snapshot(), /Version 2 is missing/);
  });

  it('gives the table at a version and at a moment', async () => {
    mock.timers.enable({ apis: ['Date'], now: Date.UTC(2026, 0, 1) });
    const table = await appendMany('travel', 1);
    mock.timers.setTime(Date.UTC(2026, 0, 3));
    await appendMany('travel', 12, 1);
    assert.deepEqual(await lake.column(table, new Date(Date.UTC(2026, 0, 2))), ['0']);
    assert.deepEqual(await lake.column(table, 1), ['0', '1']);
    assert.equal((await lake.column(table, 11)).length, 12);
    for (const point of [-1, 13, 0.5, new Date(Date.UTC(2025, 0, 1))])
      await assert.rejects(table.snapshot(point), (error) => isLakeError(error, 'NotFound'));
  });

  it('is cleaned up to the newest checkpoint that no version within the age needs', async () => {
    mock.timers.enable({ apis: ['Date'], now: Date.UTC(2026, 0, 1) });
    await appendMany('aged', 15);
    mock.timers.setTime(Date.UTC(2026, 0, 11));
    const table = await appendMany('aged', 10, 15);
    mock.timers.setTime(Date.UTC(2026, 0, 12));
    await table.vacuum(new Date(Date.now() - 5 * day));
    const versions = (await lake.keys('aged/_delta_log/0')).map((key) => Number(key.slice(16, 36)));
    assert.equal(Math.min(...versions), 10);
    assert.deepEqual((await lake.column(lake.table('aged'), 14)).length, 15);
    assert.deepEqual((await lake.column(lake.table('aged'))).length, 25);
    await assert.rejects(lake.table('aged').snapshot(9), /Versions 10 to 24 can be read/);
  });

  it('is left alone by a clean-up when no checkpoint is old enough', async () => {
    mock.timers.enable({ apis: ['Date'], now: Date.UTC(2026, 0, 1) });
    const table = await appendMany('young', 5);
    mock.timers.setTime(Date.UTC(2026, 1, 1));
    await appendMany('young', 6, 5);
    mock.timers.setTime(Date.UTC(2026, 1, 3));
    await table.vacuum(new Date(Date.now() - 2.5 * day));
    assert.deepEqual(await lake.column(lake.table('young'), 0), ['0']);
  });

  it('takes a version once when the answer of the store is lost', async () => {
    let losing = true;
    const lossy = watchedStore(lake.store, {
      after: (operation, key) => {
        if (!losing || operation !== 'putIfAbsent' || !key.includes('_delta_log')) return;
        losing = false;
        throw new LakeError('Unavailable', 'The connection was cut. Try again.');
      },
    });
    const table = lake.table('lost', {}, lossy);
    assert.equal(await table.append(lake.session, "SELECT '0' AS n"), 0);
    assert.deepEqual(await lake.column(lake.table('lost')), numbers(1));
  });

  const protocolAnd = (protocol: object, configuration = {}, field = {}) => [
    { protocol },
    {
      metaData: {
        id: 'a',
        format: { provider: 'parquet', options: {} },
        schemaString: JSON.stringify({
          type: 'struct',
          fields: [{ name: 'n', type: 'long', nullable: true, metadata: {}, ...field }],
        }),
        partitionColumns: [],
        configuration,
      },
    },
  ];

  it('is refused when it asks readers for features the lake does not know', async () => {
    await lake.putLog(
      'reader3',
      0,
      protocolAnd({
        minReaderVersion: 3,
        minWriterVersion: 7,
        readerFeatures: ['deletionVectors'],
        writerFeatures: [],
      }),
    );
    await assert.rejects(lake.table('reader3').snapshot(), (error) => isLakeError(error, 'Unsupported'));
  });

  for (const [name, protocol, field] of [
    ['features', { minReaderVersion: 1, minWriterVersion: 7, writerFeatures: ['rowTracking'] }, {}],
    ['a column that must not be NULL', { minReaderVersion: 1, minWriterVersion: 2 }, { nullable: false }],
    ['an invariant', { minReaderVersion: 1, minWriterVersion: 2 }, { metadata: { 'delta.invariants': '{}' } }],
  ] as const) {
    it(`is read but not written when it asks writers for ${name}`, async () => {
      const table = name.replaceAll(' ', '-');
      await lake.putLog(table, 0, protocolAnd(protocol, {}, field));
      assert.deepEqual(await lake.rows(lake.table(table)), []);
      await assert.rejects(lake.table(table).append(lake.session, 'SELECT 1::BIGINT AS n'), (error) =>
        isLakeError(error, 'Unsupported'),
      );
      assert.deepEqual(await lake.keys(`${table}/part`), []);
    });
  }

  it('takes appended rows only where the table says so', async () => {
    await lake.putLog(
      'append-only',
      0,
      protocolAnd({ minReaderVersion: 1, minWriterVersion: 2 }, { 'delta.appendOnly': 'true' }),
    );
    const table = lake.table('append-only');
    await table.append(lake.session, 'SELECT 1::BIGINT AS n');
    await assert.rejects(table.overwrite(lake.session, 'SELECT 2::BIGINT AS n'), (error) =>
      isLakeError(error, 'PreconditionFailed'),
    );
    await assert.rejects(table.deleteWhere(lake.session, { column: 'n', in: [1] }), (error) =>
      isLakeError(error, 'PreconditionFailed'),
    );
    assert.deepEqual(await lake.column(table), ['1']);
  });
});
