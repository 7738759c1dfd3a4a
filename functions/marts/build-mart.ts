import type { QuerySession } from '../../adapters/ports/query-engine';
import { DeltaTable, type TableEngine, type TableStore } from '../tables/delta-table';
import { compileMart } from './compile-mart';
import { FlatRows, type FlatView } from './flat-rows';
import type { MartDefinition } from './mart-library';
import { type AskOptOuts, permittedPatients } from './permitted-patients';

export interface MartServices {
  readonly curated: TableStore;
  readonly marts: TableStore;
  readonly engine: TableEngine;
  readonly session: QuerySession;
  /** Needed by marts for planning or research. */
  readonly askOptOuts?: AskOptOuts;
}

/** The table of links that the identity function publishes (patient_ref, person_id, basis). */
const linkTable = 'person_link';

const emptyLinks = "SELECT ''::VARCHAR AS patient_ref, ''::VARCHAR AS person_id, ''::VARCHAR AS basis WHERE false";

/** SQL text of the link table (patient_ref, person_id, basis); it is empty where nothing was linked yet. */
export async function linksSql(services: Pick<MartServices, 'curated' | 'engine'>): Promise<string> {
  const table = new DeltaTable(services.curated, linkTable, services.engine);
  return (await table.snapshot()).version >= 0 ? `SELECT * FROM ${await table.relation()}` : emptyLinks;
}

/**
 * Builds one mart: what is new in its curated tables is flattened by its views, its SQL runs over their current rows, the
 * result is one version of its table. Readers see the old rows or the new ones. `full` flattens everything again; the rows
 * are the same. Gives the number of rows, and the milliseconds spent on flattening.
 */
export async function buildMart(
  services: MartServices,
  mart: MartDefinition,
  full = false,
): Promise<{ readonly table: DeltaTable; readonly rows: number; readonly flattened: number }> {
  const { session } = services;
  const links = await linksSql(services);
  const patients = await permittedPatients(session, links, mart.use.purpose, services.askOptOuts);
  const flat = new FlatRows(services);
  const started = performance.now();
  const views = new Map<unknown, FlatView>();
  for (const view of mart.views.values()) views.set(view, await flat.flatten(view, full));
  const flattened = performance.now() - started;
  const queries = new Map<unknown, string>();
  for (const [view, rows] of views)
    queries.set(view, await flat.query(rows, { patients, sensitive: mart.use.sensitive }));
  const sql = compileMart(mart, {
    view: (view) => queries.get(view)!,
    links,
  });
  const table = new DeltaTable(services.marts, mart.name, services.engine);
  // A definition may change its columns.
  await table.overwrite(session, sql, { columns: 'replace' });
  const { rows } = await session.query(`SELECT count(*) AS n FROM ${await table.relation()}`);
  return { table, rows: Number(rows[0]?.n ?? 0), flattened };
}

/** Takes every row out of a mart that was built before. */
export async function emptyMart(
  { marts, engine, session }: Pick<MartServices, 'marts' | 'engine' | 'session'>,
  name: string,
): Promise<void> {
  const table = new DeltaTable(marts, name, engine);
  if ((await table.snapshot()).version < 0) return;
  await table.overwrite(session, `SELECT * FROM ${await table.relation()} WHERE false`);
}
