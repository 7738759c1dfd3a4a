import { LakeError } from '../../../adapters/ports/errors';
import type { Expression, ExpressionOf } from '../fhirpath/expression';
import type { Shape } from '../fhirpath/shape';
import { familyOf } from '../fhirpath/value-family';
import { boundarySql } from './boundary-sql';
import { arithmeticSql, comparisonSql } from './operator-sql';
import { sqlIdentifier, sqlText } from './quoting';
import { fromJson } from './shape-sql';

/** An expression that would need more SQL than this is refused: repeated parts can grow it without bound. */
const maximumLength = 200_000;

/** SQL that may stand in place of a variable again and again: names and the fields of structs. */
const cheap = /^[\w."]+$/;

/** What variables stand for where that is not their own name. */
type Bindings = ReadonlyMap<string, string>;

/** A typed expression as DuckDB SQL: a value or NULL, or a list without NULLs for `many`. */
export function expressionSql(expression: Expression, bound: Bindings = new Map()): string {
  return render(expression, bound);
}

function render(expression: Expression, bound: Bindings): string {
  const sql = renderNode(expression, bound);
  if (sql.length > maximumLength) {
    throw new LakeError('InvalidArgument', 'An expression of the view is too large. Split it into nested selects.');
  }
  return sql;
}

function renderNode(expression: Expression, bound: Bindings): string {
  switch (expression.kind) {
    case 'nothing':
      return 'NULL';
    case 'literal':
      return literalSql(expression);
    case 'variable':
      return bound.get(expression.name) ?? expression.name;
    case 'rowIndex':
      return expression.name;
    case 'field':
      return fieldSql(expression, bound);
    case 'resource':
      return resourceSql(expression, bound);
    case 'filter':
      return filterSql(expression, bound);
    case 'index':
      return indexSql(expression, bound);
    case 'single':
      return singleSql(expression, bound);
    case 'exists':
      return expression.of.many
        ? `coalesce(len(${render(expression.of, bound)}) > 0, false)`
        : `(${render(expression.of, bound)} IS NOT NULL)`;
    case 'not':
      return `(NOT ${render(expression.of, bound)})`;
    case 'logic':
      return `(${render(expression.left, bound)} ${expression.operator.toUpperCase()} ${render(expression.right, bound)})`;
    case 'comparison':
      return comparisonSql(expression, render(expression.left, bound), render(expression.right, bound));
    case 'arithmetic':
      return arithmeticSql(expression, render(expression.left, bound), render(expression.right, bound));
    case 'join':
      return joinSql(expression, bound);
    case 'boundary':
      return boundarySql(expression, render(expression.of, bound));
    case 'resourceKey':
      return render(expression.of, bound);
    case 'referenceKey':
      return referenceKeySql(expression, bound);
    case 'choice':
      throw new LakeError('Unknown', 'A choice element was left without a type. This is a fault of the compiler.');
  }
}

function literalSql({ type, text }: ExpressionOf<'literal'>): string {
  return type === 'integer' || type === 'boolean' ? text : sqlText(text);
}

/** A field of a value that is a struct, or JSON text that becomes one here. */
function access(sql: string, shape: Shape, key: string): string {
  return `${shape.isJson ? fromJson(sql, shape) : sql}.${sqlIdentifier(key)}`;
}

/** FHIR writes null in a list of primitives where an item has extensions only; such an item has no value. */
const present = (sql: string): string => `list_filter(${sql}, lambda x: x IS NOT NULL)`;

const ownMany = ({ of, key }: ExpressionOf<'field'>): boolean => of.shape.fields.get(key)!.many;

function fieldSql(expression: ExpressionOf<'field'>, bound: Bindings): string {
  const { of } = expression;
  const primitive = familyOf(expression.type) !== 'complex';
  if (!of.many) {
    const sql = access(render(of, bound), of.shape, expression.key);
    return expression.many && primitive ? present(sql) : sql;
  }
  // A chain of single fields below a list is one lambda, not one pass for each step.
  const chain = [expression];
  let base = of;
  while (base.kind === 'field' && base.of.many && !ownMany(base)) {
    chain.unshift(base);
    base = base.of;
  }
  const item = chain.reduce((sql, { of: parent, key }) => access(sql, parent.shape, key), 'x');
  const items = `list_transform(${render(base, bound)}, lambda x: ${item})`;
  if (!ownMany(expression)) return present(items);
  return primitive ? present(`flatten(${items})`) : `flatten(${items})`;
}

function resourceSql({ of, variable, many }: ExpressionOf<'resource'>, bound: Bindings): string {
  const given = many ? render(of, bound) : `[${render(of, bound)}]`;
  const opened = `list_transform(${given}, lambda x: ${fromJson('x', variable.shape)})`;
  const kept = `list_filter(${opened}, lambda x: x."resourceType" = ${sqlText(variable.type)})`;
  return many ? kept : `${kept}[1]`;
}

function filterSql({ of, variable, criteria, many }: ExpressionOf<'filter'>, bound: Bindings): string {
  const sql = render(of, bound);
  if (many) return `list_filter(${sql}, lambda ${variable.name}: ${render(criteria, bound)})`;
  if (!cheap.test(sql)) return `list_filter([${sql}], lambda ${variable.name}: ${render(criteria, bound)})[1]`;
  const inner = new Map([...bound, [variable.name, sql]]);
  return `(CASE WHEN ${render(criteria, inner)} THEN ${sql} END)`;
}

function indexSql({ of, position }: ExpressionOf<'index'>, bound: Bindings): string {
  const sql = render(of, bound);
  const at = render(position, bound);
  if (!of.many) return at === '0' ? sql : `(CASE WHEN ${at} = 0 THEN ${sql} END)`;
  if (/^[0-9]+$/.test(at)) return `list_extract(${sql}, ${Number(at) + 1})`;
  // A negative position would count from the end.
  return `(CASE WHEN ${at} >= 0 THEN list_extract(${sql}, ${at} + 1) END)`;
}

function singleSql({ of }: ExpressionOf<'single'>, bound: Bindings): string {
  const sql = render(of, bound);
  const message = 'A path gives more than one value where one is allowed: use first(), where() or collection.';
  return `(CASE WHEN len(${sql}) > 1 THEN error(${sqlText(message)}) ELSE list_extract(${sql}, 1) END)`;
}

function joinSql({ of, separator }: ExpressionOf<'join'>, bound: Bindings): string {
  const sql = render(of, bound);
  // The suite asks for the empty string, not for nothing, when there is nothing to join.
  if (of.type === 'nothing') return "''";
  return `coalesce(${of.many ? `array_to_string(${sql}, ${render(separator, bound)})` : sql}, '')`;
}

/**
 * `Patient/p1` gives `p1`, as `getResourceKey()` does. Only relative references have a key: an absolute URL, a urn or a
 * fragment names something that is not in this data, and its last segment may be the id of another resource here.
 */
function referenceKeySql({ of, target, many }: ExpressionOf<'referenceKey'>, bound: Bindings): string {
  const key = (sql: string): string => {
    const relative =
      target === undefined
        ? `${sql} BETWEEN 'A' AND '[' AND NOT contains(${sql}, '?')`
        : `starts_with(${sql}, ${sqlText(`${target}/`)})`;
    return `(CASE WHEN ${relative} THEN nullif(split_part(${sql}, '/', 2), '') END)`;
  };
  const sql = render(of, bound);
  return many ? present(`list_transform(${sql}, lambda x: ${key('x')})`) : key(sql);
}
