import assert from 'node:assert/strict';
import { isLakeError } from '../../adapters/ports/errors';
import type { StateDatabase } from '../../adapters/ports/state-database';
import { repeatableRandom } from '../support/repeatable-random';
import { TcpFaultProxy } from '../support/tcp-fault-proxy';

export interface StateFaultHarness {
  readonly server: { readonly host: string; readonly port: number };
  /** The database at this port of this machine, with this many milliseconds until a connection stands. */
  readonly openAt: (host: string, port: number, connectTimeout: number) => StateDatabase;
  /** How the protocol says what the adapter sends to commit. */
  readonly isCommit: (bytes: Buffer) => boolean;
  /** What connects from now on may change nothing, as on a server that another has taken over from. */
  readonly becomesReader: (reader: boolean) => Promise<void>;
  readonly drop: () => Promise<void>;
}

const connectTimeout = 500;

/** What a network may do to an adapter of the state database: nothing lost, nothing doubled, time bounded. */
export function stateDatabaseFaultsContract(name: string, start: () => Promise<StateFaultHarness>): void {
  describe(`StateDatabase: ${name}`, () => {
    describe('behind a bad network', function () {
      this.timeout(60_000);
      let harness: StateFaultHarness;
      let proxy: TcpFaultProxy;
      let database: StateDatabase;
      let honest: StateDatabase;
      before(async () => {
        harness = await start();
        proxy = new TcpFaultProxy(harness.server);
        database = harness.openAt('127.0.0.1', await proxy.listen(), connectTimeout);
        honest = harness.openAt(harness.server.host, harness.server.port, 10_000);
        await honest.migrate([{ id: 'faults-0001-tally', statements: ['CREATE TABLE tally (id TEXT PRIMARY KEY)'] }]);
      });
      afterEach(() => {
        proxy.plan = () => 'pass';
      });
      after(async () => {
        proxy.plan = () => 'pass';
        await database.close();
        await honest.close();
        await proxy.close();
        await harness.drop();
      });
      const add = (id: string) =>
        database.transaction((transaction) => transaction.run('INSERT INTO tally (id) VALUES (?)', [id]));
      const ids = async (prefix: string): Promise<Set<unknown>> => {
        const rows = await honest.snapshot((transaction) =>
          transaction.query('SELECT id FROM tally WHERE id LIKE ?', [`${prefix}%`]),
        );
        return new Set(rows.map(({ id }) => id));
      };

      it('goes on when the server has ended every connection of the pool', async () => {
        await Promise.all(Array.from({ length: 8 }, (_, index) => add(`restart-before-${index}`)));
        proxy.breakAll();
        await Promise.all(Array.from({ length: 8 }, (_, index) => add(`restart-after-${index}`)));
        assert.equal((await ids('restart-')).size, 16);
      });

      it('uses no connection again that was idle while the process was frozen', async () => {
        await Promise.all([add('thaw-before-0'), add('thaw-before-1')]);
        proxy.forgetAll();
        // Two minutes, of which no timer of this process knows.
        const { now } = Date;
        Date.now = () => now() + 120_000;
        const begin = performance.now();
        try {
          await Promise.all([add('thaw-after-0'), add('thaw-after-1')]);
        } finally {
          Date.now = now;
        }
        assert.ok(performance.now() - begin < 2 * connectTimeout, 'waited for an answer that could not come');
        assert.equal((await ids('thaw-')).size, 4);
      });

      it('goes on over another connection when its own is to a server that became a reader', async () => {
        await add('writer-before');
        await harness.becomesReader(true);
        proxy.breakAll();
        // The connection that is made now is to a reader, and stays one.
        await assert.rejects(add('writer-refused'), (error) => isLakeError(error, 'Unavailable'));
        await database.snapshot((transaction) => transaction.query('SELECT id FROM tally'));
        await harness.becomesReader(false);
        await add('writer-after');
        assert.deepEqual([...(await ids('writer-'))].sort(), ['writer-after', 'writer-before']);
      });

      it('goes on when a table is changed under it, as an upgrade does', async () => {
        const all = () => database.transaction((transaction) => transaction.query('SELECT * FROM tally'));
        await all();
        await honest.migrate([{ id: 'faults-0002-note', statements: ['ALTER TABLE tally ADD COLUMN note TEXT'] }]);
        assert.ok((await all()).every((row) => 'note' in row));
      });

      for (const direction of ['request', 'answer'] as const) {
        it(`does the work again when the connection breaks before the commit, at a ${direction}`, async () => {
          await add(`warm-${direction}`);
          let faults = 0;
          let works = 0;
          proxy.plan = (at, bytes) => {
            if (at !== direction || works !== 1 || faults > 0 || harness.isCommit(bytes)) return 'pass';
            faults += 1;
            return 'reset';
          };
          await database.transaction(async (transaction) => {
            works += 1;
            await transaction.run('INSERT INTO tally (id) VALUES (?)', [`again-${direction}`]);
          });
          assert.deepEqual([faults, works], [1, 2]);
          assert.equal((await ids(`again-${direction}`)).size, 1);
        });
      }

      it('does not commit again when the answer to a commit is lost: Unavailable, and done once or not at all', async () => {
        await add('warm-commit');
        let works = 0;
        let committed = false;
        proxy.plan = (direction, bytes) => {
          if (direction === 'request' && harness.isCommit(bytes)) committed = true;
          return direction === 'answer' && committed ? 'reset' : 'pass';
        };
        const lost = database.transaction(async (transaction) => {
          works += 1;
          await transaction.run('INSERT INTO tally (id) VALUES (?)', ['lost-commit']);
        });
        await assert.rejects(lost, (error) => isLakeError(error, 'Unavailable'));
        assert.equal(works, 1);
        assert.equal((await ids('lost-commit')).size, 1);
      });

      it('a server that stops answering is Unavailable within a bounded time', async () => {
        await add('warm-stall');
        proxy.plan = () => 'stall';
        const begin = performance.now();
        await assert.rejects(add('stalled'), (error) => isLakeError(error, 'Unavailable'));
        assert.ok(performance.now() - begin < 40 * connectTimeout);
        proxy.plan = () => 'pass';
        await add('after-stall');
        assert.equal((await ids('stalled')).size, 0);
      });

      it('a storm: what was acknowledged is there, nothing twice, and nothing that was refused for good', async () => {
        const random = repeatableRandom(20_261_122);
        proxy.plan = () => (random() < 0.02 ? 'reset' : 'pass');
        const names = Array.from({ length: 200 }, (_, index) => `storm-${String(index).padStart(3, '0')}`);
        const outcomes = await Promise.allSettled(names.map(add));
        proxy.plan = () => 'pass';
        const there = await ids('storm-');
        const done = outcomes.filter(({ status }) => status === 'fulfilled').length;
        assert.ok(done > 40, `only ${done} of 200 were done`);
        for (const [index, outcome] of outcomes.entries()) {
          if (outcome.status === 'fulfilled') assert.ok(there.has(names[index]!), 'an acknowledged row is lost');
          // A primary key: a second try of what the first had done would be AlreadyExists.
          else assert.ok(isLakeError(outcome.reason, 'Unavailable'), String(outcome.reason));
        }
      });
    });
  });
}
