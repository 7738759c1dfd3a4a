import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout } from 'node:timers/promises';
import { Pool, type PoolClient, type PoolConfig, type QueryResult, types } from 'pg';
import { stateCapabilities } from '../capabilities';
import { isLakeError, LakeError } from '../ports/errors';
import type {
  Migration,
  SqlRow,
  SqlValue,
  StateDatabase,
  StateDatabaseCapability,
  StateTransaction,
} from '../ports/state-database';
import { applyMigrations } from '../shared/migrations';
import { Retry } from '../shared/retry';
import { isTransactionControl } from '../shared/sql-placeholders';
import { FreshConnections } from './fresh-connections';
import { numbered, postgresDefinition } from './postgres-dialect';
import { isAftermath, isConnectionLoss, isSerialisationFailure, isUseless, toLakeError } from './postgres-errors';
import { limited, patient, type Statement, timely } from './postgres-statement';
import { sentTogether } from './sent-together';

export interface PostgresStateDatabaseOptions
  extends Pick<PoolConfig, 'connectionString' | 'host' | 'port' | 'database' | 'user' | 'password' | 'ssl'> {
  /** Connections of this process at most. @default 8 */
  readonly connections?: number;
  /** Milliseconds until a connection must stand; a statement must answer within three times that. @default 10000 */
  readonly connectTimeout?: number;
}

type Work<Result> = (transaction: StateTransaction) => Promise<Result>;

/** What became of a transaction; only a connection that broke before the commit is thrown, as `Unavailable`. */
type Outcome<Result> = { readonly result: Result } | { readonly failure: unknown };

interface Look {
  /** Does it in a view; rejects when it fails there. */
  readonly at: (view: StateTransaction) => Promise<void>;
  readonly done: () => void;
  readonly reject: (error: unknown) => void;
}

interface Way {
  readonly writes: boolean;
  readonly statement: Statement;
  /** Called at each attempt, the moment before it begins. */
  readonly beginning?: () => void;
}

/** Under contention a transaction is run again this often before the caller is told to come back. */
const maxAttempts = 60;
/** Any number: all processes of a lake take the same one while they migrate. */
const migrationLock = 7_263_001;

/** The state database of a stack: PostgreSQL 15 or newer, every transaction serialisable and run again when it must be. */
export class PostgresStateDatabase implements StateDatabase {
  /** A role may be given exactly the grants that a manifest's operations need. */
  readonly capabilities: ReadonlySet<StateDatabaseCapability> = new Set(stateCapabilities.postgres);
  readonly #pool: Pool;
  readonly #connections: FreshConnections;
  readonly #inside = new AsyncLocalStorage<{ open: boolean }>();
  /** For connections that broke before anything was committed: a server that restarts, a pooled connection it has ended. */
  readonly #retry: Retry;
  /** Looks that wait for a connection: they share it, and one view. */
  #gathering: Look[] | undefined;
  #closed = false;

  constructor({ connections = 8, connectTimeout = 10_000, ...connection }: PostgresStateDatabaseOptions) {
    // A transaction is as long as its statements; what has waited for a connection in vain does not queue up again.
    this.#retry = new Retry({ attempts: 4, firstPause: 50, attemptTimeout: 3_600_000, deadline: connectTimeout });
    this.#pool = new Pool({
      ...connection,
      max: connections,
      connectionTimeoutMillis: connectTimeout,
      query_timeout: 3 * connectTimeout,
      // A process that vanished without a word must not keep its locks.
      idle_in_transaction_session_timeout: 60_000,
      keepAlive: true,
      // Statements that are begun together go out together; they run in that order all the same.
      pipeline: true,
      types: { getTypeParser },
    });
    // A connection that breaks is also an event, of the pool while it is idle, its own while it is in use; its call fails as
    // well. Without a listener the event ends the process.
    this.#pool.on('error', () => undefined);
    this.#pool.on('connect', (client) => client.on('error', () => undefined));
    this.#connections = new FreshConnections(this.#pool);
  }

  async migrate(migrations: readonly Migration[]): Promise<void> {
    const holder = await this.#connect();
    let lost: LakeError | undefined;
    try {
      await holder.query(patient(`SELECT pg_advisory_lock(${migrationLock})`));
      await applyMigrations({ transaction: (work) => this.#serialisable(work, patient) }, migrations);
    } catch (error) {
      throw toLakeError(error);
    } finally {
      await holder.query(`SELECT pg_advisory_unlock(${migrationLock})`).catch((error: unknown) => {
        lost = toLakeError(error);
      });
      holder.release(lost);
    }
  }

  transaction<Result>(work: Work<Result>): Promise<Result> {
    return this.#serialisable(work, timely);
  }

  async #serialisable<Result>(work: Work<Result>, statement: Statement): Promise<Result> {
    if (this.#inside.getStore()?.open) {
      throw new LakeError(
        'InvalidArgument',
        'A transaction was begun inside another, which would wait for itself for ever.',
      );
    }
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#once(work, { writes: true, statement });
      } catch (error) {
        const cause = error instanceof LakeError ? error.cause : error;
        if (!isSerialisationFailure(cause)) throw error;
        if (attempt >= maxAttempts) throw toLakeError(cause);
        // Full jitter: those who met each other must not meet again.
        await setTimeout(Math.random() * Math.min(5 * attempt, 100));
      }
    }
  }

  /**
   * Looks that are asked for while the connection of one is not there yet are done in one view with it, side by side: most are a
   * single short statement, and beginning and ending a view costs more than that.
   */
  snapshot<Result>(work: Work<Result>): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      let result: Result;
      const at = AsyncLocalStorage.bind(async (view: StateTransaction) => {
        result = await work(view);
      });
      const look: Look = { at, done: () => resolve(result), reject };
      if (this.#gathering === undefined) {
        this.#gathering = [look];
        void this.#look(this.#gathering);
      } else this.#gathering.push(look);
    });
  }

  async #look(looks: readonly Look[]): Promise<void> {
    const beginning = (): void => {
      // Who comes after the view is taken must not be shown what was before.
      if (this.#gathering === looks) this.#gathering = undefined;
    };
    try {
      await this.#once((view) => Promise.all(looks.map(({ at }) => at(view))), {
        writes: false,
        statement: timely,
        beginning,
      });
      // Not before the view is ended: who is answered may stop the process, as Lambda does, and must not leave it open.
      for (const { done } of looks) done();
    } catch (error) {
      beginning();
      // The failure of one ended the view for all: by itself each finds out whether it was its own.
      if (looks.length > 1 && !isLakeError(error, 'Unavailable')) for (const look of looks) void this.#look([look]);
      else for (const { reject } of looks) reject(error);
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#pool.end();
  }

  async #connect(): Promise<PoolClient> {
    if (this.#closed) throw new LakeError('Unavailable', 'The state database is closed.');
    try {
      return await this.#connections.connect();
    } catch (error) {
      throw toLakeError(error);
    }
  }

  async #once<Result>(work: Work<Result>, way: Way): Promise<Result> {
    const outcome = await this.#retry.run(() => this.#attempt(work, way));
    if ('failure' in outcome) throw outcome.failure;
    return outcome.result;
  }

  async #attempt<Result>(work: Work<Result>, { writes, statement, beginning }: Way): Promise<Outcome<Result>> {
    if (this.#closed) return { failure: new LakeError('Unavailable', 'The state database is closed.') };
    const client = await this.#connect();
    const inside = { open: writes };
    let open = true;
    let lost: LakeError | undefined;
    let committing = false;
    let first: LakeError | undefined;
    const together = sentTogether(client.connection.stream);
    const ask = async <Answer>(query: Promise<Answer>): Promise<Answer> => {
      try {
        return await query;
      } catch (error) {
        if (isConnectionLoss(error)) lost = toLakeError(error);
        if (isUseless(error, writes)) lost = new LakeError('Unavailable', useless, { cause: error });
        // What was begun after a failure is refused because of it: the failure is what happened.
        if (first !== undefined && isAftermath(error)) throw first;
        first ??= toLakeError(error);
        throw toLakeError(error);
      }
    };
    const sent = (text: string, values: readonly unknown[]) => {
      // The extended protocol takes one statement; the simple one would run a second behind a semicolon.
      const query = { ...statement(text), values: [...values], queryMode: 'extended' };
      together();
      return ask(client.query<SqlRow>(query));
    };
    try {
      beginning?.();
      together();
      const begun = ask(client.query(limited(writes ? beginWriting : beginLooking)));
      // What changes something waits until it is inside; what looks may go out with it.
      if (writes) await begun;
      begun.catch(() => undefined);
      const done = this.#inside.run(inside, () => work(transactionOn(sent, () => open)));
      const [result] = await Promise.all([done, begun]);
      committing = true;
      await ask(client.query(limited('COMMIT')));
      return { result };
    } catch (failure) {
      if (lost !== undefined) {
        if (!committing) throw lost;
        // Nobody knows whether the server heard it: doing it again could do it twice.
        return { failure: lost };
      }
      await ask(client.query(limited('ROLLBACK'))).catch(() => undefined);
      return { failure };
    } finally {
      open = false;
      inside.open = false;
      // A connection that broke or cannot roll back is not given back to the pool.
      client.release(lost);
    }
  }
}

const useless = 'The state database is being changed over or upgraded. Repeat later.';

const beginWriting = 'BEGIN ISOLATION LEVEL SERIALIZABLE';
/** The view is taken by the first query, not by BEGIN. */
const beginLooking = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT 1';

function transactionOn(
  sent: (text: string, values: readonly unknown[]) => Promise<QueryResult<SqlRow>>,
  isOpen: () => boolean,
): StateTransaction {
  const run = async (sql: string, parameters: readonly SqlValue[]) => {
    if (!isOpen()) throw new LakeError('InvalidArgument', 'The transaction is over: await every call within its work.');
    if (isTransactionControl(sql))
      throw new LakeError(
        'InvalidArgument',
        'Transactions are begun and ended by the port, not by a statement in them.',
      );
    const { text, placeholders } = numbered(postgresDefinition(sql));
    if (placeholders !== parameters.length) {
      throw new LakeError(
        'InvalidArgument',
        `The statement has ${placeholders} placeholders, ${parameters.length} parameters were given.`,
      );
    }
    return sent(text, parameters.map(toPostgres));
  };
  return {
    query: async <Row = SqlRow>(sql: string, parameters: readonly SqlValue[] = []) =>
      (await run(sql, parameters)).rows as Row[],
    run: async (sql, parameters = []) => (await run(sql, parameters)).rowCount ?? 0,
  };
}

function toPostgres(value: SqlValue): string | number | Buffer | null {
  if (typeof value === 'bigint') return value.toString();
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value;
}

const wholeNumber = (text: string): number | bigint => {
  const exact = BigInt(text);
  return exact >= Number.MIN_SAFE_INTEGER && exact <= Number.MAX_SAFE_INTEGER ? Number(exact) : exact;
};

/** int8 and numeric come as text: whole numbers as the port gives them, sums of fractions as doubles. */
const getTypeParser = ((type: number, format?: 'text' | 'binary') => {
  if (type === types.builtins.INT8) return wholeNumber;
  if (type === types.builtins.NUMERIC)
    return (text: string) => (/^-?[0-9]+$/.test(text) ? wholeNumber(text) : Number(text));
  return types.getTypeParser(type, format as 'text');
}) as typeof types.getTypeParser;
