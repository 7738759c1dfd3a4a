import { compartmentRules } from '../privacy/rules/compartment';
import { quoteText } from './sql-text';

/** The partition column of large curated tables: the year in which what a resource tells of happened, NULL when it does not say. */
export const clinicalYear = 'clinical_year';

const pathsOf = new Map([...compartmentRules].map(([type, { date }]) => [type.toLowerCase(), date]));

/**
 * SQL text of the clinical year of rows with a `resource`: the first date that compartmentRules name for the type. Years before
 * 1900 and after 2099 are NULL: a slip of the pen must not become a partition.
 *
 * @param type resource type in lower case.
 */
export function clinicalYearSql(type: string): string {
  const paths = pathsOf.get(type) ?? [];
  if (paths.length === 0) return 'CAST(NULL AS INTEGER)';
  const list = paths.map((path) => quoteText(`$.${path.join('.').replaceAll('[]', '[0]')}`)).join(', ');
  // A tombstone may have no text.
  const dates = `CASE WHEN json_valid(resource) THEN json_extract_string(resource, [${list}]) END`;
  const date = `list_extract(list_filter(${dates}, lambda found: found IS NOT NULL), 1)`;
  // One expression: a subquery would be joined to all rows, in memory.
  return `TRY_CAST(nullif(regexp_extract(${date}, '^(?:19|20)[0-9]{2}'), '') AS INTEGER)`;
}
