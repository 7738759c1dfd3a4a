import type { Catalogue } from '../../adapters/ports/catalogue';
import type { Ledger } from '../ingest/ledger';

/** What a lake holds and what waits in it, as `lake status` shows it. */
export interface LakeCounts {
  readonly totals: Awaited<ReturnType<Ledger['totals']>>;
  readonly segments: Awaited<ReturnType<Ledger['countSegments']>>;
  /** Events of what landed that nobody took and that are offered no more, and since when the oldest waits. */
  readonly deadLetters: Awaited<ReturnType<Ledger['deadLetters']>>;
  /** `database.name` of each table in the catalogue. */
  readonly tables: readonly string[];
}

export async function lakeCounts(
  ledger: Pick<Ledger, 'totals' | 'countSegments' | 'deadLetters'>,
  catalogue: Pick<Catalogue, 'tables'>,
): Promise<LakeCounts> {
  const [totals, segments, deadLetters, tables] = await Promise.all([
    ledger.totals(),
    ledger.countSegments(),
    ledger.deadLetters(),
    catalogue.tables(),
  ]);
  return { totals, segments, deadLetters, tables: tables.map((table) => `${table.database}.${table.name}`) };
}
