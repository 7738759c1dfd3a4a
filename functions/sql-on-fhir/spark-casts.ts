import type { CompiledColumn } from './compile-view';

const quoted = (name: string): string => `\`${name}\``;

/**
 * The cast layer of Spark: select expressions that bring what Pathling gives for a view to the rows that DuckDB gives for
 * it. Pathling writes typed keys (`Observation/o1`) where this compiler writes bare ones, and gives dates, decimals and
 * instants as text. `try_cast` gives NULL for what a type cannot hold, as `TRY_CAST` does in DuckDB.
 */
export function sparkProjection(columns: readonly CompiledColumn[]): string[] {
  return columns.map((column) => {
    const name = quoted(column.name);
    const sql = column.collection
      ? `coalesce(transform(${name}, x -> ${castSql('x', column)}), array())`
      : castSql(name, column);
    return `${sql} AS ${name}`;
  });
}

function castSql(sql: string, { type, fhirType, key }: CompiledColumn): string {
  if (key) return `regexp_replace(${sql}, '^[A-Za-z]+/', '')`;
  if (type === 'VARCHAR') return `CAST(${sql} AS STRING)`;
  const dated = fhirType === 'date' || fhirType === 'dateTime' || fhirType === 'instant';
  // Spark takes a year or a month for its first day; partial dates are NULL there as here.
  if (type === 'DATE' && dated) return `CASE WHEN length(${sql}) >= 10 THEN try_cast(left(${sql}, 10) AS DATE) END`;
  // A session in UTC reads a day as its midnight.
  if (type === 'TIMESTAMP WITH TIME ZONE') {
    return `CASE WHEN length(${sql}) >= 10 THEN try_cast(${sql} AS TIMESTAMP) END`;
  }
  return `try_cast(${sql} AS ${type})`;
}
