import type { Expression } from '../fhirpath/expression';
import { familyOf } from '../fhirpath/value-family';
import type { PlanColumn } from '../plan';
import { type SqlType, sqlTypeName } from '../sql-type';
import { expressionSql } from './expression-sql';

/**
 * The cast layer of DuckDB: from how a value is held to the type a column gives out. What the type cannot hold is NULL, as
 * in the casts of Spark: one partial date must not stop a mart. Text always holds everything.
 */
export function outputSql(value: Expression, { sqlType, collection }: PlanColumn): string {
  const sql = expressionSql(value);
  const type = sqlTypeName(sqlType);
  if (value.type === 'nothing') return collection ? `CAST([] AS ${type}[])` : `CAST(NULL AS ${type})`;
  if (!collection) return castSql(sql, value.type, sqlType);
  if (!value.many)
    return `(CASE WHEN ${sql} IS NULL THEN CAST([] AS ${type}[]) ELSE [${castSql(sql, value.type, sqlType)}] END)`;
  const item = castSql('x', value.type, sqlType);
  const items = item === 'x' ? sql : `list_transform(${sql}, lambda x: ${item})`;
  return `coalesce(${items}, CAST([] AS ${type}[]))`;
}

function castSql(sql: string, fhirType: string, sqlType: SqlType): string {
  const family = familyOf(fhirType);
  const asText = family === 'text' || family === 'date' || family === 'time' || family === 'decimal';
  if (sqlType.name === 'VARCHAR') return asText ? sql : `CAST(${sql} AS VARCHAR)`;
  if (sqlType.name === 'BOOLEAN' && family === 'boolean') return sql;
  if (family === 'date' && sqlType.name === 'DATE') return `TRY_CAST(left(${sql}, 10) AS DATE)`;
  if (family === 'date' && sqlType.name === 'TIMESTAMP WITH TIME ZONE' && fhirType !== 'instant') {
    // A day without a time is its midnight in UTC, not in the time zone of whoever runs the query.
    return `TRY_CAST(CASE WHEN length(${sql}) = 10 THEN ${sql} || 'T00:00:00Z' ELSE ${sql} END AS TIMESTAMPTZ)`;
  }
  return `TRY_CAST(${sql} AS ${sqlTypeName(sqlType)})`;
}
