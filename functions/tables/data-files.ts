import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LakeError } from '../../adapters/ports/errors';
import type { ObjectStore } from '../../adapters/ports/object-store';
import type { QueryEngine, QuerySession, QueryValue } from '../../adapters/ports/query-engine';
import { type DeltaField, type DeltaSchema, duckDbType } from './column-types';
import { type AddFile, type MetaData, partitionKey } from './delta-actions';
import { fileBody } from './file-body';
import { fileStatistics } from './file-statistics';
import { placeFile, removePlaced } from './place-file';
import { quoteIdentifier, quoteText } from './sql-text';
import { bytesOfRow, portion, portionsOf, usualRows, wideRows } from './wide-rows';

type Layout = Pick<MetaData, 'partitionColumns' | 'configuration' | 'schemaString'>;
type FileStore = Pick<ObjectStore, 'capabilities' | 'putIfAbsent' | 'stream' | 'delete' | 'localPath'>;

/** Parquet settings every reader of the lake gets right (reference: proven parts, Delta); V1 is DuckDB's default version. */
const parquetOptions = 'FORMAT parquet, COMPRESSION zstd, RETURN_STATS';
const transfersAtOnce = 8;
/** Partition values stand in the log as text, which every reader must read alike. */
const partitionTypes = /^(?:string|byte|short|integer|long|date|boolean)$/;

/** The Parquet files of one table: written once under names nobody else has, never changed. */
export class DataFiles {
  readonly #store: FileStore;
  readonly #table: string;
  readonly #spoolFolder: string;
  readonly #wideColumn: string | undefined;

  constructor(store: FileStore, table: string, engine: Pick<QueryEngine, 'spoolFolder'>, wideColumn?: string) {
    this.#wideColumn = wideColumn;
    this.#store = store;
    this.#table = table;
    this.#spoolFolder = engine.spoolFolder;
  }

  /** The rows of a SELECT as files, one for each partition; none when there are no rows. */
  async write(session: QuerySession, select: string, schema: DeltaSchema, metaData: Layout): Promise<AddFile[]> {
    checkPartitions(schema, metaData.partitionColumns);
    const wide = this.#wideColumn;
    const { rowsPerGroup } = wide === undefined ? usualRows : wideRows(await bytesOfRow(session, wide, select));
    return this.#copy(session, select, schema, metaData, Math.max(rowsPerGroup, portion));
  }

  /**
   * The rows of files of this table as other files; `select` makes rows of a relation over them. In the memory of a function also
   * when resources are large: they are read once for each portion of the rows then, and written one partition after the other.
   */
  async rewrite(
    session: QuerySession,
    from: readonly AddFile[],
    select: (relation: string) => string,
    current: DeltaSchema,
    metaData: Layout,
  ): Promise<AddFile[]> {
    const schema = JSON.parse(metaData.schemaString) as DeltaSchema;
    checkPartitions(schema, metaData.partitionColumns);
    const wide = this.#wideColumn;
    const bytes = wide === undefined ? 0 : await bytesOfRow(session, wide, await this.#places(from));
    const { rowsPerGroup, portions } = wide === undefined ? usualRows : wideRows(bytes);
    const relation = await this.relation(from, current);
    const [column, ...more] = metaData.partitionColumns;
    if (portions === 1 || wide === undefined || more.length > 0)
      return this.#copy(session, select(relation), schema, metaData, rowsPerGroup);
    if (column === undefined)
      return this.#copy(session, portionsOf(select(relation), schema, wide, portions), schema, metaData, rowsPerGroup);
    const spool = join(this.#spoolFolder, `rewrite-${randomUUID()}`);
    await mkdir(spool, { recursive: true, mode: 0o700 });
    const kept = async (name: string, query: string): Promise<string> => {
      const file = quoteText(join(spool, name));
      await session.query(`COPY (${query}) TO ${file} (${parquetOptions}, ROW_GROUP_SIZE ${rowsPerGroup})`);
      return `read_parquet(${file}, hive_partitioning = false)`;
    };
    const added: AddFile[] = [];
    try {
      // In small groups before anything is worked out of a resource: to parse JSON takes several times its size.
      const few = await kept('few', portionsOf(`SELECT * FROM ${relation}`, current, wide, portions));
      const rows = await kept('rows', select(few));
      const name = quoteIdentifier(column);
      const values = await session.query(`SELECT DISTINCT CAST(${name} AS VARCHAR) AS value FROM ${rows} ORDER BY ALL`);
      for (const { value } of values.rows) {
        const partition = partitionOf([{ key: column, value: value === null ? null : String(value) }]);
        const literal = partitionLiteral(schema.fields, column, partition[column] ?? null);
        const some = `SELECT * EXCLUDE (${name}) FROM ${rows} WHERE ${name} IS NOT DISTINCT FROM ${literal}`;
        added.push(...(await this.#copy(session, some, schema, metaData, rowsPerGroup, partition)));
      }
      return added;
    } catch (error) {
      await this.discard(added);
      throw error;
    } finally {
      await rm(spool, { recursive: true, force: true });
    }
  }

  /** `partition`: of all the rows, which do not have its columns then. */
  async #copy(
    session: QuerySession,
    select: string,
    schema: DeltaSchema,
    { partitionColumns, configuration }: Layout,
    rowsPerGroup: number,
    partition?: AddFile['partitionValues'],
  ): Promise<AddFile[]> {
    const folder = join(this.#spoolFolder, `write-${randomUUID()}`);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const options = `${parquetOptions}, ROW_GROUP_SIZE ${rowsPerGroup}`;
    const target =
      partitionColumns.length === 0 || partition !== undefined
        ? `${quoteText(join(folder, 'rows.parquet'))} (${options})`
        : `${quoteText(folder)} (${options}, OVERWRITE_OR_IGNORE, FILENAME_PATTERN '{uuid}', PARTITION_BY (${partitionColumns.map(quoteIdentifier).join(', ')}))`;
    const added: AddFile[] = [];
    try {
      const { rows } = await session.query(`COPY (${select}) TO ${target}`);
      for (const row of rows) {
        const numRecords = Number(row.count);
        if (numRecords === 0) continue;
        const path = `part-${randomUUID()}.zstd.parquet`;
        const partitionValues = partition ?? partitionOf(keysOf(row.partition_keys));
        const { size } = await this.#store.putIfAbsent(this.#key(path), fileBody(String(row.filename)));
        const stats = fileStatistics(schema, numRecords, row.column_statistics, configuration);
        added.push({ path, partitionValues, size, modificationTime: Date.now(), dataChange: true, stats });
      }
      return added;
    } catch (error) {
      await this.discard(added);
      throw error;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Takes back files that no version names. One that stays behind is an orphan, which vacuum takes. */
  async discard(files: readonly AddFile[]): Promise<void> {
    for (const { path } of files) await this.remove(this.#key(path)).catch(() => undefined);
  }

  /** Deletes an object and the copy of it in the spool; one that is gone already is as good. */
  async remove(key: string): Promise<void> {
    await removePlaced(this.#spoolFolder, key);
    await this.#store.delete(key);
  }

  /**
   * SQL text of a relation over files, with the columns of a schema. Files may lack columns that came later, and hold none of
   * the partition columns. `fileColumn` adds a column with the path of each row's file.
   */
  async relation(files: readonly AddFile[], schema: DeltaSchema, fileColumn?: string): Promise<string> {
    const columns = schema.fields.map(({ name }) => quoteIdentifier(name));
    const named = fileColumn === undefined ? columns : [...columns, quoteIdentifier(fileColumn)];
    // Gives every column its name and type, also one that none of the files has; the optimiser drops it.
    const shape = schema.fields.map(
      ({ name, type }) => `CAST(NULL AS ${duckDbType(type)}) AS ${quoteIdentifier(name)}`,
    );
    if (fileColumn !== undefined) shape.push(`CAST(NULL AS VARCHAR) AS ${quoteIdentifier(fileColumn)}`);
    const groups = Map.groupBy(files, partitionKey);
    const legs = [`SELECT ${shape.join(', ')} WHERE false`];
    for (const group of groups.values()) {
      const places = `[${(await this.#places(group)).map(quoteText).join(', ')}]`;
      const partitions = Object.entries(group[0]!.partitionValues);
      const values = partitions.map(
        ([name, value]) => `${partitionLiteral(schema.fields, name, value)} AS ${quoteIdentifier(name)}`,
      );
      const paths = `[${group.map(({ path }) => quoteText(path)).join(', ')}]`;
      const source = 'file_of_row';
      const file =
        fileColumn === undefined
          ? []
          : [`list_extract(${paths}, list_position(${places}, ${source})) AS ${quoteIdentifier(fileColumn)}`];
      // What a file itself says of a partition column does not count (PROTOCOL.md, Partition Value Serialization).
      const own =
        partitions.length === 0
          ? '*'
          : `COLUMNS(name -> name NOT IN (${partitions.map(([name]) => quoteText(name)).join(', ')}))`;
      const options = fileColumn === undefined ? '' : `, filename = '${source}'`;
      legs.push(
        `SELECT ${[own, ...values, ...file].join(', ')} FROM read_parquet(${places}, union_by_name = true, hive_partitioning = false${options})`,
      );
    }
    return `(SELECT ${named.join(', ')} FROM (${legs.join(' UNION ALL BY NAME ')}))`;
  }

  #key(path: string): string {
    if (/^(?:[a-z][a-z0-9+.-]*:|\/)/i.test(path)) {
      throw new LakeError(
        'Unsupported',
        'The table names a file outside of its folder (a shallow clone?). Write a whole copy of the table.',
      );
    }
    return `${this.#table}/${decodeURIComponent(path)}`;
  }

  async #places(files: readonly AddFile[]): Promise<string[]> {
    const places: string[] = [];
    for (let at = 0; at < files.length; at += transfersAtOnce) {
      const some = files
        .slice(at, at + transfersAtOnce)
        .map(({ path }) => placeFile(this.#store, this.#spoolFolder, this.#key(path)));
      places.push(...(await Promise.all(some)));
    }
    return places;
  }
}

function checkPartitions(schema: DeltaSchema, partitionColumns: readonly string[]): void {
  for (const name of partitionColumns) {
    const type = schema.fields.find((field) => field.name === name)?.type;
    if (typeof type !== 'string' || !partitionTypes.test(type)) {
      throw new LakeError(
        'InvalidArgument',
        `The rows cannot be partitioned by the column ${name}: it is missing or its type is not allowed. Allowed: VARCHAR, TINYINT, SMALLINT, INTEGER, BIGINT, DATE, BOOLEAN.`,
      );
    }
  }
}

type PartitionKey = { readonly key: string; readonly value: string | null };

const keysOf = (keys: QueryValue | undefined): readonly PartitionKey[] =>
  (Array.isArray(keys) ? keys : []) as unknown as readonly PartitionKey[];

function partitionOf(entries: readonly PartitionKey[]): Record<string, string | null> {
  for (const { key, value } of entries) {
    if (value === '') {
      throw new LakeError(
        'InvalidArgument',
        `The partition column ${key} holds an empty text, which readers of a table take for NULL. Write NULL or another text.`,
      );
    }
  }
  return Object.fromEntries(entries.map(({ key, value }) => [key, value]));
}

/** Readers take an empty text for NULL (PROTOCOL.md, Partition Value Serialization). */
function partitionLiteral(fields: readonly DeltaField[], name: string, value: string | null): string {
  const type = fields.find((field) => field.name === name)?.type ?? 'string';
  return `CAST(${value === null || value === '' ? 'NULL' : quoteText(value)} AS ${duckDbType(type)})`;
}
