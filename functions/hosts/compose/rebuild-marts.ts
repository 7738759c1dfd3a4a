import type { QueryEngine } from '../../../adapters/ports/query-engine';
import type { erasureJobManifest } from '../../erasure/manifest';
import type { PortsOf } from '../../manifest';
import { readMarts } from '../../marts/mart-library';
import type { TableStore } from '../../tables/delta-table';
import { forgetHistory } from './forget-history';
import { type MartOptions, martLibrary, martsFunction } from './marts-function';

/**
 * Marts are made anew from what is left; versions before that are deleted, so that no reader goes back to them. Of a mart that may
 * not be built now, because an opt-out list is stale, nothing stays: the person's rows must go today.
 *
 * @param built names of the marts there are
 */
export async function rebuildMarts(
  { marts, query }: { readonly marts: TableStore; readonly query: Pick<QueryEngine, 'session' | 'spoolFolder'> },
  built: readonly string[],
  build: (names: readonly string[], options: MartOptions) => Promise<unknown>,
): Promise<readonly string[]> {
  if (built.length === 0) return [];
  await build(built, { refused: 'empty' });
  await forgetHistory(query, marts, built);
  return built;
}

/** The same in a process of its own, which asks the catalogue what marts there are. */
export async function rebuildPublishedMarts(
  ports: Pick<PortsOf<typeof erasureJobManifest>, 'curated' | 'marts' | 'query' | 'catalogue' | 'audit' | 'identity'>,
  library = martLibrary,
): Promise<readonly string[]> {
  const known = new Set(readMarts(library).map(({ name }) => name));
  const tables = await ports.catalogue.tables();
  const built = tables.filter(({ database, name }) => database === 'marts' && known.has(name)).map(({ name }) => name);
  return rebuildMarts(ports, built, (names, options) => martsFunction(ports, names, options, library));
}
