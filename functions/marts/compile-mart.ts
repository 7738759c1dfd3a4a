import { compileLibrary } from '../sql-on-fhir/compile-library';
import { valueSetSql } from '../sql-on-fhir/value-set';
import type { MartDefinition } from './mart-library';

/** What the lake gives a mart: the rows of its views as queries, and the links of patients to persons. */
export interface MartTables {
  readonly view: (definition: unknown) => string;
  /** A query with the columns patient_ref, person_id and basis. */
  readonly links: string;
}

/** The table that the identity function publishes, in the place of a canonical URL: it is no FHIR artefact. */
export const personLinkCanonical = 'https://nhs-data-lake.example.nhs.uk/fhir/table/person-link';

/** A mart as one SELECT: its views and its code lists as tables, its SQL over both. */
export function compileMart(mart: MartDefinition, tables: MartTables): string {
  return compileLibrary(mart.query, (canonical) => {
    if (canonical === personLinkCanonical) return { kind: 'table', sql: tables.links };
    const library = mart.libraries.get(canonical);
    if (library !== undefined) return { kind: 'library', library };
    const valueSet = mart.valueSets.get(canonical);
    if (valueSet !== undefined) return { kind: 'table', sql: valueSetSql(valueSet) };
    const view = mart.views.get(canonical);
    if (view === undefined) return undefined;
    return { kind: 'table', sql: tables.view(view) };
  });
}
