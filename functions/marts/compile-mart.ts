import { compileLibrary } from '../sql-on-fhir/compile-library';
import { compileView } from '../sql-on-fhir/compile-view';
import type { ViewSource } from '../sql-on-fhir/duckdb/source-sql';
import { valueSetSql } from '../sql-on-fhir/value-set';
import type { MartDefinition } from './mart-library';

/** What the lake gives a mart: the resources of a type, and the links of patients to persons. */
export interface MartTables {
  readonly resources: (type: string) => ViewSource;
  /** A query with the columns patient_ref, person_id and basis. */
  readonly links: string;
}

/** The table that the identity function publishes, in the place of a canonical URL: it is no FHIR artefact. */
export const personLinkCanonical = 'https://nhs-data-lake.example.nhs.uk/fhir/table/person-link';

/** The resource types that the views of a mart read. */
export function resourceTypesOf(mart: MartDefinition): string[] {
  return [...new Set([...mart.views.values()].map((view) => String((view as { resource?: unknown }).resource)))];
}

/** A mart as one SELECT: its views over the lake's tables, its code lists as tables, its SQL over both. */
export function compileMart(mart: MartDefinition, tables: MartTables): string {
  return compileLibrary(mart.query, (canonical) => {
    if (canonical === personLinkCanonical) return { kind: 'table', sql: tables.links };
    const library = mart.libraries.get(canonical);
    if (library !== undefined) return { kind: 'library', library };
    const valueSet = mart.valueSets.get(canonical);
    if (valueSet !== undefined) return { kind: 'table', sql: valueSetSql(valueSet) };
    const view = mart.views.get(canonical);
    if (view === undefined) return undefined;
    const source = tables.resources(String((view as { resource?: unknown }).resource));
    return { kind: 'table', sql: compileView(view, { source, dialect: 'duckdb' }).sql };
  });
}
