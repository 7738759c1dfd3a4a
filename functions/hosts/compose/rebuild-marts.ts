import type { CatalogueTable } from '../../../adapters/ports/catalogue';
import { systemClock } from '../../../adapters/ports/clock';
import type { erasureJobManifest } from '../../erasure/manifest';
import type { PortsOf } from '../../manifest';
import { emptyMart } from '../../marts/build-mart';
import { readMarts } from '../../marts/mart-library';
import { readStagedMarts } from '../../marts/staged-mart';
import type { TableEngine, TableStore } from '../../tables/delta-table';
import { readableFoldersOf } from '../../tables/place-file';
import { forgetHistory } from './forget-history';
import { type MartOptions, martLibrary, martsFunction } from './marts-function';
import { forgetStaged } from './staged-marts-function';

interface MartTables {
  readonly marts: TableStore;
  readonly query: TableEngine;
}

/**
 * Marts are made anew from what is left; versions before that are deleted, so that no reader goes back to them. Of a mart that may
 * not be built now, because an opt-out list is stale, nothing stays: the person's rows must go today. Nor of one that no definition
 * makes any more, since nothing tells whose its rows are. A mart whose rows another engine made cannot be made anew; whom the lake no
 * longer knows is taken out of it, and what lies in staging goes.
 *
 * @param tables of the catalogue
 * @param library folder of the definitions
 */
export async function rebuildMarts(
  { marts, query }: MartTables,
  tables: readonly Pick<CatalogueTable, 'database' | 'name'>[],
  library: string,
  build: (names: readonly string[], options: MartOptions) => Promise<unknown>,
): Promise<readonly string[]> {
  const there = tables.filter(({ database }) => database === 'marts').map(({ name }) => name);
  const known = new Set([...readMarts(library), ...readStagedMarts(library)].map(({ name }) => name));
  const built = there.filter((name) => known.has(name));
  if (built.length > 0) await build(built, { refused: 'empty' });
  await emptyMarts(
    { marts, query },
    there.filter((name) => !known.has(name)),
  );
  if (there.length > 0) await forgetHistory(query, marts, there);
  await forgetStaged({ marts, query }, systemClock.now());
  return there;
}

async function emptyMarts({ marts, query }: MartTables, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  const session = await query.session({ readableFolders: readableFoldersOf(marts) });
  try {
    for (const name of names) await emptyMart({ marts, engine: query, session }, name);
  } finally {
    await session.close();
  }
}

/** The same in a process of its own, which asks the catalogue what marts there are. */
export const rebuildPublishedMarts = async (
  ports: Pick<PortsOf<typeof erasureJobManifest>, 'curated' | 'marts' | 'query' | 'catalogue' | 'audit' | 'identity'>,
  library = martLibrary,
): Promise<readonly string[]> =>
  rebuildMarts(ports, await ports.catalogue.tables(), library, (names, options) =>
    martsFunction(ports, names, options, library),
  );
