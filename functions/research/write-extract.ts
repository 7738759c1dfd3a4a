import type { ColumnSchema } from '../../adapters/ports/query-engine';
import { linksSql } from '../marts/build-mart';
import { compileMart } from '../marts/compile-mart';
import type { MartDefinition } from '../marts/mart-library';
import { type AskOptOuts, permittedPatients } from '../marts/permitted-patients';
import { sqlText } from '../sql-on-fhir/duckdb/quoting';
import { deltaSchemaOf } from '../tables/column-types';
import { ProjectRows, type ProjectRowsServices } from './project-rows';

export const extractFormats = ['parquet', 'csv'] as const;
export type ExtractFormat = (typeof extractFormats)[number];

export interface ExtractServices extends ProjectRowsServices {
  readonly askOptOuts: AskOptOuts;
}

const options: Readonly<Record<ExtractFormat, string>> = {
  parquet: 'FORMAT parquet, COMPRESSION zstd',
  csv: 'FORMAT csv, HEADER',
};

/**
 * Writes what a mart's definition gives for one research project into a file. Whatever the mart itself is for, both opt-outs hold
 * as for research. Rows are in the order of their values: the order of the lake's own would tell two projects' rows apart and
 * together.
 *
 * @throws LakeError `PreconditionFailed` when an opt-out list is missing or stale; `InvalidArgument` for a column of a type that
 *   not every reader gives back right.
 */
export async function writeExtract(
  services: ExtractServices,
  mart: MartDefinition,
  format: ExtractFormat,
  file: string,
): Promise<{ readonly rows: number; readonly columns: readonly ColumnSchema[] }> {
  const { session } = services;
  const links = await linksSql(services);
  const patients = await permittedPatients(session, links, 'research', services.askOptOuts);
  const rows = new ProjectRows(services, { patients, sensitive: mart.use.sensitive });
  try {
    const queries = new Map<unknown, string>();
    for (const view of mart.views.values()) queries.set(view, await rows.view(view));
    const valueSets = new Map<string, unknown>();
    for (const [canonical, valueSet] of mart.valueSets) valueSets.set(canonical, await rows.valueSet(valueSet));
    const sql = compileMart(
      { ...mart, valueSets },
      { view: (view) => queries.get(view)!, links: await rows.links(links) },
    );
    const columns = await session.describe(sql);
    deltaSchemaOf(columns);
    const written = await session.query(
      `COPY (SELECT * FROM (${sql}) ORDER BY ALL) TO ${sqlText(file)} (${options[format]})`,
    );
    return { rows: Number(written.rows[0]?.Count ?? 0), columns };
  } finally {
    await rows.close();
  }
}
