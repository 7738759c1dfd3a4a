import { AsyncLocalStorage } from 'node:async_hooks';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { LakeError } from '../ports/errors';
import type { Migration, StateDatabase, StateDatabaseCapability, StateTransaction } from '../ports/state-database';
import { applyMigrations } from '../shared/migrations';
import { LogFold } from './log-fold';
import { LogSync } from './log-sync';
import { SqliteConnection } from './sqlite-connection';
import { isBusy, toLakeError } from './sqlite-errors';
import { SqliteReaders } from './sqlite-readers';

const longestWaitMilliseconds = 5_000;
/** How many transactions that wait together share one commit, and how long the first may wait for the last. */
const sharedCommit = { transactions: 64, milliseconds: 5 };

type Work<Result> = (transaction: StateTransaction) => Promise<Result>;

interface Waiting {
  /** Runs the work; gives what to call once its outcome is durable. */
  readonly run: (connection: SqliteConnection) => Promise<{ failed: boolean; settle: () => void }>;
  readonly reject: (error: LakeError) => void;
}

/**
 * The state database of one machine: one SQLite file in WAL mode. Transactions run one after another (BEGIN IMMEDIATE, so
 * also against other processes) and are serialisable. Those that wait at the same time are savepoints of one commit; none is
 * answered before that commit is on the disk. The next commit does not wait for the disk: what it read is older in the log, so
 * its own sync makes that durable too.
 */
export class SqliteStateDatabase implements StateDatabase {
  readonly capabilities: ReadonlySet<StateDatabaseCapability> = new Set();
  readonly #file: string;
  readonly #writer: SqliteConnection;
  readonly #log: Pick<LogSync, 'sync' | 'close'>;
  readonly #fold: LogFold;
  readonly #readers: SqliteReaders;
  readonly #waiting: Waiting[] = [];
  readonly #inside = new AsyncLocalStorage<{ open: boolean }>();
  #draining: Promise<void> | undefined;
  #closed = false;
  /** Set when the disk refused a sync: what it holds is not known from then on. */
  #failed = false;

  /** `log` makes commits durable; another one stands in for a disk that fails. */
  constructor(
    file: string,
    log: Pick<LogSync, 'sync' | 'close'> = new LogSync(`${resolve(file)}-wal`),
    fold = new LogFold(resolve(file)),
  ) {
    if (file === '' || file.startsWith(':') || file.startsWith('file:')) {
      throw new LakeError(
        'InvalidArgument',
        'The state database needs the path of a file; in memory nothing would last.',
      );
    }
    this.#file = resolve(file);
    this.#log = log;
    this.#fold = fold;
    this.#readers = new SqliteReaders(this.#file);
    try {
      mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
      closeSync(openSync(this.#file, 'a', 0o600));
      this.#writer = new SqliteConnection(this.#file, false);
    } catch (error) {
      throw new LakeError(
        'Unavailable',
        'The file of the state database cannot be opened. Check its folder and disk.',
        {
          cause: error,
        },
      );
    }
  }

  migrate(migrations: readonly Migration[]): Promise<void> {
    return applyMigrations(this, migrations);
  }

  transaction<Result>(work: Work<Result>): Promise<Result> {
    if (this.#inside.getStore()?.open) {
      return Promise.reject(
        new LakeError(
          'InvalidArgument',
          'A transaction was begun inside another, which would wait for itself for ever.',
        ),
      );
    }
    if (this.#closed) return Promise.reject(closed());
    if (this.#failed) return Promise.reject(notDurable());
    // The work runs in the context of its caller, not of whoever began to empty the queue.
    const inContext = AsyncLocalStorage.snapshot();
    return new Promise<Result>((resolvePromise, reject) => {
      this.#waiting.push({
        reject,
        run: (connection) =>
          inContext(() => this.#run(connection, work)).then(
            (result) => ({ failed: false, settle: () => resolvePromise(result) }),
            (error: unknown) => ({ failed: true, settle: () => reject(error) }),
          ),
      });
      this.#draining ??= this.#drain();
    });
  }

  snapshot<Result>(work: Work<Result>): Promise<Result> {
    if (this.#closed) return Promise.reject(closed());
    return this.#readers.look((reader) => this.#run(reader, work, false));
  }

  /**
   * Returns once no copy of a deleted row is left in the files: the write-ahead log is folded in and cut to nothing.
   *
   * @throws LakeError `Unavailable` when readers keep the log in use.
   */
  async forgetDeleted(): Promise<void> {
    for (let attempt = 0; attempt < 100; attempt += 1) {
      await this.#draining;
      if (this.#writer.truncateLog()) return;
      await setTimeout(50);
    }
    throw new LakeError(
      'Unavailable',
      'The write-ahead log is in use and cannot be cut. Try again when less is going on.',
    );
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#draining;
    await this.#log.close();
    await this.#fold.close();
    await this.#readers.close();
    this.#writer.close();
  }

  async #run<Result>(connection: SqliteConnection, work: Work<Result>, writes = true): Promise<Result> {
    const { transaction, end } = connection.begin();
    const inside = { open: writes };
    try {
      return await this.#inside.run(inside, () => work(transaction));
    } finally {
      inside.open = false;
      end();
    }
  }

  async #drain(): Promise<void> {
    // Let the other requests of this turn of the event loop join.
    await setImmediate();
    while (this.#waiting.length > 0) {
      await this.#fold.renew();
      await this.#commitTogether();
    }
    this.#draining = undefined;
  }

  async #commitTogether(): Promise<void> {
    const batch: Waiting[] = [];
    const settles: (() => void)[] = [];
    try {
      await this.#beginImmediate();
    } catch (error) {
      // Everyone has waited as long as the first.
      for (const { reject } of this.#waiting.splice(0)) reject(toLakeError(error));
      return;
    }
    try {
      const started = performance.now();
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
        batch.push(next);
        this.#writer.control('SAVEPOINT work');
        const { failed, settle } = await next.run(this.#writer);
        settles.push(settle);
        // A full disk or an I/O error makes SQLite roll back everything by itself.
        if (!this.#writer.inTransaction) throw rolledBack();
        if (failed) this.#writer.control('ROLLBACK TO work');
        this.#writer.control('RELEASE work');
        if (batch.length >= sharedCommit.transactions || performance.now() - started > sharedCommit.milliseconds) break;
      }
      this.#writer.control('COMMIT');
    } catch (error) {
      if (this.#writer.inTransaction) this.#writer.control('ROLLBACK');
      for (const { reject } of batch) reject(toLakeError(error));
      return;
    }
    this.#fold.committed();
    void this.#settleWhenDurable(batch, settles);
  }

  async #settleWhenDurable(batch: readonly Waiting[], settles: readonly (() => void)[]): Promise<void> {
    try {
      await this.#log.sync();
    } catch {
      // A second sync may succeed without having written what the first one lost: trust no commit any more.
      this.#failed = true;
      for (const { reject } of batch) reject(notDurable());
      return;
    }
    for (const settle of settles) settle();
  }

  async #beginImmediate(): Promise<void> {
    const deadline = performance.now() + longestWaitMilliseconds;
    for (;;) {
      try {
        this.#writer.control('BEGIN IMMEDIATE');
        return;
      } catch (error) {
        if (!isBusy(error) || performance.now() > deadline) throw error;
        await setTimeout(5 + Math.random() * 20);
      }
    }
  }
}

function notDurable(): LakeError {
  return new LakeError(
    'Unavailable',
    'The disk did not take what was committed. Check the disk, start the lake again and repeat what was not answered.',
  );
}

function closed(): LakeError {
  return new LakeError('Unavailable', 'The state database is closed.');
}

function rolledBack(): LakeError {
  return new LakeError(
    'Unavailable',
    'The state database rolled the transaction back; nothing was changed. Repeat it.',
  );
}
