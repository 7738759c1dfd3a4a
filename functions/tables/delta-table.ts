import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LakeError } from '../../adapters/ports/errors';
import type { ObjectStore } from '../../adapters/ports/object-store';
import type { QueryEngine, QuerySession } from '../../adapters/ports/query-engine';
import { type DeltaSchema, deltaSchemaOf } from './column-types';
import { type Action, type AddFile, DeltaLog, type RemoveFile, type Snapshot } from './delta-log';
import { placeFile } from './place-file';
import { quoteIdentifier, quoteText } from './sql-text';

export type TableStore = Pick<
  ObjectStore,
  'capabilities' | 'putIfAbsent' | 'read' | 'stream' | 'head' | 'list' | 'delete' | 'localPath'
>;

export interface WriteOptions {
  /** Names a batch of an application: a table takes each version of it once, whoever repeats it. */
  readonly transaction?: { readonly appId: string; readonly version: number };
}

/** Parquet settings every reader of the lake gets right (reference: proven parts, Delta). */
const parquetOptions = 'FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880';
const maxAttempts = 50;

/**
 * A Delta Lake table (protocol reader 1, writer 2) over an ObjectStore: Parquet files by DuckDB, a log whose files are put
 * if absent. Readers see whole versions only; writers that meet each other try again.
 */
export class DeltaTable {
  readonly name: string;
  readonly #store: TableStore;
  readonly #log: DeltaLog;
  readonly #engine: Pick<QueryEngine, 'spoolFolder'>;

  /** @param path folder of the table in its store, for example `observation`. */
  constructor(store: TableStore, path: string, engine: Pick<QueryEngine, 'spoolFolder'>) {
    this.name = path;
    this.#store = store;
    this.#log = new DeltaLog(store, path);
    this.#engine = engine;
  }

  snapshot(version?: number): Promise<Snapshot> {
    return version === undefined ? this.#log.latest() : this.#log.at(version);
  }

  async schema(): Promise<DeltaSchema | undefined> {
    const { metaData } = await this.#log.latest();
    return metaData === undefined ? undefined : (JSON.parse(metaData.schemaString) as DeltaSchema);
  }

  /** Adds the rows of a SELECT; gives the version, or undefined when this transaction is in the table already. */
  append(session: QuerySession, select: string, options: WriteOptions = {}): Promise<number | undefined> {
    return this.#write(session, select, options, () => []);
  }

  /** Replaces all rows by those of a SELECT, in one version. */
  overwrite(session: QuerySession, select: string, options: WriteOptions = {}): Promise<number | undefined> {
    return this.#write(session, select, options, (snapshot) => [...snapshot.files.keys()]);
  }

  /**
   * Replaces some files by the rows of a SELECT over them (compaction, erasure). Refused as `PreconditionFailed` when one of
   * the files is gone by then: the caller reads again.
   */
  replaceFiles(session: QuerySession, files: readonly string[], select: string): Promise<number | undefined> {
    return this.#write(session, select, {}, (snapshot) => {
      if (files.some((path) => !snapshot.files.has(path))) {
        throw new LakeError(
          'PreconditionFailed',
          'A file to replace is no longer part of the table. Read the table again.',
        );
      }
      return files;
    });
  }

  /** SQL text of a relation over a version's rows; files are read in place, or fetched into the spool folder. */
  async relation(snapshot?: Snapshot): Promise<string> {
    const { files, metaData } = snapshot ?? (await this.#log.latest());
    if (metaData === undefined) throw new LakeError('NotFound', `There is no table ${this.name} yet.`);
    const { fields } = JSON.parse(metaData.schemaString) as DeltaSchema;
    const columns = fields.map(({ name }) => quoteIdentifier(name)).join(', ');
    if (files.size === 0) {
      const nothing = fields
        .map(({ name, type }) => `CAST(NULL AS ${duckDbType(type)}) AS ${quoteIdentifier(name)}`)
        .join(', ');
      return `(SELECT ${nothing} WHERE false)`;
    }
    const paths = await Promise.all(
      [...files.keys()].map((path) =>
        placeFile(this.#store, this.#engine.spoolFolder, `${this.name}/${decodeURIComponent(path)}`),
      ),
    );
    return `(SELECT ${columns} FROM read_parquet([${paths.map(quoteText).join(', ')}], union_by_name = true))`;
  }

  /** Deletes files that no version younger than `olderThan` names; time travel ends there. Gives how many. */
  async vacuum(olderThan: Date): Promise<number> {
    const { files } = await this.#log.latest();
    let removed = 0;
    for await (const { key, lastModified } of this.#store.list(`${this.name}/`)) {
      const path = key.slice(this.name.length + 1);
      if (!path.endsWith('.parquet') || path.startsWith('_delta_log/') || files.has(path) || lastModified >= olderThan)
        continue;
      await this.#store.delete(key);
      removed += 1;
    }
    return removed;
  }

  async #write(
    session: QuerySession,
    select: string,
    { transaction }: WriteOptions,
    removals: (snapshot: Snapshot) => readonly string[],
  ): Promise<number | undefined> {
    const isDone = ({ transactions }: Snapshot): boolean =>
      transaction !== undefined && (transactions.get(transaction.appId) ?? -1) >= transaction.version;
    let snapshot = await this.#log.latest();
    if (isDone(snapshot)) return undefined;
    const schema = deltaSchemaOf(await session.describe(select));
    const added = await this.#writeFile(session, select);
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      if (isDone(snapshot)) return undefined;
      const now = Date.now();
      const actions: Action[] = [
        ...schemaActions(this.name, snapshot, schema, now),
        ...(transaction === undefined ? [] : [{ txn: { ...transaction, lastUpdated: now } }]),
        ...removals(snapshot).map((path) => ({
          remove: { path, deletionTimestamp: now, dataChange: true } satisfies RemoveFile,
        })),
        ...(added === undefined ? [] : [{ add: added }]),
        { commitInfo: { timestamp: now, operation: 'WRITE', operationParameters: {}, engineInfo: 'nhs-data-lake' } },
      ];
      if (await this.#log.tryCommit(snapshot, actions)) return snapshot.version + 1;
      snapshot = await this.#log.latest();
    }
    throw new LakeError('Unavailable', `The table ${this.name} changes too often to be written. Try again.`);
  }

  /** The rows as a Parquet file in the store, under a name nobody else has; undefined when there are none. */
  async #writeFile(session: QuerySession, select: string): Promise<AddFile | undefined> {
    const path = `part-${randomUUID()}.zstd.parquet`;
    await mkdir(this.#engine.spoolFolder, { recursive: true });
    const file = join(this.#engine.spoolFolder, path);
    try {
      await session.run(`COPY (${select}) TO ${quoteText(file)} (${parquetOptions})`);
      const { rows } = await session.query(`SELECT count(*) AS rows FROM read_parquet(${quoteText(file)})`);
      const numRecords = Number(rows[0]?.rows ?? 0);
      if (numRecords === 0) return undefined;
      const { size } = await this.#store.putIfAbsent(`${this.name}/${path}`, createReadStream(file));
      return {
        path,
        partitionValues: {},
        size,
        modificationTime: Date.now(),
        dataChange: true,
        stats: JSON.stringify({ numRecords }),
      };
    } finally {
      await rm(file, { force: true });
    }
  }
}

/** The first version declares protocol and schema; later ones may add columns, never take or change one. */
function schemaActions(name: string, { metaData }: Snapshot, schema: DeltaSchema, now: number): Action[] {
  const create = (id: string, all: DeltaSchema, createdTime: number): Action => ({
    metaData: {
      id,
      name: name.slice(name.lastIndexOf('/') + 1),
      format: { provider: 'parquet', options: {} },
      schemaString: JSON.stringify(all),
      partitionColumns: [],
      configuration: {},
      createdTime,
    },
  });
  if (metaData === undefined)
    return [{ protocol: { minReaderVersion: 1, minWriterVersion: 2 } }, create(randomUUID(), schema, now)];
  const present = JSON.parse(metaData.schemaString) as DeltaSchema;
  const types = new Map(present.fields.map((field) => [field.name, JSON.stringify(field.type)]));
  for (const field of schema.fields) {
    const type = types.get(field.name);
    if (type !== undefined && type !== JSON.stringify(field.type)) {
      throw new LakeError(
        'PreconditionFailed',
        `Column ${field.name} of ${name} has another type in the table. Cast it to the type of the table, or give it a new name.`,
      );
    }
  }
  const fresh = schema.fields.filter(({ name: column }) => !types.has(column));
  return fresh.length === 0
    ? []
    : [create(metaData.id, { type: 'struct', fields: [...present.fields, ...fresh] }, metaData.createdTime)];
}

const duckDbNames: Readonly<Record<string, string>> = {
  boolean: 'BOOLEAN',
  byte: 'TINYINT',
  short: 'SMALLINT',
  integer: 'INTEGER',
  long: 'BIGINT',
  float: 'FLOAT',
  double: 'DOUBLE',
  string: 'VARCHAR',
  binary: 'BLOB',
  date: 'DATE',
  timestamp: 'TIMESTAMPTZ',
};

function duckDbType(type: DeltaSchema['fields'][number]['type']): string {
  if (typeof type === 'string') return duckDbNames[type] ?? type.toUpperCase();
  if (type.type === 'array') return `${duckDbType(type.elementType)}[]`;
  if (type.type === 'map') return `MAP(${duckDbType(type.keyType)}, ${duckDbType(type.valueType)})`;
  return `STRUCT(${type.fields.map((field) => `${quoteIdentifier(field.name)} ${duckDbType(field.type)}`).join(', ')})`;
}
