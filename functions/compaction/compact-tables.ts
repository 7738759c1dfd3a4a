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
 * Keeps tables small to read: curated tables are folded to the newest version of each resource (landing keeps all), the past of
 * every table beyond its history is deleted. Writers and readers go on meanwhile; what a crash leaves undone the next run does.
 */
export async function compactTables(
  { curated, marts, engine, session, failpoint }: CompactionServices,
  tables: readonly Pick<CatalogueTable, 'database' | 'name' | 'columns'>[],
  now: Date,
): Promise<readonly CompactedTable[]> {
  const compacted: CompactedTable[] = [];
  for (const { database, name, columns } of tables) {
    const table = new DeltaTable(database === 'curated' ? curated : marts, name, engine);
    const isVersioned = database === 'curated' && columns.some((column) => column.name === 'resource');
    const version = isVersioned ? await new CuratedTable(curated, name, engine).compact(session, false) : undefined;
    await failpoint('compaction.folded');
    const removedFiles = await table.vacuum(new Date(now.getTime() - historyMilliseconds[database]));
    await failpoint('compaction.vacuumed');
    compacted.push({ database, table, changed: version !== undefined, removedFiles });
  }
  return compacted;
}
