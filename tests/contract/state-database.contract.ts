import assert from 'node:assert/strict';
import { isLakeError, type LakeErrorCode } from '../../adapters/ports/errors';
import type { Migration, StateDatabase, StateDatabaseCapability } from '../../adapters/ports/state-database';

export interface StateDatabaseHarness {
  /** Opens the one database of this harness again, as another process would. */
  readonly open: () => Promise<StateDatabase>;
  /** Drops the database. */
  readonly drop: () => Promise<void>;
}

const refusedAs = (code: LakeErrorCode) => (error: unknown) => isLakeError(error, code);

const migrations: readonly Migration[] = [
  {
    id: 'contract-0001-accounts',
    statements: [
      'CREATE TABLE account (name TEXT PRIMARY KEY, amount INTEGER NOT NULL CHECK (amount >= 0))',
      'CREATE TABLE entry (id TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES account (name), ratio REAL, bytes BLOB)',
    ],
  },
  { id: 'contract-0002-note', statements: ["ALTER TABLE account ADD COLUMN note TEXT NOT NULL DEFAULT 'none'"] },
  {
    id: 'contract-0003-index',
    statements: [
      'CREATE UNIQUE INDEX entry_ratio ON entry (account, ratio)',
      "UPDATE account SET note = 'migrated' WHERE amount > 0",
    ],
  },
];

/** The promises of the StateDatabase port, for every adapter. `fresh` gives a new, empty database each time. */
export function stateDatabaseContract(
  name: string,
  fresh: () => Promise<StateDatabaseHarness>,
  capabilities: readonly StateDatabaseCapability[] = [],
): void {
  describe(`StateDatabase: ${name}`, () => {
    let harness: StateDatabaseHarness;
    let database: StateDatabase;
    const addAccount = (account: string, amount = 0) =>
      database.transaction((transaction) =>
        transaction.run('INSERT INTO account (name, amount) VALUES (?, ?)', [account, amount]),
      );
    const amountOf = async (account: string) => {
      const [row] = await database.snapshot((transaction) =>
        transaction.query<{ amount: number }>('SELECT amount FROM account WHERE name = ?', [account]),
      );
      return row?.amount;
    };

    before(async () => {
      harness = await fresh();
      database = await harness.open();
      await database.migrate(migrations);
    });
    after(async () => {
      await database.close();
      await harness.drop();
    });

    it('declares what it is held to', () => assert.deepEqual([...database.capabilities], capabilities));

    // What a role may do where there are roles is shown against the manifests: tests/emulators/postgres-roles.test.ts.
    describe('roles', () => {
      if (capabilities.includes('roles')) return;
      it('refused as declared: a grant is no statement here', async () => {
        const grant = database.transaction((transaction) => transaction.run('GRANT SELECT ON account TO somebody'));
        await assert.rejects(grant, refusedAs('InvalidArgument'));
      });
    });

    describe('values and SQL', () => {
      it('values come back as they went in', async () => {
        await addAccount('values');
        const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
        const rows = await database.transaction(async (transaction) => {
          const changed = await transaction.run(
            'INSERT INTO entry (id, account, ratio, bytes) VALUES (?, ?, ?, ?), (?, ?, ?, ?)',
            ["it's 名前 👩🏽‍⚕️?", 'values', 0.1, bytes, '', 'values', null, new Uint8Array(0)],
          );
          assert.equal(changed, 2);
          return await transaction.query('SELECT id, ratio, bytes FROM entry WHERE account = ? ORDER BY id', [
            'values',
          ]);
        });
        assert.deepEqual(
          rows.map((row) => ({ ...row, bytes: Buffer.from(row.bytes as Uint8Array).toString('hex') })),
          [
            { id: '', ratio: null, bytes: '' },
            { id: "it's 名前 👩🏽‍⚕️?", ratio: 0.1, bytes: Buffer.from(bytes).toString('hex') },
          ],
        );
      });

      it('whole numbers are exact over 64 bits: numbers to 2^53, bigint beyond', async () => {
        for (const amount of [0, 1, Number.MAX_SAFE_INTEGER, 2n ** 53n + 1n, 2n ** 63n - 1n]) {
          const rows = await database.transaction((transaction) =>
            transaction.query(
              'INSERT INTO account (name, amount) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET amount = excluded.amount RETURNING amount',
              ['number', amount],
            ),
          );
          assert.deepEqual(rows, [{ amount }]);
        }
      });

      it('a placeholder in a text, a name or a comment is none', async () => {
        const rows = await database.snapshot((transaction) =>
          transaction.query(`SELECT '?''?' AS "a?" /* ? */ FROM account -- ?\n WHERE name = ?`, ['values']),
        );
        assert.deepEqual(rows, [{ 'a?': "?'?" }]);
      });
    });

    describe('transactions', () => {
      it('a transaction that throws leaves nothing, and its own error comes out', async () => {
        await addAccount('rollback', 1);
        const own = new RangeError('mine');
        const work = database.transaction(async (transaction) => {
          await transaction.run('UPDATE account SET amount = 99 WHERE name = ?', ['rollback']);
          throw own;
        });
        await assert.rejects(work, (error) => error === own);
        assert.equal(await amountOf('rollback'), 1);
      });

      it('a broken unique key is AlreadyExists, other constraints and bad SQL are InvalidArgument, no value is told', async () => {
        await addAccount('taken-value');
        const attempts: [LakeErrorCode, string, (string | number | null)[]][] = [
          ['AlreadyExists', 'INSERT INTO account (name, amount) VALUES (?, ?)', ['taken-value', 1]],
          ['InvalidArgument', 'INSERT INTO account (name, amount) VALUES (?, ?)', ['secret-value', -1]],
          ['InvalidArgument', 'INSERT INTO account (name, amount) VALUES (?, ?)', ['secret-value', null]],
          ['InvalidArgument', 'INSERT INTO entry (id, account) VALUES (?, ?)', ['secret-value', 'absent']],
          ['InvalidArgument', "SELEC 'secret-value'", []],
          ['InvalidArgument', 'SELECT * FROM absent_table', []],
          ['InvalidArgument', 'SELECT name FROM account WHERE name = ?', []],
          ['InvalidArgument', 'SELECT name FROM account WHERE name = ?', ['a', 'secret-value']],
          ['InvalidArgument', 'DELETE FROM entry; DELETE FROM account', []],
          ['InvalidArgument', 'COMMIT', []],
          ['InvalidArgument', '/* to the end */ ROLLBACK', []],
        ];
        for (const [code, sql, parameters] of attempts) {
          await assert.rejects(
            database.transaction((transaction) => transaction.run(sql, parameters)),
            (error) =>
              isLakeError(error, code) &&
              !error.message.includes('secret-value') &&
              !error.message.includes('taken-value'),
            sql,
          );
        }
        assert.equal(await amountOf('taken-value'), 0);
        assert.equal(await amountOf('secret-value'), undefined);
      });

      it('statements begun together run in their order; the first failure is the one that is told', async () => {
        await database.transaction(async (transaction) => {
          const answers = await Promise.all([
            transaction.run("INSERT INTO account (name, amount) VALUES ('together', 1)"),
            transaction.run("UPDATE account SET amount = amount * 10 WHERE name = 'together'"),
            transaction.run("UPDATE account SET amount = amount + 5 WHERE name = 'together'"),
            transaction.query("SELECT amount FROM account WHERE name = 'together'"),
          ]);
          assert.deepEqual(answers, [1, 1, 1, [{ amount: 15 }]]);
        });
        const failing = database.transaction((transaction) =>
          Promise.all([
            transaction.run("UPDATE account SET amount = 16 WHERE name = 'together'"),
            transaction.run("INSERT INTO account (name, amount) VALUES ('together', 1)"),
            transaction.run('INSERT INTO absent_table VALUES (1)'),
          ]),
        );
        await assert.rejects(failing, refusedAs('AlreadyExists'));
        const later = database.transaction(async (transaction) => {
          const write = transaction.run("INSERT INTO account (name, amount) VALUES ('together', 1)");
          write.catch(() => undefined);
          await transaction.query('SELECT name FROM account');
          await write;
        });
        await assert.rejects(later, refusedAs('AlreadyExists'));
        assert.equal(await amountOf('together'), 15);
      });
    });

    describe('serialisable', () => {
      it('is serialisable: 200 read-then-write increments from two connections lose none', async () => {
        await addAccount('counter');
        const other = await harness.open();
        const increment = (connection: StateDatabase) =>
          connection.transaction(async (transaction) => {
            const [row] = await transaction.query<{ amount: number }>(
              "SELECT amount FROM account WHERE name = 'counter'",
            );
            await new Promise((resolve) => setImmediate(resolve));
            await transaction.run("UPDATE account SET amount = ? WHERE name = 'counter'", [(row?.amount ?? 0) + 1]);
          });
        await Promise.all(Array.from({ length: 200 }, (_, index) => increment(index % 2 === 0 ? database : other)));
        assert.equal(await amountOf('counter'), 200);
        await other.close();
      });

      it('is serialisable: two transactions that each read what the other writes do not both succeed blindly', async () => {
        // Write skew: both see that the other account may cover, snapshot isolation would let both through.
        await addAccount('left', 1);
        await addAccount('right', 1);
        const other = await harness.open();
        const withdraw = (connection: StateDatabase, account: string) =>
          connection.transaction(async (transaction) => {
            const [row] = await transaction.query<{ total: number }>(
              "SELECT CAST(SUM(amount) AS INTEGER) AS total FROM account WHERE name IN ('left', 'right')",
            );
            await new Promise((resolve) => setTimeout(resolve, 10));
            if ((row?.total ?? 0) > 1) await transaction.run('UPDATE account SET amount = 0 WHERE name = ?', [account]);
          });
        await Promise.all([withdraw(database, 'left'), withdraw(other, 'right')]);
        assert.equal(((await amountOf('left')) ?? 0) + ((await amountOf('right')) ?? 0), 1);
        await other.close();
      });
    });

    describe('group commit', () => {
      it('one failure among many that commit together takes nobody with it', async () => {
        const outcomes = await Promise.allSettled(
          Array.from({ length: 60 }, (_, index) => addAccount(`together-${index % 3 === 0 ? 0 : index}`)),
        );
        const failed = outcomes.filter((outcome) => outcome.status === 'rejected');
        assert.equal(failed.length, 19);
        assert.ok(failed.every((outcome) => isLakeError(outcome.reason, 'AlreadyExists')));
        const rows = await database.snapshot((transaction) =>
          transaction.query("SELECT name FROM account WHERE name LIKE 'together-%'"),
        );
        assert.equal(rows.length, 41);
      });
    });

    describe('snapshots', () => {
      it('a snapshot sees one moment, and only reads', async () => {
        await addAccount('moment', 1);
        await database.snapshot(async (transaction) => {
          const read = async () => (await transaction.query("SELECT amount FROM account WHERE name = 'moment'"))[0];
          await database.transaction((writing) => writing.run("UPDATE account SET amount = 2 WHERE name = 'moment'"));
          assert.deepEqual(await read(), { amount: 1 });
          await database.transaction((writing) => writing.run("UPDATE account SET amount = 3 WHERE name = 'moment'"));
          assert.deepEqual(await read(), { amount: 1 });
        });
        assert.equal(await amountOf('moment'), 3);
        const writing = database.snapshot((transaction) =>
          transaction.run("DELETE FROM account WHERE name = 'moment'"),
        );
        await assert.rejects(writing, refusedAs('PermissionDenied'));
        assert.equal(await amountOf('moment'), 3);
        // A failed snapshot must not spoil the connection for the next one.
        await Promise.all(Array.from({ length: 20 }, () => amountOf('moment')));
      });

      it('looks begun together: one that fails takes nobody with it, and each sees what was committed before it began', async () => {
        await addAccount('beside', 1);
        for (let amount = 2; amount <= 10; amount += 1) {
          const looks = Array.from({ length: 30 }, (_, index) =>
            index % 10 === 7
              ? database.snapshot((transaction) => transaction.query('SELECT nothing FROM account'))
              : amountOf('beside'),
          );
          const settled = Promise.allSettled(looks);
          await database.transaction((tx) => tx.run("UPDATE account SET amount = ? WHERE name = 'beside'", [amount]));
          // Those begun before the commit may see it or not; these must.
          const later = await Promise.all(Array.from({ length: 5 }, () => amountOf('beside')));
          assert.deepEqual(new Set(later), new Set([amount]));
          for (const [index, look] of (await settled).entries())
            if (index % 10 === 7) {
              assert.equal(look.status, 'rejected');
              assert(refusedAs('InvalidArgument')(look.reason));
            } else assert(look.status === 'fulfilled' && [amount - 1, amount].includes(Number(look.value)));
        }
      });
    });

    describe('transaction bounds', () => {
      it('a call outside its transaction, or a transaction inside one, is refused', async () => {
        const late = await database.transaction(async (transaction) => transaction);
        await assert.rejects(late.query('SELECT 1 AS one'), refusedAs('InvalidArgument'));
        const nested = database.transaction(() => database.transaction(async () => undefined));
        await assert.rejects(nested, refusedAs('InvalidArgument'));
      });
    });

    describe('durability', () => {
      it('what was committed is there when the database is opened again', async () => {
        await addAccount('durable', 7);
        const again = await harness.open();
        const rows = await again.snapshot((transaction) =>
          transaction.query("SELECT amount FROM account WHERE name = 'durable'"),
        );
        assert.deepEqual(rows, [{ amount: 7 }]);
        await again.close();
        await assert.rejects(
          again.transaction(async () => undefined),
          refusedAs('Unavailable'),
        );
      });
    });

    describe('migrations', () => {
      for (let from = 0; from <= migrations.length; from++) {
        it(`from version ${from}, with data, by three starting at once: each runs once`, async () => {
          const versioned = await fresh();
          const first = await versioned.open();
          await first.migrate(migrations.slice(0, from));
          if (from > 0)
            await first.transaction((work) => work.run("INSERT INTO account (name, amount) VALUES ('old', 5)"));
          const all = [first, await versioned.open(), await versioned.open()];
          await Promise.all(all.map((each) => each.migrate(migrations)));
          const rows = await first.snapshot((work) => work.query('SELECT name, amount, note FROM account'));
          const note = from < 3 ? 'migrated' : 'none';
          assert.deepEqual(rows, from > 0 ? [{ name: 'old', amount: 5, note }] : []);
          for (const each of all) await each.close();
          await versioned.drop();
        });
      }

      it('one that fails is undone whole, one that was changed is refused', async () => {
        const broken: Migration = {
          id: 'contract-0004-broken',
          statements: ['CREATE TABLE half (id TEXT)', 'INSERT INTO absent_table VALUES (1)'],
        };
        await assert.rejects(database.migrate([...migrations, broken]), refusedAs('InvalidArgument'));
        const whole: Migration = { id: broken.id, statements: ['CREATE TABLE half (id TEXT)'] };
        await database.migrate([...migrations, whole]);
        const changed: Migration = { id: broken.id, statements: ['CREATE TABLE half (id INTEGER)'] };
        await assert.rejects(database.migrate([changed]), refusedAs('PreconditionFailed'));
        await assert.rejects(database.migrate([whole, whole]), refusedAs('InvalidArgument'));
      });
    });
  });
}
