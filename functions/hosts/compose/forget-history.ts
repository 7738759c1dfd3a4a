import { DeltaTable, type TableEngine, type TableStore } from '../../tables/delta-table';

/** What was erased must not be readable a minute longer, also not by time travel. */
export async function forgetHistory(engine: TableEngine, store: TableStore, tables: readonly string[]): Promise<void> {
  const session = await engine.session();
  try {
    for (const table of tables) await new DeltaTable(store, table, engine).forgetHistory(session);
  } finally {
    await session.close();
  }
}
