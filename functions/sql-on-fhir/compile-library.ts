import type { QueryValue } from '../../adapters/ports/query-engine';
import { sqlIdentifier } from './duckdb/quoting';
import { isLexical } from './fhirpath/lexical-form';
import type { SqlLibrary, SqlParameter } from './library';
import { bindSql } from './sql-statement';
import { viewFault } from './view-fault';

/** What a canonical stands for: another Library, or a table given by a query (a compiled view, a stored table). */
export type ResolvedDependency =
  | { readonly kind: 'library'; readonly library: SqlLibrary }
  | { readonly kind: 'table'; readonly sql: string };

export type ResolveDependency = (canonical: string) => ResolvedDependency | undefined;

/** Longer chains of SQLViews are refused, so that no definition can exhaust the stack. */
const maximumDepth = 20;

/**
 * Compiles a Library and all it depends on into one SELECT. Each distinct canonical is one common table expression, computed
 * once however often it is used; inside a Library its labels name them, and only them are in its scope by those names.
 * Parameters stay parameters of the statement (`$name`), with a cast to their declared type.
 */
export function compileLibrary(library: SqlLibrary, resolve: ResolveDependency): string {
  const tables = new Map<string, { readonly name: string; readonly sql: string }>();

  const tableOf = (canonical: string, path: readonly string[], location: string): string => {
    if (path.includes(canonical)) throw viewFault(location, 'depends on itself. Break the cycle of SQLViews.');
    if (path.length > maximumDepth) throw viewFault(location, `SQLViews are chained more than ${maximumDepth} deep.`);
    const known = tables.get(canonical);
    if (known !== undefined) return known.name;
    const found = resolve(canonical);
    if (found === undefined) throw viewFault(location, 'names nothing that is known here. Add its definition.');
    if (found.kind === 'library' && found.library.kind !== 'view') {
      throw viewFault(location, 'names an SQLQuery. Only ViewDefinitions, SQLViews and tables can be depended on.');
    }
    const sql = found.kind === 'table' ? found.sql : statementOf(found.library, [...path, canonical]);
    const name = sqlIdentifier(`_dependency_${tables.size + 1}`);
    tables.set(canonical, { name, sql });
    return name;
  };

  const statementOf = (given: SqlLibrary, path: readonly string[]): string => {
    const labels = given.dependencies.map(({ label, canonical }, index) => {
      const table = tableOf(canonical, path, `${given.name}: relatedArtifact[${index}]`);
      return `${sqlIdentifier(label)} AS (SELECT * FROM ${table})`;
    });
    const location = `${given.name}: content`;
    const sql = bindSql(given.sql, location, (name) => parameterSql(given.parameters, name, location));
    // The line breaks keep a comment at the end of the text from swallowing the bracket.
    return `${labels.length === 0 ? '' : `WITH ${labels.join(', ')} `}SELECT * FROM (\n${sql}\n)`;
  };

  const statement = statementOf(library, library.url === undefined ? [] : [library.url]);
  if (tables.size === 0) return statement;
  const expressions = [...tables.values()].map(({ name, sql }) => `${name} AS (${sql})`);
  return `WITH ${expressions.join(', ')} SELECT * FROM (${statement})`;
}

const sqlTypes: Readonly<Record<SqlParameter['type'], string>> = {
  string: 'VARCHAR',
  integer: 'BIGINT',
  date: 'DATE',
  dateTime: 'TIMESTAMPTZ',
  boolean: 'BOOLEAN',
  decimal: 'DECIMAL(38, 9)',
};

function parameterSql(parameters: readonly SqlParameter[], name: string, location: string): string {
  const found = parameters.find((parameter) => parameter.name === name);
  if (found === undefined) {
    throw viewFault(location, 'uses a :parameter that the Library does not declare. Add it to Library.parameter.');
  }
  return `CAST($${found.name} AS ${sqlTypes[found.type]})`;
}

/**
 * Checks the values of all parameters and gives them in the form that the query engine binds. Values are given as JSON: text
 * for string, date and dateTime, numbers for integer and decimal (or text, to keep every digit), true or false.
 */
export function bindParameters(
  library: SqlLibrary,
  values: Readonly<Record<string, unknown>>,
): Record<string, QueryValue> {
  for (const name of Object.keys(values)) {
    if (!library.parameters.some((parameter) => parameter.name === name)) {
      const known = library.parameters.map((parameter) => parameter.name).join(', ');
      throw viewFault(library.name, `is given a parameter that it does not have. Its parameters: ${known || 'none'}.`);
    }
  }
  return Object.fromEntries(
    library.parameters.map((parameter) => [
      parameter.name,
      boundValue(parameter, values[parameter.name], library.name),
    ]),
  );
}

function boundValue({ name, type }: SqlParameter, value: unknown, library: string): QueryValue {
  const place = `${library}: parameter ${name}`;
  if (value === undefined || value === null) throw viewFault(place, 'is missing.');
  if (type === 'boolean') {
    if (typeof value === 'boolean') return value;
    throw viewFault(place, 'must be true or false.');
  }
  const number = type === 'integer' || type === 'decimal';
  const text = number && typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || !isLexical(type, text)) throw viewFault(place, `must be a ${type}.`);
  return text;
}
