import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout } from 'node:timers/promises';
import { Pool, type PoolClient, type PoolConfig, types } from 'pg';
import { LakeError } from '../ports/errors';
import type {
  Migration,
  SqlRow,
  SqlValue,
  StateDatabase,
  StateDatabaseCapability,
  StateTransaction,
} from '../ports/state-database';
import { applyMigrations } from '../shared/migrations';
import { isTransactionControl } from '../shared/sql-placeholders';
import { numbered, postgresDefinition } from './postgres-dialect';
import { isSerialisationFailure, toLakeError } from './postgres-errors';

export interface PostgresStateDatabaseOptions
  extends Pick<PoolConfig, 'connectionString' | 'host' | 'port' | 'database' | 'user' | 'password' | 'ssl'> {
  /** Connections of this process at most. @default 8 */
  readonly connections?: number;
}

type Work<Result> = (transaction: StateTransaction) => Promise<Result>;

/** Under contention a transaction is run again this often before the caller is told to come back. */
const maxAttempts = 60;
/** Any number: all processes of a lake take the same one while they migrate. */
const migrationLock = 7_263_001;

/** The state database of a stack: PostgreSQL 15 or newer, every transaction serialisable and run again when it must be. */
export class PostgresStateDatabase implements StateDatabase {
  /** A role may be given exactly the grants that a manifest's operations need. */
  readonly capabilities: ReadonlySet<StateDatabaseCapability> = new Set(['roles']);
  readonly #pool: Pool;
  readonly #inside = new AsyncLocalStorage<{ open: boolean }>();
  #closed = false;

  constructor({ connections = 8, ...connection }: PostgresStateDatabaseOptions) {
    this.#pool = new Pool({
      ...connection,
      max: connections,
      connectionTimeoutMillis: 10_000,
      types: { getTypeParser },
    });
    // An idle connection that the server ends is taken out of the pool by itself; without a listener it ends the process.
    this.#pool.on('error', () => undefined);
  }

  async migrate(migrations: readonly Migration[]): Promise<void> {
    const holder = await this.#connect();
    try {
      await holder.query(`SELECT pg_advisory_lock(${migrationLock})`);
      await applyMigrations(this, migrations);
    } finally {
      await holder.query(`SELECT pg_advisory_unlock(${migrationLock})`).catch(() => undefined);
      holder.release();
    }
  }

  async transaction<Result>(work: Work<Result>): Promise<Result> {
    if (this.#inside.getStore()?.open) {
      throw new LakeError(
        'InvalidArgument',
        'A transaction was begun inside another, which would wait for itself for ever.',
      );
    }
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#once('BEGIN ISOLATION LEVEL SERIALIZABLE', work, true);
      } catch (error) {
        const cause = error instanceof LakeError ? error.cause : error;
        if (!isSerialisationFailure(cause)) throw error;
        if (attempt >= maxAttempts) throw toLakeError(cause);
        // Full jitter: those who met each other must not meet again.
        await setTimeout(Math.random() * Math.min(5 * attempt, 100));
      }
    }
  }

  snapshot<Result>(work: Work<Result>): Promise<Result> {
    // The snapshot is taken by the first query, not by BEGIN.
    return this.#once('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT 1', work, false);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#pool.end();
  }

  async #connect(): Promise<PoolClient> {
    if (this.#closed) throw new LakeError('Unavailable', 'The state database is closed.');
    try {
      return await this.#pool.connect();
    } catch (error) {
      throw toLakeError(error);
    }
  }

  async #once<Result>(begin: string, work: Work<Result>, writes: boolean): Promise<Result> {
    const client = await this.#connect();
    const inside = { open: writes };
    let open = true;
    let broken: Error | undefined;
    const transaction = transactionOn(client, () => open);
    try {
      await client.query(begin).catch(rethrow);
      const result = await this.#inside.run(inside, () => work(transaction));
      await client.query('COMMIT').catch(rethrow);
      return result;
    } catch (error) {
      // A connection that cannot roll back is not given back to the pool.
      await client.query('ROLLBACK').catch((failure: Error) => {
        broken = failure;
      });
      throw error;
    } finally {
      open = false;
      inside.open = false;
      client.release(broken);
    }
  }
}

function rethrow(error: unknown): never {
  throw toLakeError(error);
}

function transactionOn(client: PoolClient, isOpen: () => boolean): StateTransaction {
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
    // The extended protocol takes one statement; the simple one would run a second behind a semicolon.
    const query = { text, values: parameters.map(toPostgres), queryMode: 'extended' };
    return client.query<SqlRow>(query).catch(rethrow);
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
