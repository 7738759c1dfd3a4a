import type { ComparisonOperator, ExpressionOf } from '../fhirpath/expression';
import { familyOf, type ValueFamily } from '../fhirpath/value-family';

/** The number a value stands for; decimals are held as text. */
function numberSql(sql: string, family: ValueFamily): string {
  if (family === 'integer') return sql;
  return /^'[-0-9.]+'$/.test(sql) ? `CAST(${sql} AS DOUBLE)` : `TRY_CAST(${sql} AS DOUBLE)`;
}

/**
 * Arithmetic. Decimals are computed as DOUBLE and rounded to the 8 places that FHIRPath gives a Decimal (2.0.0, section
 * 4.1.4), so that 0.1 + 0.2 is 0.3; the result is text again. Division by zero is empty.
 */
export function arithmeticSql(
  { operator, type, left, right }: ExpressionOf<'arithmetic'>,
  first: string,
  second: string,
): string {
  if (type === 'string') return `(${first} || ${second})`;
  if (type === 'integer') return `(CAST(${first} AS BIGINT) ${operator} CAST(${second} AS BIGINT))`;
  const [a, b] = [left, right].map(({ type: operand }, index) => {
    const sql = index === 0 ? first : second;
    return familyOf(operand) === 'integer' ? `CAST(${sql} AS DOUBLE)` : numberSql(sql, 'decimal');
  });
  return `CAST(round(${a} ${operator} ${operator === '/' ? `nullif(${b}, 0)` : b}, 8) AS VARCHAR)`;
}

/** A comparison; empty operands give NULL. Equality of lists: same length, same items, same order. */
export function comparisonSql(
  { operator, left, right }: ExpressionOf<'comparison'>,
  first: string,
  second: string,
): string {
  const compared = operator === '!=' ? '=' : operator;
  const sql =
    left.many || right.many ? lists(left, right, first, second) : scalar(compared, left, right, first, second);
  return operator === '!=' ? `(NOT ${sql})` : sql;
}

function lists(left: Operand, right: Operand, first: string, second: string): string {
  const a = left.many ? first : listOf(first);
  const b = right.many ? second : listOf(second);
  const one = scalar('=', left, right, `list_extract(${a}, 1)`, `list_extract(${b}, 1)`);
  const numbers = familyOf(left.type) === 'decimal' || familyOf(right.type) === 'decimal';
  const [all, others] = numbers ? [`TRY_CAST(${a} AS DOUBLE[])`, `TRY_CAST(${b} AS DOUBLE[])`] : [a, b];
  return (
    `(CASE WHEN coalesce(len(${a}), 0) = 0 OR coalesce(len(${b}), 0) = 0 THEN NULL WHEN len(${a}) <> len(${b}) ` +
    `THEN false WHEN len(${a}) = 1 THEN ${one} ELSE ${all} = ${others} END)`
  );
}

type Operand = ExpressionOf<'comparison'>['left'];

const listOf = (sql: string): string => `(CASE WHEN ${sql} IS NOT NULL THEN [${sql}] END)`;

function scalar(operator: ComparisonOperator, left: Operand, right: Operand, a: string, b: string): string {
  const [family, other] = [familyOf(left.type), familyOf(right.type)];
  if (family === 'decimal' || other === 'decimal') {
    return `(${numberSql(a, family)} ${operator} ${numberSql(b, other)})`;
  }
  if (family === 'time') return `(TRY_CAST(${a} AS TIME) ${operator} TRY_CAST(${b} AS TIME))`;
  if (family !== 'date') return `(${a} ${operator} ${b})`;
  const [x, y] = [precisionOf(left), precisionOf(right)];
  const instants = `(TRY_CAST(${a} AS TIMESTAMPTZ) ${operator} TRY_CAST(${b} AS TIMESTAMPTZ))`;
  if (x === 'instant' && y === 'instant') return instants;
  if (x === 'date' && y === 'date') return partialDates(operator, a, b);
  return `(CASE WHEN length(${a}) > 10 AND length(${b}) > 10 THEN ${instants} ELSE ${partialDates(operator, a, b)} END)`;
}

function precisionOf(operand: Operand): 'date' | 'instant' | 'either' {
  if (operand.kind === 'literal') return operand.text.length > 10 ? 'instant' : 'date';
  return operand.type === 'date' || operand.type === 'instant' ? operand.type : 'either';
}

/**
 * Dates compare by their common precision; when that does not decide, the result is empty (FHIRPath 2.0.0, sections 6.1.1
 * and 6.2: `@2012 = @2012-01` is empty). Years, months and days have fixed widths, so text compares as time does.
 */
function partialDates(operator: ComparisonOperator, a: string, b: string): string {
  const common = `least(length(${a}), length(${b}), 10)`;
  const [x, y] = [`left(${a}, ${common})`, `left(${b}, ${common})`];
  const decided = operator === '=' ? 'false' : `${x} ${operator} ${y}`;
  const same = operator === '=' || operator === '<=' || operator === '>=';
  return `(CASE WHEN ${x} <> ${y} THEN ${decided} WHEN length(${a}) = length(${b}) THEN ${same} END)`;
}
