/**
 * QueryEngine: analytic SQL over files, in this process, in bounded memory. The dialect is DuckDB's: the compiler of
 * functions/sql-on-fhir writes it, the tables of functions/tables call it to read and write Parquet.
 *
 * Guarantees: no network, no extension is fetched or loaded; memory stays under the given limit and spills to the spool
 * folder; a query that fails leaves no temporary table behind; sessions do not see each other's temporary tables.
 *
 * Errors: `InvalidArgument` (SQL refused, cast failed; the message names the statement's own identifiers, never a value
 * from the data), `Unavailable` (out of memory or of disk), `Unknown`.
 */
export interface ColumnSchema {
  readonly name: string;
  /** DuckDB's name of the type, for example `TIMESTAMP WITH TIME ZONE`. */
  readonly type: string;
}

export type QueryValue = string | number | boolean | bigint | null | QueryValue[] | { [name: string]: QueryValue };

export interface QueryResult {
  readonly columns: readonly ColumnSchema[];
  /** Each row is an object of JSON values: BIGINT and DECIMAL as text, dates and timestamps as ISO 8601 text. */
  readonly rows: readonly Record<string, QueryValue>[];
}

export interface QuerySession {
  run(sql: string, parameters?: Readonly<Record<string, QueryValue>>): Promise<void>;
  query(sql: string, parameters?: Readonly<Record<string, QueryValue>>): Promise<QueryResult>;
  /** The columns a statement would give, without running it. */
  describe(sql: string): Promise<readonly ColumnSchema[]>;
  close(): Promise<void>;
}

export interface QueryEngineSessionOptions {
  /** Threads; default all cores. */
  threads?: number;
  /** Bytes; default set by the binding. */
  memoryLimit?: number;
  /** Folders readable by SQL in this session; anything else is refused. Default: the spool folder only. */
  readableFolders?: readonly string[];
}

export interface QueryEngine {
  session(options?: QueryEngineSessionOptions): Promise<QuerySession>;
  /** One SELECT of the lake's own over files of the spool folder, for a single question that needs no session of its own. */
  query(sql: string): Promise<QueryResult>;
  /** A folder on this machine for files that come and go with a job; emptied at start. */
  readonly spoolFolder: string;
  close(): Promise<void>;
}
