import type { CatalogueTable } from '../../adapters/ports/catalogue';
import type { QuerySession } from '../../adapters/ports/query-engine';
import type { Failpoint } from '../failpoint';
import { CuratedTable, curatedHistoryMilliseconds } from '../tables/curated-table';
import { DeltaTable, type TableEngine, type TableStore } from '../tables/delta-table';

const hour = 3_600_000;
/**
 * How far back each kind of table can be read by time travel. A mart is written whole every time, its past is soon larger than
 * itself; what was in it can be built again. Neither may be shorter than the longest reader, a day.
 */
const historyMilliseconds = { curated: curatedHistoryMilliseconds, marts: 25 * hour };

export interface CompactionServices {
  readonly curated: TableStore;
  readonly marts: TableStore;
  readonly engine: TableEngine;
  readonly session: QuerySession;
  readonly failpoint: Failpoint;
  /** Bytes from which on a curated table is divided by the clinical year; default 10 GB. */
  readonly partitionAbove?: number | undefined;
}

export interface CompactedTable {
  readonly database: CatalogueTable['database'];
  readonly table: DeltaTable;
  /** Whether a new version was written. */
  readonly changed: boolean;
  /** Files that no version within the history names any more. */
  readonly removedFiles: number;
}

/**
 * Keeps tables quick to read: large curated tables are divided by the clinical year, curated tables are folded to the newest version of each resource (landing keeps all), the past of
 * every table beyond its history is deleted. Writers and readers go on meanwhile; what a crash leaves undone the next run does.
 */
export async function compactTables(
  { curated, marts, engine, session, failpoint, partitionAbove }: CompactionServices,
  tables: readonly Pick<CatalogueTable, 'database' | 'name' | 'columns'>[],
  now: Date,
): Promise<readonly CompactedTable[]> {
  const compacted: CompactedTable[] = [];
  const failures: unknown[] = [];
  const compact = async ({ database, name, columns }: (typeof tables)[number]): Promise<void> => {
    const table = new DeltaTable(database === 'curated' ? curated : marts, name, engine);
    const isVersioned = database === 'curated' && columns.some((column) => column.name === 'resource');
    let changed = false;
    if (isVersioned) {
      const rows = new CuratedTable(curated, name, engine);
      const divided = await rows.partition(session, partitionAbove);
      await failpoint('compaction.divided');
      changed = [divided, await rows.compact(session, false)].some((version) => version !== undefined);
    }
    await failpoint('compaction.folded');
    const removedFiles = await table.vacuum(new Date(now.getTime() - historyMilliseconds[database]));
    await failpoint('compaction.vacuumed');
    compacted.push({ database, table, changed, removedFiles });
  };
  // One table that an erasure overtook, or that has no room, keeps no other from its turn.
  for (const table of tables) await compact(table).catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
  return compacted;
}
