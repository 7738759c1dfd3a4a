import { LakeError } from '../../adapters/ports/errors';
import type { ObjectStore } from '../../adapters/ports/object-store';
import type { QueryEngine, QuerySession } from '../../adapters/ports/query-engine';
import { type DeltaSchema, deltaSchemaOf } from './column-types';
import { type CompactionOptions, compaction } from './compaction';
import { DataFiles } from './data-files';
import { type Action, type AddFile, partitionKey } from './delta-actions';
import { DeltaLog } from './delta-log';
import { type PartitionColumn, repartition } from './repartition';
import { filterSql, mayHold, type RowFilter } from './row-filter';
import { countOutside, RowRemoval } from './row-removal';
import { checkWritable, type Snapshot, schemaOf } from './snapshot';
import { checkSafetyAge, deleteUnnamed } from './table-clean-up';
import { commitChange, erasures, removals } from './table-commits';
import { metaDataActions, metaDataWith, type TableOptions } from './table-schema';

export type TableStore = Pick<
  ObjectStore,
  'capabilities' | 'putIfAbsent' | 'put' | 'read' | 'stream' | 'list' | 'delete' | 'localPath'
> &
  // Whoever erases is given it, and nobody else.
  Partial<Pick<ObjectStore, 'purgeVersionsUnder'>>;
export type TableEngine = Pick<QueryEngine, 'session' | 'query' | 'spoolFolder'>;

export interface WriteOptions {
  /** The generation of keys under which the rows were made: refused once the table has been made over to a later one. */
  readonly generation?: number | undefined;
  /** Names a batch of an application: a table takes each version of it once, whoever repeats it. */
  readonly transaction?: { readonly appId: string; readonly version: number };
}

export interface OverwriteOptions extends WriteOptions {
  /** What becomes of columns that the new rows lack or have in another type: they are kept (NULL) or refused, or replaced too. */
  readonly columns?: 'keep' | 'replace';
  /** Refuses when the table is at another version: its rows were worked out beside this one. */
  readonly ifVersion?: number;
}

export interface Deletion {
  /** Rows that went. */
  readonly rows: number;
  /** Paths of the files that held them; they are no longer part of the table. */
  readonly rewrittenFiles: readonly string[];
  /** The version without them; undefined when there were none. */
  readonly version: number | undefined;
}

/** The generation a table was made over to (as a transaction of an application), where checkpoints keep it. */
const generations = 'lake/generation';

/** What a write takes away, given the version it lands on and the files it adds. */
type Removals = (snapshot: Snapshot, added: readonly AddFile[]) => readonly string[];

/**
 * A Delta Lake table (protocol reader 1, writer 2) over an ObjectStore: Parquet files by DuckDB, a log whose files are put
 * if absent. Readers see whole versions only; writers that meet each other try again.
 */
export class DeltaTable {
  readonly name: string;
  readonly #store: TableStore;
  readonly #log: DeltaLog;
  readonly #files: DataFiles;
  readonly #options: TableOptions;

  /** @param path folder of the table in its store, for example `observation`. */
  constructor(store: TableStore, path: string, engine: TableEngine, options: TableOptions = {}) {
    this.name = path;
    this.#store = store;
    this.#log = new DeltaLog(store, path, engine);
    this.#files = new DataFiles(store, path, engine, options.wideColumn);
    this.#options = options;
  }

  /**
   * The newest version, or the one of a number or a moment (time travel).
   *
   * @throws LakeError `NotFound` when the log no longer reaches back to it.
   */
  async snapshot(point?: number | Date): Promise<Snapshot> {
    const latest = await this.#log.latest();
    if (point === undefined) return latest;
    const past = await this.#log.at(point);
    if (past.transactions.get(erasures) !== latest.transactions.get(erasures))
      throw new LakeError(
        'NotFound',
        'Rows were erased since that version, and its files with them. Read a later one.',
      );
    return past;
  }

  async schema(): Promise<DeltaSchema | undefined> {
    return schemaOf(await this.#log.latest());
  }

  /** Adds the rows of a SELECT; gives the version, or undefined when this transaction is in the table already. */
  append(session: QuerySession, select: string, options: WriteOptions = {}): Promise<number | undefined> {
    return this.#write(session, select, options, () => []);
  }

  /**
   * Replaces all rows by those of a SELECT, in one version.
   *
   * @throws LakeError `PreconditionFailed` when the table is at another version than `options.ifVersion`.
   */
  overwrite(session: QuerySession, select: string, options: OverwriteOptions = {}): Promise<number | undefined> {
    const { ifVersion } = options;
    return this.#write(session, select, options, ({ files, version }) => {
      if (ifVersion !== undefined && version !== ifVersion)
        throw new LakeError('PreconditionFailed', 'The table was written meanwhile. Read again what it is made of.');
      return [...files.keys()];
    });
  }

  /** Replaces the partitions that a SELECT has rows of, in one version; the others stay. */
  overwritePartitions(session: QuerySession, select: string, options: WriteOptions = {}): Promise<number | undefined> {
    return this.#write(session, select, options, ({ files, metaData }, added) => {
      if (metaData !== undefined && metaData.partitionColumns.length === 0) {
        throw new LakeError(
          'PreconditionFailed',
          `The table ${this.name} has no partitions. Use overwrite or replaceWhere.`,
        );
      }
      const written = new Set(added.map(partitionKey));
      return [...files.values()].filter((file) => written.has(partitionKey(file))).map(({ path }) => path);
    });
  }

  /**
   * Replaces some files by the rows of a SELECT over them. Refused as `PreconditionFailed` when one of the files is gone by
   * then: the caller reads again.
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

  /** Replaces the rows of a filter by those of a SELECT, which must all be of the filter, in one version. */
  async replaceWhere(session: QuerySession, filter: RowFilter, select: string): Promise<number | undefined> {
    const schema = deltaSchemaOf(await session.describe(select));
    const { rows } = await session.query(countOutside(`(${select})`, filterSql(filter, schema)));
    if (Number(rows[0]?.rows ?? 0) > 0) {
      throw new LakeError(
        'InvalidArgument',
        'Some of the new rows are not of the filter whose rows they replace. Write only rows of the filter.',
      );
    }
    const removal = new RowRemoval(session, this.#files, filter);
    return this.#write(session, select, {}, () => [], removal);
  }

  /** Takes the rows of a filter out, in one version. Earlier versions keep them until vacuum; `erase` does not wait. */
  async deleteWhere(session: QuerySession, filter: RowFilter): Promise<Deletion> {
    const removal = new RowRemoval(session, this.#files, filter);
    let done: Omit<Deletion, 'version'> = { rows: 0, rewrittenFiles: [] };
    const committed = await commitChange(this.#log, this.#files, session, {
      operation: 'DELETE',
      plan: async (snapshot) => {
        const { rows, removed, added } = await removal.from(snapshot);
        done = { rows, rewrittenFiles: removed };
        return rows === 0 ? undefined : [...removals(removed, true), ...added.map((add) => ({ add }))];
      },
      written: () => removal.written(),
    });
    return { ...done, version: committed?.version };
  }

  /**
   * Takes the rows of a filter out of this version and of all that ever were: rewrites the files that hold them, deletes those
   * files, every other file and log entry of the past, and statistics with them. Time travel begins anew here. Writers that
   * began before are refused, so that they do not bring the rows back. Repeated after a crash it finishes what was left.
   */
  async erase(session: QuerySession, filter: RowFilter): Promise<Deletion> {
    const begun = await this.#refuseOlderWriters(session);
    if (begun === undefined) return { rows: 0, rewrittenFiles: [], version: undefined };
    const deletion = await this.deleteWhere(session, filter);
    await this.#deleteHistory(session, begun);
    return deletion;
  }

  /** Deletes everything but the newest version, at once: erasure uses it after a table was written anew. */
  async forgetHistory(session: QuerySession): Promise<void> {
    const begun = await this.#refuseOlderWriters(session);
    if (begun !== undefined) await this.#deleteHistory(session, begun);
  }

  /** The generation the table was made over to; 0 when it never was. */
  async generation(): Promise<number> {
    return (await this.#log.latest()).transactions.get(generations) ?? 0;
  }

  /** From now on rows of earlier generations are refused; what is in the table already the caller makes over. */
  async advance(session: QuerySession, generation: number): Promise<void> {
    await commitChange(this.#log, this.#files, session, {
      operation: 'WRITE',
      plan: ({ version, transactions }) =>
        version < 0 || (transactions.get(generations) ?? 0) >= generation
          ? undefined
          : [{ txn: { appId: generations, version: generation, lastUpdated: Date.now() } }],
    });
  }

  /** Merges small files; rows only go `without` says so. Gives the version, or undefined when there was nothing to merge. */
  async compact(session: QuerySession, options: CompactionOptions = {}): Promise<number | undefined> {
    const snapshot = options.without?.of ?? (await this.#log.latest());
    const change = await compaction(session, this.#files, snapshot, options);
    return (await commitChange(this.#log, this.#files, session, change))?.version;
  }

  /** Divides a table without partitions by a new column. Gives the version, or undefined when it has partitions or no rows. */
  async repartition(session: QuerySession, column: PartitionColumn): Promise<number | undefined> {
    const divided = await commitChange(this.#log, this.#files, session, repartition(session, this.#files, column));
    // Trino fails on an older checkpoint, whose files say nothing of the new column, when it is asked for a partition (476).
    if (divided !== undefined) await this.#log.checkpoint(session, divided);
    return divided?.version;
  }

  /**
   * SQL text of a relation over a version's rows, or those of a filter; files are read in place, or fetched into the spool
   * folder. Files whose partition or statistics show that they hold no row of the filter are not fetched. `fileColumn` adds a
   * column with the path of each row's file.
   */
  async relation(snapshot?: Snapshot, filter?: RowFilter, fileColumn?: string): Promise<string> {
    const present = snapshot ?? (await this.#log.latest());
    const schema = schemaOf(present);
    if (schema === undefined) throw new LakeError('NotFound', `There is no table ${this.name} yet.`);
    const all = [...present.files.values()];
    if (filter === undefined) return this.#files.relation(all, schema, fileColumn);
    const some = all.filter((file) => mayHold(filter, file, schema));
    return `(SELECT * FROM ${await this.#files.relation(some, schema, fileColumn)} WHERE ${filterSql(filter, schema)})`;
  }

  /** Writes a checkpoint of the newest version now; commits do so by themselves every ten versions. */
  async checkpoint(session: QuerySession): Promise<void> {
    const snapshot = await this.#log.latest();
    if (snapshot.version >= 0) await this.#log.checkpoint(session, snapshot);
  }

  /**
   * Deletes files that no version since `olderThan` names (orphans of writers that died too), and log entries that only
   * earlier versions need: time travel begins there. Gives how many data files.
   *
   * @throws LakeError `InvalidArgument` when `olderThan` is younger than the longest reader (a day).
   */
  async vacuum(olderThan: Date): Promise<number> {
    checkSafetyAge(olderThan);
    const snapshot = await this.#log.latest();
    const removed = await deleteUnnamed(
      this.#store,
      this.#files,
      this.name,
      snapshot,
      (file) => (file.removed ?? file.lastModified) < olderThan,
    );
    await this.#log.cleanUp(olderThan);
    return removed;
  }

  /** Gives the moment, by the store's clock, before which no writer may have begun; undefined when there is no table. */
  async #refuseOlderWriters(session: QuerySession): Promise<Date | undefined> {
    const committed = await commitChange(this.#log, this.#files, session, {
      operation: 'FORGET',
      plan: ({ version, transactions }) =>
        version < 0
          ? undefined
          : [{ txn: { appId: erasures, version: (transactions.get(erasures) ?? 0) + 1, lastUpdated: Date.now() } }],
    });
    return committed === undefined ? undefined : this.#log.committedAt(committed.version);
  }

  async #deleteHistory(session: QuerySession, begun: Date): Promise<void> {
    const snapshot = await this.#log.latest();
    await this.#log.checkpoint(session, snapshot);
    await deleteUnnamed(
      this.#store,
      this.#files,
      this.name,
      snapshot,
      // Not those of the same moment: stores that count whole seconds would lose files of writers that began since.
      ({ removed, lastModified }) => removed !== undefined || lastModified < begun,
    );
    await this.#log.forgetBefore(snapshot.version);
    // What a versioned store kept of these files, and of those that compaction or vacuum had taken away before.
    await this.#store.purgeVersionsUnder?.(`${this.name}/`);
  }

  async #write(
    session: QuerySession,
    select: string,
    { transaction, generation, columns }: OverwriteOptions,
    removalsOf: Removals,
    removal?: RowRemoval,
  ): Promise<number | undefined> {
    const isDone = ({ transactions }: Snapshot): boolean =>
      transaction !== undefined && (transactions.get(transaction.appId) ?? -1) >= transaction.version;
    const first = await this.#log.latest();
    if (isDone(first)) return undefined;
    checkWritable(first, false);
    const schema = deltaSchemaOf(await session.describe(select));
    const metaDataOn = (snapshot: Snapshot) =>
      metaDataWith(this.name, snapshot, schema, this.#options, columns === 'replace');
    const target = metaDataOn(first);
    const added = await this.#files.write(session, select, schema, target);
    const committed = await commitChange(this.#log, this.#files, session, {
      operation: 'WRITE',
      begun: first,
      plan: async (snapshot) => {
        if (isDone(snapshot)) return undefined;
        if (generation !== undefined && (snapshot.transactions.get(generations) ?? 0) > generation)
          throw new LakeError(
            'Unavailable',
            'The table was made over to a newer key while these rows were made. Make them again.',
          );
        const metaData = metaDataOn(snapshot);
        if (metaData.partitionColumns.join() !== target.partitionColumns.join())
          throw new LakeError('PreconditionFailed', 'The partitions of the table changed meanwhile. Write again.');
        const replaced = await removal?.from(snapshot);
        const actions: Action[] = [
          ...metaDataActions(snapshot, metaData),
          ...(transaction === undefined ? [] : [{ txn: { ...transaction, lastUpdated: Date.now() } }]),
          ...removals([...removalsOf(snapshot, added), ...(replaced?.removed ?? [])], true),
          ...[...added, ...(replaced?.added ?? [])].map((add) => ({ add })),
        ];
        return actions;
      },
      written: () => [...added, ...(removal?.written() ?? [])],
    });
    return committed?.version;
  }
}
