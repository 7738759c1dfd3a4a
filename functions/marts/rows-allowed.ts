import { compartmentRules } from '../privacy/rules/compartment';
import { sensitivitySystem } from '../privacy/rules/sensitive-codes';
import { sqlIdentifier, sqlText } from '../sql-on-fhir/duckdb/quoting';

/** Which rows a mart may use. */
export interface RowsAllowed {
  /** Name of a table of the session with the patients (column `patient`) whose resources may be used; all may when there is none. */
  readonly patients: string | undefined;
  /** Labels of sensitive resources that may be used. */
  readonly sensitive: readonly string[];
}

/** Whom the resource of a row is about, and its labels as a sensitive one: carried along, since what a mart may use differs. */
const patient = '_patient';
const labels = '_labels';
const several = '_several';
export const limitNames: readonly string[] = [patient, labels, several];

/** SQL text of the columns `limitNames`, for rows of a curated table. */
export const limitColumns = (resourceType: string): string =>
  `patient_ref AS ${patient}, ${labelsOf} AS ${labels}, ${severalOf(resourceType)} AS ${several}`;

const labelsOf =
  `CASE WHEN contains(resource, ${sqlText(sensitivitySystem)}) THEN ` +
  `[label.code FOR label IN from_json(json_extract(resource, '$.meta.security'), '[{"system":"VARCHAR","code":"VARCHAR"}]') ` +
  `IF label.system = ${sqlText(sensitivitySystem)}] END`;

/** Types in the patient compartment, and those that list people. */
const aboutPeople: ReadonlySet<string> = new Set([
  ...[...compartmentRules].flatMap(([type, { patient: paths }]) => (paths.length > 0 ? [type] : [])),
  ...['Patient', 'Person', 'RelatedPerson', 'Group', 'List', 'Bundle', 'Parameters'],
]);

/** Resources of the type are about somebody: one that does not say about whom is not for a mart that opt-outs limit. */
export const isAboutPeople = (resourceType: string): boolean => aboutPeople.has(resourceType);

/** Types that may be about more than one person, of whom the row names the first. */
const aboutSeveral: ReadonlySet<string> = new Set([
  ...[...compartmentRules].flatMap(([type, { patient: paths }]) =>
    paths.some((path) => path.some((step) => step.endsWith('[]'))) ? [type] : [],
  ),
  ...['Person', 'Group', 'List', 'Bundle', 'Parameters'],
]);

const severalOf = (type: string): string =>
  aboutSeveral.has(type) ? "len(list_distinct(regexp_extract_all(resource, 'Patient/[A-Za-z0-9.-]+'))) > 1" : 'false';

/** SQL text of the condition that a row of `alias`, which has the columns `limitNames`, may be used. */
export function mayBeUsed(alias: string, { patients, sensitive }: RowsAllowed, isAboutSomebody: boolean): string {
  const named = `(${alias}.${labels} IS NULL OR list_has_all([${sensitive.map(sqlText).join(', ')}]::VARCHAR[], ${alias}.${labels}))`;
  if (patients === undefined) return named;
  const permitted = `${alias}.${patient} IN (SELECT patient FROM ${sqlIdentifier(patients)})`;
  // One of several may have opted out: what is about more than one person is for no mart that opt-outs limit.
  return `${named} AND NOT ${alias}.${several} AND ${isAboutSomebody ? permitted : `(${alias}.${patient} IS NULL OR ${permitted})`}`;
}
