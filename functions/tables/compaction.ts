import type { QuerySession } from '../../adapters/ports/query-engine';
import type { DataFiles } from './data-files';
import type { Action, AddFile } from './delta-actions';
import { type Snapshot, schemaOf } from './snapshot';
import { quoteIdentifier } from './sql-text';
import { type Change, removals } from './table-commits';

export interface CompactionOptions {
  /** Bytes a file should have; default 128 MB. Files at least half as large stay as they are. */
  readonly targetBytes?: number;
  /** Order of the rows in the new files: rows that are sought together stand together, and statistics tell more. */
  readonly orderBy?: readonly string[];
}

interface Merged {
  readonly from: readonly string[];
  readonly into: readonly AddFile[];
}

/** Groups of small files of one partition, each group about the size of one good file. */
export function binsOf(files: Iterable<AddFile>, targetBytes: number): AddFile[][] {
  const open = new Map<string, AddFile[]>();
  const bins: AddFile[][] = [];
  for (const file of files) {
    if (file.size >= targetBytes / 2) continue;
    const partition = JSON.stringify(Object.entries(file.partitionValues).sort());
    const bin = open.get(partition);
    if (bin === undefined || sizeOf(bin) + file.size > targetBytes) {
      const next = [file];
      open.set(partition, next);
      bins.push(next);
    } else bin.push(file);
  }
  return bins.filter(({ length }) => length > 1);
}

const sizeOf = (files: readonly AddFile[]): number => files.reduce((sum, { size }) => sum + size, 0);

/** Merges small files without changing a row. Files that another writer replaced meanwhile are left to a later compaction. */
export async function compaction(
  session: QuerySession,
  files: DataFiles,
  snapshot: Snapshot,
  { targetBytes = 128 * 1024 * 1024, orderBy = [] }: CompactionOptions,
): Promise<Change> {
  const schema = schemaOf(snapshot);
  const { metaData } = snapshot;
  const merged: Merged[] = [];
  const discard = async (some: readonly Merged[]): Promise<void> => {
    for (const { into } of some) await files.discard(into);
  };
  if (schema !== undefined && metaData !== undefined) {
    const order = orderBy.length === 0 ? '' : ` ORDER BY ${orderBy.map(quoteIdentifier).join(', ')}`;
    for (const bin of binsOf(snapshot.files.values(), targetBytes)) {
      const rows = `SELECT * FROM ${await files.relation(bin, schema)}${order}`;
      const into = await files.write(session, rows, schema, metaData);
      merged.push({ from: bin.map(({ path }) => path), into: into.map((add) => ({ ...add, dataChange: false })) });
    }
  }
  return {
    operation: 'OPTIMIZE',
    plan(now): readonly Action[] | undefined {
      const possible = merged.filter(({ from }) => from.every((path) => now.files.has(path)));
      if (possible.length === 0) return undefined;
      return possible.flatMap(({ from, into }) => [...removals(from, false), ...into.map((add) => ({ add }))]);
    },
    abandon: () => discard(merged),
  };
}
