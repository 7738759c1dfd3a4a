import type { QueryEngine, QuerySession } from '../../adapters/ports/query-engine';
import { CuratedTable } from '../tables/curated-table';
import { DeltaTable, type TableStore } from '../tables/delta-table';
import { quoteIdentifier } from '../tables/sql-text';
import { compileMart, resourceTypesOf } from './compile-mart';
import type { MartDefinition } from './mart-library';

export interface MartServices {
  readonly curated: TableStore;
  readonly marts: TableStore;
  readonly engine: Pick<QueryEngine, 'spoolFolder'>;
  readonly session: QuerySession;
}

/** The table of links that the identity function publishes (patient_ref, person_id, basis). */
const linkTable = 'person_link';

/** Columns of a curated table before anything of its type has landed: views over it give no rows instead of failing. */
const emptyCurated =
  "(SELECT ''::VARCHAR AS id, 0::BIGINT AS version, now() AS last_updated, ''::VARCHAR AS provider, ''::VARCHAR AS patient_ref, false AS deleted, '{}'::VARCHAR AS resource WHERE false)";
const emptyLinks = "(SELECT ''::VARCHAR AS patient_ref, ''::VARCHAR AS person_id, ''::VARCHAR AS basis WHERE false)";

async function curatedView(services: MartServices, type: string, known: Set<string>): Promise<string> {
  const name = `current_${type.toLowerCase()}`;
  if (!known.has(name)) {
    known.add(name);
    const table = new CuratedTable(services.curated, type, services.engine);
    const present = (await table.delta.snapshot()).version >= 0;
    await services.session.run(
      `CREATE TEMP VIEW ${quoteIdentifier(name)} AS SELECT * FROM ${present ? await table.currentState() : emptyCurated}`,
    );
  }
  return name;
}

async function linksSql(services: MartServices): Promise<string> {
  const table = new DeltaTable(services.curated, linkTable, services.engine);
  return (await table.snapshot()).version >= 0 ? table.relation() : emptyLinks;
}

/**
 * Builds one mart anew: its views compiled over the current state of the curated tables, its SQL over the views, the result
 * in one version of its table. Readers see the old rows or the new ones. Gives the number of rows.
 */
export async function buildMart(
  services: MartServices,
  mart: MartDefinition,
): Promise<{ readonly table: DeltaTable; readonly rows: number }> {
  const { session } = services;
  const known = new Set<string>();
  const relations = new Map<string, string>();
  for (const type of resourceTypesOf(mart)) relations.set(type, await curatedView(services, type, known));
  const sql = compileMart(mart, {
    resources: (type) => ({ kind: 'relation', name: [relations.get(type)!] }),
    links: `SELECT * FROM ${await linksSql(services)}`,
  });
  const table = new DeltaTable(services.marts, mart.name, services.engine);
  await table.overwrite(session, sql);
  for (const name of known) await session.run(`DROP VIEW ${quoteIdentifier(name)}`);
  const { rows } = await session.query(`SELECT count(*) AS n FROM ${await table.relation()}`);
  return { table, rows: Number(rows[0]?.n ?? 0) };
}
