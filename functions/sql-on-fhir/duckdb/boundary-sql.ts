import type { ExpressionOf } from '../fhirpath/expression';
import { familyOf } from '../fhirpath/value-family';

type Side = ExpressionOf<'boundary'>['side'];

/** lowBoundary() and highBoundary() (FHIRPath 3.0.0-ballot, "lowBoundary"; the expected values are those of the suite). */
export function boundarySql({ of, side }: ExpressionOf<'boundary'>, sql: string): string {
  const family = familyOf(of.type);
  if (family === 'time') return timeBoundary(sql, side);
  if (family !== 'date') return decimalBoundary(`CAST(${sql} AS VARCHAR)`, side);
  if (of.type === 'date') return dayBoundary(sql, side);
  return (
    `(CASE WHEN length(${sql}) > 10 THEN ${instantBoundary(sql, side)} ` +
    `ELSE ${dayBoundary(sql, side)} || '${side === 'low' ? 'T00:00:00.000+14:00' : 'T23:59:59.999-12:00'}' END)`
  );
}

/** The first or last day of a year, a month or a day, as text. */
function dayBoundary(sql: string, side: Side): string {
  const month = side === 'low' ? `${sql} || '-01'` : `CAST(last_day(TRY_CAST(${sql} || '-01' AS DATE)) AS VARCHAR)`;
  return (
    `(CASE length(${sql}) WHEN 4 THEN ${sql} || '${side === 'low' ? '-01-01' : '-12-31'}' ` +
    `WHEN 7 THEN ${month} WHEN 10 THEN ${sql} END)`
  );
}

/** Fractions of a second filled to milliseconds, and no further when there are more digits. */
function fraction(sql: string, side: Side): string {
  const digits = `regexp_extract(${sql}, '[.]([0-9]+)', 1)`;
  return `CASE WHEN length(${digits}) > 3 THEN ${digits} ELSE rpad(${digits}, 3, '${side === 'low' ? '0' : '9'}') END`;
}

function timeBoundary(sql: string, side: Side): string {
  return `(left(${sql}, 8) || '.' || ${fraction(sql, side)})`;
}

function instantBoundary(sql: string, side: Side): string {
  return `(left(${sql}, 19) || '.' || ${fraction(sql, side)} || regexp_extract(${sql}, '(?:Z|[+-][0-9:]+)$'))`;
}

/**
 * Half a unit of the last written digit below or above. A whole number counts as written with one decimal place: the suite
 * expects 0.95 below 1. More than 17 decimal places are beyond the DECIMAL this is computed in and give NULL.
 */
function decimalBoundary(sql: string, side: Side): string {
  const written = `length(regexp_extract(${sql}, '[.]([0-9]+)', 1))`;
  const exponent = `coalesce(TRY_CAST(nullif(regexp_extract(${sql}, '[eE]([-+]?[0-9]+)', 1), '') AS INTEGER), 0)`;
  const places = `greatest(1, ${written} - ${exponent})`;
  const half = `TRY_CAST('0.' || repeat('0', ${places}) || '5' AS DECIMAL(38,18))`;
  const bound = `TRY_CAST(${sql} AS DECIMAL(38,18)) ${side === 'low' ? '-' : '+'} ${half}`;
  const result = `rtrim(rtrim(CAST(${bound} AS VARCHAR), '0'), '.')`;
  return `(CASE WHEN ${places} <= 17 THEN ${result} END)`;
}
