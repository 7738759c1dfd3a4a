import { systemClock } from '../../../adapters/ports/clock';
import type { erasureJobManifest } from '../../erasure/manifest';
import type { PortsOf } from '../../manifest';
import { readMarts } from '../../marts/mart-library';
import { readStagedMarts } from '../../marts/staged-mart';
import type { TableEngine, TableStore } from '../../tables/delta-table';
import { forgetHistory } from './forget-history';
import { type MartOptions, martLibrary, martsFunction } from './marts-function';
import { forgetStaged } from './staged-marts-function';

/**
 * Marts are made anew from what is left; versions before that are deleted, so that no reader goes back to them. Of a mart that may
 * not be built now, because an opt-out list is stale, nothing stays: the person's rows must go today. A mart whose rows another engine made
 * cannot be made anew; whom the lake no longer knows is taken out of it, and what lies in staging goes.
 *
 * @param built names of the marts there are
 */
export async function rebuildMarts(
  { marts, query }: { readonly marts: TableStore; readonly query: TableEngine },
  built: readonly string[],
  build: (names: readonly string[], options: MartOptions) => Promise<unknown>,
): Promise<readonly string[]> {
  if (built.length > 0) {
    await build(built, { refused: 'empty' });
    await forgetHistory(query, marts, built);
  }
  await forgetStaged({ marts, query }, systemClock.now());
  return built;
}

/** The same in a process of its own, which asks the catalogue what marts there are. */
export async function rebuildPublishedMarts(
  ports: Pick<PortsOf<typeof erasureJobManifest>, 'curated' | 'marts' | 'query' | 'catalogue' | 'audit' | 'identity'>,
  library = martLibrary,
): Promise<readonly string[]> {
  const known = new Set([...readMarts(library), ...readStagedMarts(library)].map(({ name }) => name));
  const tables = await ports.catalogue.tables();
  const built = tables.filter(({ database, name }) => database === 'marts' && known.has(name)).map(({ name }) => name);
  return rebuildMarts(ports, built, (names, options) => martsFunction(ports, names, options, library));
}
