import type { QuerySession } from '../../adapters/ports/query-engine';
import type { DataFiles } from './data-files';
import { type Action, type AddFile, partitionKey } from './delta-actions';
import { type Snapshot, schemaOf } from './snapshot';
import { type Change, removals } from './table-commits';

export interface CompactionOptions {
  /** Bytes a file should have; default 128 MB. Files at least half as large stay as they are. */
  readonly targetBytes?: number;
  /** Rows that go, and the files they are in; these are written anew whatever their size. */
  readonly without?: {
    /** SQL condition that holds for the rows of some files that stay; it must stay true for them whatever is committed meanwhile. */
    readonly keep: (files: readonly string[]) => Promise<string>;
    readonly files: ReadonlySet<string>;
    /** The version they were found in: files that came later are left alone. */
    readonly of: Snapshot;
  };
}

interface Merged {
  readonly from: readonly string[];
  readonly into: readonly AddFile[];
}

const defaultTargetBytes = 128 * 1024 * 1024;

/** Groups of files of one partition, each group about the size of one good file: small files, and those that must be written anew. */
export function binsOf(
  files: Iterable<AddFile>,
  targetBytes = defaultTargetBytes,
  anew: ReadonlySet<string> = new Set(),
): AddFile[][] {
  const open = new Map<string, AddFile[]>();
  const bins: AddFile[][] = [];
  for (const file of files) {
    if (file.size >= targetBytes / 2 && !anew.has(file.path)) continue;
    const partition = partitionKey(file);
    const bin = open.get(partition);
    if (bin === undefined || sizeOf(bin) + file.size > targetBytes) {
      const next = [file];
      open.set(partition, next);
      bins.push(next);
    } else bin.push(file);
  }
  return bins.filter((bin) => bin.length > 1 || anew.has(bin[0]!.path));
}

const sizeOf = (files: readonly AddFile[]): number => files.reduce((sum, { size }) => sum + size, 0);

/** Merges small files. Files that another writer replaced meanwhile are left to a later compaction. */
export async function compaction(
  session: QuerySession,
  files: DataFiles,
  snapshot: Snapshot,
  { targetBytes, without }: CompactionOptions,
): Promise<Change> {
  const schema = schemaOf(snapshot);
  const { metaData } = snapshot;
  const merged: Merged[] = [];
  const dataChange = without !== undefined;
  try {
    for (const bin of schema === undefined ? [] : binsOf(snapshot.files.values(), targetBytes, without?.files)) {
      const kept = without === undefined ? '' : ` WHERE ${await without.keep(bin.map(({ path }) => path))}`;
      // As they come: to sort resources takes more memory than a function has.
      const select = (rows: string): string => `SELECT * FROM ${rows}${kept}`;
      const into = await files.rewrite(session, bin, select, schema!, metaData!);
      merged.push({ from: bin.map(({ path }) => path), into: into.map((add) => ({ ...add, dataChange })) });
    }
  } catch (error) {
    for (const { into } of merged) await files.discard(into);
    throw error;
  }
  return {
    operation: 'OPTIMIZE',
    begun: snapshot,
    plan({ files: present }): readonly Action[] | undefined {
      const possible = merged.filter(({ from }) => from.every((path) => present.has(path)));
      if (possible.length === 0) return undefined;
      return possible.flatMap(({ from, into }) => [...removals(from, dataChange), ...into.map((add) => ({ add }))]);
    },
    written: () => merged.flatMap(({ into }) => into),
  };
}
