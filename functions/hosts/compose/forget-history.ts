import type { QueryEngine } from '../../../adapters/ports/query-engine';
import { DeltaTable, type TableStore } from '../../tables/delta-table';
import type { MartOptions } from './marts-function';

type Engine = Pick<QueryEngine, 'session' | 'spoolFolder'>;

/** What was erased must not be readable a minute longer, also not by time travel. */
export async function forgetHistory(engine: Engine, store: TableStore, tables: readonly string[]): Promise<void> {
  const session = await engine.session();
  try {
    for (const table of tables) await new DeltaTable(store, table, engine).forgetHistory(session);
  } finally {
    await session.close();
  }
}

/**
 * Marts are made anew from what is left; versions before that are deleted, so that no reader goes back to them. Of a mart that may
 * not be built now, because an opt-out list is stale, nothing stays: the person's rows must go today.
 *
 * @param built names of the marts there are
 */
export async function rebuildMarts(
  { marts, query }: { readonly marts: TableStore; readonly query: Engine },
  built: readonly string[],
  build: (names: readonly string[], options: MartOptions) => Promise<unknown>,
): Promise<readonly string[]> {
  if (built.length === 0) return [];
  await build(built, { refused: 'empty' });
  await forgetHistory(query, marts, built);
  return built;
}
