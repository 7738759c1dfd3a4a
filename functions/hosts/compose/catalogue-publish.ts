import { systemClock } from '../../../adapters/ports/clock';
import type { Catalogue } from '../../catalogue/catalogue-store';
import type { DeltaTable } from '../../tables/delta-table';

/** Puts the present version and columns of a table into the catalogue. */
export async function publishTable(
  catalogue: Pick<Catalogue, 'publish'>,
  database: 'curated' | 'marts',
  table: DeltaTable,
): Promise<void> {
  const [schema, { version }] = [await table.schema(), await table.snapshot()];
  const columns = (schema?.fields ?? []).map(({ name, type }) => ({
    name,
    type: typeof type === 'string' ? type : JSON.stringify(type),
  }));
  await catalogue.publish({
    database,
    name: table.name,
    columns,
    tableVersion: version,
    updated: systemClock.now().toISOString(),
  });
}
