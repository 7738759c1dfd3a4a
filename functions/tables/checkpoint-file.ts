import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isLakeError, LakeError } from '../../adapters/ports/errors';
import type { ObjectStore } from '../../adapters/ports/object-store';
import type { QueryEngine, QuerySession } from '../../adapters/ports/query-engine';
import type { Action, AddFile } from './delta-actions';
import { fileBody } from './file-body';
import type { Snapshot } from './snapshot';
import { quoteText } from './sql-text';

/** The columns of a classic checkpoint: one struct an action (PROTOCOL.md, Checkpoint Schema). */
const columns = `{
  txn: 'STRUCT(appId VARCHAR, "version" BIGINT, lastUpdated BIGINT)',
  add: 'STRUCT(path VARCHAR, partitionValues MAP(VARCHAR, VARCHAR), size BIGINT, modificationTime BIGINT, dataChange BOOLEAN, stats VARCHAR, tags MAP(VARCHAR, VARCHAR))',
  remove: 'STRUCT(path VARCHAR, deletionTimestamp BIGINT, dataChange BOOLEAN)',
  metaData: 'STRUCT(id VARCHAR, "name" VARCHAR, description VARCHAR, format STRUCT(provider VARCHAR, "options" MAP(VARCHAR, VARCHAR)), schemaString VARCHAR, partitionColumns VARCHAR[], configuration MAP(VARCHAR, VARCHAR), createdTime BIGINT)',
  protocol: 'STRUCT(minReaderVersion INTEGER, minWriterVersion INTEGER)'}`;

/** A snapshot as Parquet, so that a reader need not replay the log from its beginning. */
export class CheckpointFile {
  readonly #store: Pick<ObjectStore, 'read' | 'putIfAbsent'>;
  readonly #engine: Pick<QueryEngine, 'query' | 'spoolFolder'>;

  constructor(store: Pick<ObjectStore, 'read' | 'putIfAbsent'>, engine: Pick<QueryEngine, 'query' | 'spoolFolder'>) {
    this.#store = store;
    this.#engine = engine;
  }

  /** The actions of a checkpoint, whose parts are given. */
  async read(parts: readonly string[]): Promise<Action[]> {
    return this.#withSpool('parquet', parts.length, async (files) => {
      for (const [index, part] of parts.entries()) await writeFile(files[index]!, await this.#store.read(part));
      // COLUMNS: other writers may leave out a column of actions they have none of, or add columns of their own. One text for
      // each: ten thousand values one by one take longer than the query.
      const actions = "COLUMNS('^(txn|add|remove|metaData|protocol)$')";
      const query = this.#engine.query(
        `SELECT '[' || string_agg(to_json(${actions}), ',') FILTER (WHERE ${actions} IS NOT NULL) || ']' AS '\\0' FROM read_parquet([${files.map(quoteText).join(', ')}], union_by_name = true)`,
      );
      const { rows } = await query.catch((cause: unknown) => {
        if (isLakeError(cause, 'Unavailable')) throw cause;
        throw new LakeError(
          'Unknown',
          'A checkpoint in the log of a table is damaged. Restore its file from a backup, or delete it if the log still has its first version.',
          { cause },
        );
      });
      return Object.entries(rows[0] ?? {}).flatMap(([name, text]) =>
        text === null ? [] : (JSON.parse(String(text)) as ActionRow[]).map((action) => actionOf(name, action)),
      );
    });
  }

  /** Writes the checkpoint of a snapshot; one that is there already is as good. Gives the number of its actions. */
  async write(session: QuerySession, key: string, snapshot: Snapshot, keepTombstonesSince: Date): Promise<number> {
    const actions = checkpointActions(snapshot, keepTombstonesSince);
    await this.#withSpool('ndjson', 1, async ([lines]) => {
      await writeFile(lines!, actions.map((action) => `${JSON.stringify(action)}\n`).join(''));
      await this.#withSpool('parquet', 1, async ([parquet]) => {
        await session.run(
          `COPY (SELECT * FROM read_json(${quoteText(lines!)}, format = 'newline_delimited', maximum_object_size = 33554432, columns = ${columns})) TO ${quoteText(parquet!)} (FORMAT parquet, COMPRESSION zstd)`,
        );
        try {
          await this.#store.putIfAbsent(key, fileBody(parquet!));
        } catch (error) {
          if (!isLakeError(error, 'AlreadyExists')) throw error;
        }
      });
    });
    return actions.length;
  }

  async #withSpool<Result>(
    ending: string,
    count: number,
    work: (files: readonly string[]) => Promise<Result>,
  ): Promise<Result> {
    const folder = this.#engine.spoolFolder;
    await mkdir(folder, { recursive: true });
    const files = Array.from({ length: count }, () => join(folder, `checkpoint-${randomUUID()}.${ending}`));
    try {
      return await work(files);
    } finally {
      for (const file of files) await rm(file, { force: true });
    }
  }
}

function checkpointActions(snapshot: Snapshot, keepTombstonesSince: Date): Action[] {
  const since = keepTombstonesSince.getTime();
  const { protocol, metaData, transactions, files, tombstones } = snapshot;
  return [
    ...(protocol === undefined ? [] : [{ protocol }]),
    ...(metaData === undefined ? [] : [{ metaData }]),
    ...[...transactions].map(([appId, version]) => ({ txn: { appId, version } })),
    // In a checkpoint nothing is a change: it only says what there is.
    ...[...files.values()].map((add) => ({ add: { ...add, dataChange: false } })),
    ...[...tombstones.values()]
      .filter(({ deletionTimestamp }) => (deletionTimestamp ?? 0) >= since)
      .map(({ path, deletionTimestamp = 0 }) => ({ remove: { path, deletionTimestamp, dataChange: false } })),
  ];
}

type ActionRow = Readonly<Record<string, unknown>>;

/** What is NULL in Parquet is absent in the log. */
function actionOf(name: string, row: ActionRow): Action {
  // Most of a checkpoint, and its fields are few.
  if (name === 'add') return { add: addOf(row as unknown as AddRow) };
  return { [name]: Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) } as unknown as Action;
}

type AddRow = Omit<AddFile, 'stats' | 'tags'> & {
  readonly stats: string | null;
  readonly tags: AddFile['tags'] | null;
};

const addOf = ({ path, partitionValues, size, modificationTime, dataChange, stats, tags }: AddRow): AddFile => ({
  path,
  partitionValues,
  size,
  modificationTime,
  dataChange,
  ...(stats === null ? {} : { stats }),
  ...(tags === null || tags === undefined ? {} : { tags }),
});
