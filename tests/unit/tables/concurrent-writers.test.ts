import assert from 'node:assert/strict';
import { join } from 'node:path';
import { FileObjectStore } from '../../../adapters/local/file-object-store';
import { isLakeError, LakeError } from '../../../adapters/ports/errors';
import { TableLake } from './table-lake';
import { watchedStore } from './watched-store';

const isCommit = (key: string) => /_delta_log\/\d{20}\.json$/.test(key);

describe('writers of one Delta table at once', function () {
  this.timeout(60_000);
  let lake: TableLake;
  before(async () => {
    lake = await new TableLake((root) => new FileObjectStore(join(root, 'tables'))).open();
  });
  after(() => lake.close());

  const versionsOf = async (name: string) =>
    (await lake.keys(`${name}/_delta_log/`)).filter(isCommit).map((key) => Number(key.slice(-25, -5)));

  it('land each commit of 32 exactly once, without a gap, and readers see whole versions only', async () => {
    await lake
      .table('busy')
      .append(lake.session, 'SELECT n AS pair, side FROM range(1000, 1040) AS r(n), range(2) AS s(side)');
    const appended = Array.from({ length: 48 }, (_, n) => n);
    const writer = async (first: number) => {
      const table = lake.table('busy');
      for (const pair of appended.filter((n) => n % 24 === first))
        await table.append(lake.session, `SELECT ${pair}::BIGINT AS pair, side FROM range(2) AS s(side)`);
    };
    const deleter = async (first: number) => {
      const { rows } = await lake
        .table('busy')
        .deleteWhere(lake.session, { column: 'pair', from: 1000 + first * 5, below: 1005 + first * 5 });
      assert.equal(rows, 10);
    };
    const batcher = () =>
      lake.table('busy').append(lake.session, 'SELECT 77::BIGINT AS pair, side FROM range(2) AS s(side)', {
        transaction: { appId: 'job', version: 1 },
      });
    let writing = true;
    let reads = 0;
    const reader = async () => {
      const table = lake.table('busy');
      while (writing) {
        const relation = await table.relation();
        const { rows } = await lake.session.query(`SELECT pair FROM ${relation} GROUP BY pair HAVING count(*) <> 2`);
        assert.deepEqual(rows, []);
        reads += 1;
      }
    };
    const reading = reader();
    const batches: (number | undefined)[] = [];
    await Promise.all([
      ...Array.from({ length: 24 }, (_, n) => writer(n)),
      ...Array.from({ length: 4 }, (_, n) => deleter(n)),
      ...Array.from({ length: 2 }, () => lake.table('busy').compact(lake.session)),
      ...Array.from({ length: 2 }, async () => batches.push(await batcher())),
    ]).finally(() => {
      writing = false;
    });
    await reading;
    assert.ok(reads > 3);
    assert.equal(batches.filter((version) => version !== undefined).length, 1);
    const expected = [...appended, 77, ...Array.from({ length: 20 }, (_, n) => 1020 + n)].flatMap((n) => [n, n]);
    const found = (await lake.column(lake.table('busy'))).map(Number);
    assert.deepEqual(
      found.sort((a, b) => a - b),
      expected.sort((a, b) => a - b),
    );
    const versions = await versionsOf('busy');
    assert.deepEqual(versions, [...versions.keys()]);
    assert.ok(versions.length >= 1 + 48 + 4 + 1);
  });

  it('that replace all are refused when the table is another than they were made beside, and leave nothing behind', async () => {
    const table = lake.table('beside');
    await table.append(lake.session, "SELECT 'first' AS who");
    await table.append(lake.session, "SELECT 'second' AS who");
    const files = (await lake.keys('beside/')).length;
    const refused = (error: unknown): boolean => isLakeError(error, 'PreconditionFailed');
    for (const ifVersion of [0, 2])
      await assert.rejects(table.overwrite(lake.session, "SELECT 'late' AS who", { ifVersion }), refused);
    assert.equal((await lake.keys('beside/')).length, files);

    /** Another writer lands between the look at the table and the commit of whoever has this store. */
    const overtaken = () => {
      let others = 1;
      return lake.table(
        'beside',
        {},
        {
          ...watchedStore(lake.store, {}),
          putIfAbsent: async (key, ...rest) => {
            if (isCommit(key) && others-- > 0) await lake.table('beside').append(lake.session, "SELECT 'third' AS who");
            return lake.store.putIfAbsent(key, ...rest);
          },
        },
      );
    };
    await assert.rejects(overtaken().overwrite(lake.session, "SELECT 'late' AS who", { ifVersion: 1 }), refused);
    assert.deepEqual(await lake.column(lake.table('beside')), ['first', 'second', 'third']);
    assert.equal(await lake.table('beside').overwrite(lake.session, "SELECT 'alone' AS who", { ifVersion: 2 }), 3);
    assert.deepEqual(await lake.column(lake.table('beside')), ['alone']);
    // Who does not say what it was made beside replaces whatever there is.
    assert.equal(await overtaken().overwrite(lake.session, "SELECT 'anyway' AS who"), 5);
    assert.deepEqual(await lake.column(lake.table('beside')), ['anyway']);
  });

  it('are each answered rightly when the store loses every third answer', async () => {
    let answers = 0;
    const lossy = watchedStore(lake.store, {
      after: (operation, key) => {
        answers += +(operation === 'putIfAbsent' && isCommit(key));
        if (operation === 'putIfAbsent' && isCommit(key) && answers % 3 === 0)
          throw new LakeError('Unavailable', 'The connection was cut. Try again.');
      },
    });
    const versions = await Promise.all(
      Array.from({ length: 12 }, (_, n) => lake.table('lossy', {}, lossy).append(lake.session, `SELECT ${n} AS n`)),
    );
    assert.equal(new Set(versions).size, 12);
    assert.deepEqual(await lake.column(lake.table('lossy')), [...Array(12).keys()]);
  });

  /** A store in which something happens once, right before the next commit lands. */
  const beforeCommit = (work: () => Promise<unknown>) => {
    let armed = true;
    return {
      ...watchedStore(lake.store, {}),
      putIfAbsent: async (...call: Parameters<typeof lake.store.putIfAbsent>) => {
        if (armed && isCommit(call[0])) {
          armed = false;
          await work();
        }
        return lake.store.putIfAbsent(...call);
      },
    };
  };

  it('delete also the rows that another appended meanwhile', async () => {
    const other = lake.table('late');
    await other.append(lake.session, 'SELECT 1 AS n');
    const store = beforeCommit(() => other.append(lake.session, 'SELECT n::INTEGER AS n FROM range(3) AS r(n)'));
    const deletion = await lake.table('late', {}, store).deleteWhere(lake.session, { column: 'n', in: [1] });
    assert.equal(deletion.rows, 2);
    assert.deepEqual(await lake.column(other), [0, 2]);
  });

  it('compact what no other took away meanwhile, and leave nothing behind', async () => {
    const other = lake.table('gone');
    for (const n of [1, 2, 3]) await other.append(lake.session, `SELECT ${n} AS n`);
    const store = beforeCommit(() => other.deleteWhere(lake.session, { column: 'n', in: [2] }));
    assert.equal(await lake.table('gone', {}, store).compact(lake.session), undefined);
    assert.deepEqual(await lake.column(other), [1, 3]);
    assert.equal((await lake.keys('gone/part')).length, 3);
  });

  it('are refused when a file they replace is gone', async () => {
    const other = lake.table('stale');
    await other.append(lake.session, 'SELECT 1 AS n');
    const { files } = await other.snapshot();
    const store = beforeCommit(() => other.overwrite(lake.session, 'SELECT 2 AS n'));
    await assert.rejects(
      lake.table('stale', {}, store).replaceFiles(lake.session, [...files.keys()], 'SELECT 3 AS n'),
      (error) => isLakeError(error, 'PreconditionFailed'),
    );
    assert.deepEqual(await lake.column(other), [2]);
  });

  it('are refused when the columns changed against theirs meanwhile', async () => {
    const other = lake.table('columns');
    await other.append(lake.session, 'SELECT 1 AS n');
    const store = beforeCommit(() => other.append(lake.session, "SELECT 2 AS n, 'x' AS more"));
    await assert.rejects(
      lake.table('columns', {}, store).append(lake.session, 'SELECT 3 AS n, 4 AS more'),
      /Column more of columns is VARCHAR/,
    );
    assert.deepEqual(await lake.column(other), [1, 2]);
  });

  it('are refused when rows were erased since they began, and leave nothing behind', async () => {
    const other = lake.table('erased');
    await other.append(lake.session, "SELECT 'person' AS id UNION ALL SELECT 'else'");
    const store = beforeCommit(() => other.erase(lake.session, { column: 'id', in: ['person'] }));
    const kept = `SELECT * FROM ${await other.relation()}`;
    await assert.rejects(lake.table('erased', {}, store).overwrite(lake.session, kept), (error) =>
      isLakeError(error, 'Unavailable'),
    );
    assert.deepEqual(await lake.column(other), ['else']);
    assert.deepEqual(await lake.objectsHolding('erased/', 'person'), []);
  });

  it('compact nothing over an erasure, which took the files they had written', async () => {
    const other = lake.table('erased_meanwhile', { partitionBy: ['part'] });
    for (let n = 0; n < 4; n += 1) await other.append(lake.session, `SELECT ${n} AS n, ${n % 2} AS part`);
    const store = beforeCommit(() => other.erase(lake.session, { column: 'n', in: [1] }));
    await assert.rejects(lake.table('erased_meanwhile', {}, store).compact(lake.session), (error) =>
      isLakeError(error, 'Unavailable'),
    );
    assert.deepEqual(await lake.column(other), [0, 2, 3]);
  });

  it('are refused when the table was made over to a newer key since their rows were made', async () => {
    const other = lake.table('made_over');
    await other.append(lake.session, 'SELECT 1 AS n', { generation: 1 });
    const store = beforeCommit(() => other.advance(lake.session, 2));
    const late = lake.table('made_over', {}, store);
    await assert.rejects(late.append(lake.session, 'SELECT 2 AS n', { generation: 1 }), (error) =>
      isLakeError(error, 'Unavailable'),
    );
    await late.append(lake.session, 'SELECT 3 AS n', { generation: 2 });
    await other.checkpoint(lake.session);
    assert.equal(await lake.table('made_over').generation(), 2);
    assert.deepEqual(await lake.column(other), [1, 3]);
  });
});
