import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { DuckDBConnection, DuckDBInstance, DuckDBValue } from '@duckdb/node-api';
import { LakeError } from '../ports/errors';
import type {
  ColumnSchema,
  QueryEngine,
  QueryEngineSessionOptions,
  QueryResult,
  QuerySession,
  QueryValue,
} from '../ports/query-engine';

export interface DuckDbQueryEngineOptions {
  readonly spoolFolder: string;
  /** Bytes; default 512 MB. */
  readonly memoryLimit?: number;
  readonly threads?: number;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/**
 * DuckDB inside the process. Each session is an instance of its own, and all single questions share one: no network, no
 * extension beyond those linked in, files only in the folders it was given, and a configuration that SQL cannot change.
 */
export class DuckDbQueryEngine implements QueryEngine {
  readonly spoolFolder: string;
  readonly #options: DuckDbQueryEngineOptions;
  readonly #open = new Set<DuckDbSession>();
  #questions: Promise<DuckDBInstance> | undefined;
  #next = 0;

  constructor(options: DuckDbQueryEngineOptions) {
    this.#options = options;
    this.spoolFolder = resolve(options.spoolFolder);
    mkdirSync(this.spoolFolder, { recursive: true, mode: 0o700 });
    emptyFolder(this.spoolFolder);
  }

  async session(options: QueryEngineSessionOptions = {}): Promise<QuerySession> {
    this.#next += 1;
    const overflow = join(this.spoolFolder, `overflow-${this.#next}`);
    const instance = await this.#instance(options, overflow);
    const connection = await instance.connect();
    const session = new DuckDbSession(connection, () => {
      this.#open.delete(session);
      connection.closeSync();
      instance.closeSync();
      rmSync(overflow, { recursive: true, force: true });
    });
    this.#open.add(session);
    return session;
  }

  async query(sql: string): Promise<QueryResult> {
    // Opening an instance takes longer than most questions do.
    this.#questions ??= this.#instance({ threads: 1 }, join(this.spoolFolder, 'overflow-questions')).catch((error) => {
      this.#questions = undefined;
      throw error;
    });
    const connection = await (await this.#questions).connect();
    const session = new DuckDbSession(connection, () => connection.closeSync());
    this.#open.add(session);
    try {
      return await session.query(sql);
    } finally {
      this.#open.delete(session);
      await session.close();
    }
  }

  async #instance(options: QueryEngineSessionOptions, overflow: string): Promise<DuckDBInstance> {
    const folders = [this.spoolFolder, ...(options.readableFolders ?? [])].map((folder) => `${resolve(folder)}/`);
    // Loaded with the first session: 60 MB of native code that a function without queries never needs.
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const instance = await DuckDBInstance.create(':memory:', {
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      memory_limit: `${options.memoryLimit ?? this.#options.memoryLimit ?? 512 * 1024 * 1024}B`,
      temp_directory: overflow,
      // Rows that a write into partitions keeps before it gives them to their files: the default, half a million, is a gigabyte of resources.
      partitioned_write_flush_threshold: '8192',
      ...threadsOf(options.threads ?? this.#options.threads),
    });
    const connection = await instance.connect();
    await connection.run("SET GLOBAL TimeZone = 'UTC'");
    await connection.run(`SET allowed_directories = [${folders.map(quoted).join(', ')}]`);
    await connection.run('SET enable_external_access = false');
    await connection.run('SET lock_configuration = true');
    connection.closeSync();
    return instance;
  }

  async close(): Promise<void> {
    for (const session of [...this.#open]) await session.close();
    const questions = this.#questions;
    this.#questions = undefined;
    (await questions)?.closeSync();
    emptyFolder(this.spoolFolder);
  }
}

/** The folder itself stays: in a container it is the place where a volume is mounted, and cannot be taken away. */
function emptyFolder(folder: string): void {
  // An engine that was never used has none yet.
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder)) rmSync(join(folder, entry), { recursive: true, force: true });
}

const threadsOf = (threads: number | undefined): Record<string, string> =>
  threads === undefined ? {} : { threads: String(threads) };

class DuckDbSession implements QuerySession {
  readonly #connection: DuckDBConnection;
  readonly #dispose: () => void;
  #closed = false;

  constructor(connection: DuckDBConnection, dispose: () => void) {
    this.#connection = connection;
    this.#dispose = dispose;
  }

  async run(sql: string, parameters: Readonly<Record<string, QueryValue>> = {}): Promise<void> {
    await this.#guard(() => this.#connection.run(sql, parameters as Record<string, DuckDBValue>));
  }

  async query(sql: string, parameters: Readonly<Record<string, QueryValue>> = {}): Promise<QueryResult> {
    return this.#guard(async () => {
      const reader = await this.#connection.runAndReadAll(sql, parameters as Record<string, DuckDBValue>);
      const columns = reader
        .columnNames()
        .map((name, index): ColumnSchema => ({ name, type: String(reader.columnType(index)) }));
      return { columns, rows: reader.getRowObjectsJson() as Record<string, QueryValue>[] };
    });
  }

  async describe(sql: string): Promise<readonly ColumnSchema[]> {
    const { rows } = await this.query(`DESCRIBE ${sql}`);
    return rows.map((row) => ({ name: String(row.column_name), type: String(row.column_type) }));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#dispose();
  }

  async #guard<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw toLakeError(error);
    }
  }
}

/** Kinds of DuckDB error whose first words say enough; what follows may quote data, so it stays in `cause`. */
function toLakeError(cause: unknown): LakeError {
  // With parameters, even none, DuckDB splits the text first and puts its own words before the error.
  const text = (cause instanceof Error ? cause.message : '').replace(/^Failed to extract statements: /, '');
  const kind = /^([A-Za-z ]+ Error)/.exec(text)?.[1] ?? 'Error';
  if (/^(?:Out of Memory|IO) Error/.test(text)) {
    return new LakeError(
      'Unavailable',
      `The query could not finish (${kind}). Give it more memory or disk, or read less at once.`,
      { cause },
    );
  }
  if (/^(?:Parser|Binder|Catalog|Syntax) Error/.test(text)) {
    // These speak of the statement's own names, never of data.
    return new LakeError('InvalidArgument', `The SQL is refused: ${text.split('\n', 1)[0]}`, { cause });
  }
  if (/^Permission Error/.test(text)) {
    return new LakeError(
      'InvalidArgument',
      'The SQL reads or changes what it may not: only the tables it was given are open, no files, addresses or settings.',
      { cause },
    );
  }
  if (/^(?:Invalid Input|Conversion|Out of Range|Not implemented|Constraint|Mismatch Type) Error/i.test(text)) {
    return new LakeError(
      'InvalidArgument',
      `The SQL fails on the data it reads (${kind}). Use TRY_CAST where values may not fit.`,
      { cause },
    );
  }
  return new LakeError('Unknown', `The query failed (${kind}).`, { cause });
}
