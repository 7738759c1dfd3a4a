import type { QuerySession } from '../../adapters/ports/query-engine';
import type { DeltaSchema } from './column-types';
import type { DataFiles } from './data-files';
import type { AddFile, MetaData } from './delta-actions';
import { type Snapshot, schemaOf } from './snapshot';
import { quoteIdentifier } from './sql-text';
import { type Change, removals } from './table-commits';

/** A column that a table is divided by from now on, and what it holds. */
export interface PartitionColumn {
  readonly name: string;
  readonly type: 'integer' | 'date' | 'string';
  /** SQL text over the columns there are. */
  readonly sql: string;
}

interface Rewritten {
  readonly from: readonly string[];
  readonly into: readonly AddFile[];
}

/** Bytes of files that are written anew together: each time a partition gets at least one file. */
const bytesTogether = 512 * 1024 * 1024;

/**
 * Divides a table by a new column, in one version: the files with the rows, the schema and the partition columns change together,
 * since no reader could read some files of the one kind and some of the other. What other writers change meanwhile is done again.
 */
export function repartition(session: QuerySession, files: DataFiles, column: PartitionColumn): Change {
  const all: Rewritten[] = [];
  return {
    operation: 'OPTIMIZE',
    async plan(snapshot) {
      const { metaData } = snapshot;
      if (metaData === undefined || metaData.partitionColumns.length > 0) return undefined;
      const divided = dividedBy(metaData, schemaOf(snapshot)!, column);
      const valid = all.filter(({ from }) => from.every((path) => snapshot.files.has(path)));
      const done = new Set(valid.flatMap(({ from }) => from));
      for (const some of together([...snapshot.files.values()].filter(({ path }) => !done.has(path)))) {
        const rewritten = await rewrite(session, files, snapshot, some, divided, column);
        all.push(rewritten);
        valid.push(rewritten);
      }
      return [
        { metaData: divided },
        ...removals(snapshot.files.keys(), false),
        ...valid.flatMap(({ into }) => into.map((add) => ({ add: { ...add, dataChange: false } }))),
      ];
    },
    written: () => all.flatMap(({ into }) => into),
  };
}

function dividedBy(metaData: MetaData, schema: DeltaSchema, { name, type }: PartitionColumn): MetaData {
  const field = { name, type, nullable: true as const, metadata: {} };
  const divided: DeltaSchema = { type: 'struct', fields: [...schema.fields, field] };
  return { ...metaData, schemaString: JSON.stringify(divided), partitionColumns: [name] };
}

async function rewrite(
  session: QuerySession,
  files: DataFiles,
  snapshot: Snapshot,
  some: readonly AddFile[],
  divided: MetaData,
  { name, sql }: PartitionColumn,
): Promise<Rewritten> {
  const select = (rows: string): string => `SELECT *, ${sql} AS ${quoteIdentifier(name)} FROM ${rows}`;
  const into = await files.rewrite(session, some, select, schemaOf(snapshot)!, divided);
  return { from: some.map(({ path }) => path), into };
}

function together(files: readonly AddFile[]): readonly (readonly AddFile[])[] {
  const groups: AddFile[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const file of files) {
    if (size + file.size > bytesTogether) {
      groups.push([]);
      size = 0;
    }
    groups.at(-1)!.push(file);
    size += file.size;
  }
  return groups;
}
