import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { LakeError } from '../ports/errors';
import type { SqlRow, SqlValue, StateTransaction } from '../ports/state-database';
import { isTransactionControl, splitPlaceholders } from '../shared/sql-placeholders';
import { toLakeError } from './sqlite-errors';

const cachedStatements = 500;
/** SQLite waits for locks in the calling thread, which is the event loop: wait little here, retry outside. */
const busyMilliseconds = 5;

/**
 * Keys are random, so each commit touches pages all over the indexes: a larger cache (16 MB) lets a page be read once for many
 * commits. The log is folded in by another thread (LogFold); should that fail, a commit does it at 128 MB.
 */
const writerPragmas = ['cache_size = -16384', 'wal_autocheckpoint = 32768'];

interface Prepared {
  readonly statement: StatementSync;
  readonly placeholders: number;
}

/** One connection of node:sqlite with prepared statements kept, and values in and out as the port says. */
export class SqliteConnection {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, Prepared>();
  readonly #controls = new Map<string, StatementSync>();

  constructor(file: string, readOnly: boolean) {
    this.#database = new DatabaseSync(file, { readOnly, timeout: 5_000 });
    // NORMAL: SQLite syncs the log before it folds it in and when it begins it anew, and leaves the sync of a commit to us
    // (https://www.sqlite.org/pragma.html#pragma_synchronous; see LogSync). fullfsync concerns macOS only.
    // LIKE is case-sensitive in PostgreSQL; trusted_schema off is SQLite's own advice.
    const pragmas = ['synchronous = NORMAL', 'fullfsync = ON', 'checkpoint_fullfsync = ON', 'foreign_keys = ON'];
    // secure_delete: a deleted row is overwritten in the file, as an erasure must leave no copy.
    if (!readOnly) pragmas.unshift('journal_mode = WAL', 'secure_delete = ON', ...writerPragmas);
    pragmas.push(
      'case_sensitive_like = ON',
      'trusted_schema = OFF',
      'temp_store = MEMORY',
      'journal_size_limit = 67108864',
    );
    for (const pragma of [...pragmas, `busy_timeout = ${busyMilliseconds}`]) this.#database.exec(`PRAGMA ${pragma}`);
  }

  get inTransaction(): boolean {
    return this.#database.isTransaction;
  }

  /** A fixed statement of the adapter itself: BEGIN, COMMIT and their like. Throws SQLite's own error. */
  control(sql: string): void {
    let statement = this.#controls.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#controls.set(sql, statement);
    }
    statement.run();
  }

  /** Folds the write-ahead log into the file and cuts it; false when somebody reads from it still. */
  truncateLog(): boolean {
    const row = this.#database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() as { busy: number } | undefined;
    return row?.busy === 0;
  }

  /** The view that `work` sees, until `end` is called. */
  begin(): { transaction: StateTransaction; end: () => void } {
    let open = true;
    const guarded = <Result>(call: () => Result): Promise<Result> => {
      try {
        if (!open) throw new LakeError('InvalidArgument', 'The transaction is over: await every call within its work.');
        return Promise.resolve(call());
      } catch (error) {
        return Promise.reject(toLakeError(error));
      }
    };
    const transaction: StateTransaction = {
      query: <Row = SqlRow>(sql: string, parameters: readonly SqlValue[] = []) =>
        guarded(() => this.#query(sql, parameters) as Row[]),
      run: (sql, parameters = []) => guarded(() => this.#run(sql, parameters)),
    };
    return {
      transaction,
      end: () => {
        open = false;
      },
    };
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #query(sql: string, parameters: readonly SqlValue[]): SqlRow[] {
    const rows = this.#prepare(sql, parameters).all(...parameters.map(toSqlite)) as SqlRow[];
    return rows.map(fromSqlite);
  }

  #run(sql: string, parameters: readonly SqlValue[]): number {
    return Number(this.#prepare(sql, parameters).run(...parameters.map(toSqlite)).changes);
  }

  #prepare(sql: string, parameters: readonly SqlValue[]): StatementSync {
    let prepared = this.#statements.get(sql);
    if (prepared === undefined) {
      if (isTransactionControl(sql)) {
        throw new LakeError(
          'InvalidArgument',
          'Transactions are begun and ended by the port, not by a statement in them.',
        );
      }
      const statement = this.#database.prepare(sql);
      // SQLite compiles the first statement only and would drop the rest without a word.
      if (!/^[\s;]*$/.test(sql.slice(statement.sourceSQL.length))) {
        throw new LakeError('InvalidArgument', 'One call runs one SQL statement. Make a call for each.');
      }
      statement.setReadBigInts(true);
      prepared = { statement, placeholders: splitPlaceholders(sql).length - 1 };
      const oldest = this.#statements.keys().next().value;
      if (this.#statements.size >= cachedStatements && oldest !== undefined) this.#statements.delete(oldest);
      this.#statements.set(sql, prepared);
    }
    if (prepared.placeholders !== parameters.length) {
      throw new LakeError(
        'InvalidArgument',
        `The statement has ${prepared.placeholders} placeholders, ${parameters.length} parameters were given.`,
      );
    }
    return prepared.statement;
  }
}

/** Whole numbers are bound as INTEGER: node:sqlite binds every number as REAL, and a TEXT column would keep "5.0". */
function toSqlite(value: SqlValue): SqlValue {
  return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
}

function fromSqlite(row: SqlRow): SqlRow {
  const plain: SqlRow = {};
  for (const name in row) {
    const value = row[name] as SqlValue;
    plain[name] =
      typeof value === 'bigint' && value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER
        ? Number(value)
        : value;
  }
  return plain;
}
