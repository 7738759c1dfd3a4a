/**
 * StateDatabase: what must be transactional (ledger, jobs, sessions, audit awaiting its seal, airlock, campaigns).
 *
 * Guarantees (tests/contract/state-database.contract.ts):
 * - a transaction is serialisable: its effect is as if it ran alone; when two conflict the adapter retries the work,
 *   so `work` must have no effect outside the transaction;
 * - statements of one transaction run in the order they were begun, also when the answers are awaited together;
 * - when `transaction` has returned, its writes survive a crash of the process and of the machine;
 * - `migrate` runs each migration once, in order, in a transaction of its own, also when several processes start at once.
 *
 * The SQL is the subset that SQLite 3.45 and PostgreSQL 15 read alike: `?` placeholders (the adapter numbers them),
 * TEXT, INTEGER (64 bit), REAL and BLOB columns, `INSERT … ON CONFLICT`, `RETURNING`, common table expressions; no stored
 * routines, no vendor functions. Times are TEXT in ISO 8601 UTC with milliseconds. Booleans are INTEGER 0 or 1.
 *
 * Errors: `AlreadyExists` (unique constraint), `InvalidArgument` (other constraints, bad SQL), `PermissionDenied` (the role
 * holds no such grant), `Unavailable` (locked or unreachable for too long).
 */
export type StateDatabaseCapability = 'roles';

export type SqlValue = string | number | bigint | Uint8Array | null;
export type SqlRow = Record<string, SqlValue>;

export interface StateTransaction {
  /** Rows of a SELECT or of a RETURNING clause. INTEGERs beyond 2^53 come as bigint. */
  query<Row = SqlRow>(sql: string, parameters?: readonly SqlValue[]): Promise<Row[]>;
  /** Runs one statement; gives the number of rows changed. */
  run(sql: string, parameters?: readonly SqlValue[]): Promise<number>;
}

export interface Migration {
  /** Unique for ever: `<store>-<4 digits>-<what it does>`. */
  readonly id: string;
  /** Statements run in order. */
  readonly statements: readonly string[];
}

export interface StateDatabase {
  readonly capabilities: ReadonlySet<StateDatabaseCapability>;
  migrate(migrations: readonly Migration[]): Promise<void>;
  transaction<Result>(work: (transaction: StateTransaction) => Promise<Result>): Promise<Result>;
  /** A consistent read-only snapshot. `work` asks it and waits for nothing else: several looks may share one. */
  snapshot<Result>(work: (transaction: StateTransaction) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}
