import type { CatalogueTable, PublishedTable } from '../ports/catalogue';
import { LakeError } from '../ports/errors';
import { hiveType } from '../shared/hive-type';
import type { HiveTable } from './metastore-calls';

/** What the lake keeps of a table beside what engines need. */
export interface LakeEntry
  extends Pick<CatalogueTable, 'columns' | 'partitionColumns' | 'schemaVersion' | 'tableVersion' | 'updated'> {
  /** Version of the schema that was announced last. */
  readonly announced: number;
  /** Counts the writes: whoever replaces a table names the one they read. */
  readonly revision: number;
}

/** Undefined when the table is not of a lake. */
export function entryOf({ parameters }: HiveTable): LakeEntry | undefined {
  const text = parameters['lake.entry'];
  if (text === undefined) return undefined;
  return { ...(JSON.parse(text) as Omit<LakeEntry, 'revision'>), revision: Number(parameters['lake.revision']) };
}

/** The same table with another entry, as its next revision. */
export function withEntry(table: HiveTable, { revision, ...entry }: LakeEntry): HiveTable {
  const parameters = {
    ...table.parameters,
    'lake.entry': JSON.stringify(entry),
    'lake.revision': String(revision + 1),
  };
  return { ...table, parameters };
}

/**
 * A table as Trino's Delta connector and Spark know it for Delta: external, the provider in its parameters, its folder as the
 * path of its serializer (Trino: "Delta Lake connector", metastores; delta-io/delta, `delta.enableHive`). The formats are
 * Hive's placeholders: nothing reads the folder by them.
 *
 * @throws LakeError `InvalidArgument` when the name is taken by a table elsewhere.
 */
export function deltaTable(
  { database, name, columns }: PublishedTable,
  zone: string,
  before: HiveTable | undefined,
  entry: LakeEntry,
): HiveTable {
  const location = `${zone}/${name}`;
  if (before !== undefined && (before.sd.serdeInfo.parameters.path ?? before.sd.location) !== location)
    throw new LakeError(
      'InvalidArgument',
      'The metastore has a table of that name which lies elsewhere. Drop it there, or give this lake a metastore of its own.',
    );
  return withEntry(
    {
      ...before,
      tableName: name,
      dbName: database,
      tableType: 'EXTERNAL_TABLE',
      partitionKeys: [],
      sd: {
        cols: columns.map((column) => ({ name: column.name, type: hiveType(column.type) })),
        location,
        inputFormat: 'org.apache.hadoop.mapred.SequenceFileInputFormat',
        outputFormat: 'org.apache.hadoop.hive.ql.io.HiveSequenceFileOutputFormat',
        compressed: false,
        numBuckets: 0,
        serdeInfo: {
          name,
          serializationLib: 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe',
          parameters: { path: location },
        },
        bucketCols: [],
        parameters: {},
      },
      parameters: { ...before?.parameters, EXTERNAL: 'TRUE', 'spark.sql.sources.provider': 'delta' },
    },
    entry,
  );
}
