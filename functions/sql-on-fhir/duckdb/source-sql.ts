import type { Shape } from '../fhirpath/shape';
import { sqlFile, sqlIdentifier, sqlText } from './quoting';
import { fromJson, readerColumns } from './shape-sql';

/**
 * Where the resources of a view come from.
 * - `ndjson`: files of one resource a line, of types whose elements do not clash (one type a file is best). Read strictly:
 *   a malformed line stops the query.
 * - `documents`: JSON files of any form (NDJSON, one document, an array) with resources and Bundles of any types mixed.
 * - `relation`: a table or view of the session with the resource as JSON text in one column.
 */
export type ViewSource =
  | { readonly kind: 'ndjson'; readonly files: readonly string[]; readonly maximumObjectBytes?: number }
  | { readonly kind: 'documents'; readonly files: readonly string[]; readonly maximumObjectBytes?: number }
  | {
      readonly kind: 'relation';
      /** The parts of the name, `['curated', 'observation']`. */
      readonly name: readonly string[];
      /** Default `resource`. */
      readonly column?: string;
      /** A Boolean column that marks rows to leave out, such as `deleted`. */
      readonly deletedColumn?: string;
      /** Columns given beside those of the view, in front; they begin with `_`, as no column of a view does. */
      readonly carried?: readonly string[];
    };

export interface SourceSql {
  /** What stands after FROM; it gives the row `r` (a table alias or a struct column). */
  readonly from: string;
  /** Conditions on rows. */
  readonly where: readonly string[];
  /** Columns beside `r` that go with each row. */
  readonly carried: readonly string[];
}

/** DuckDB's own bound on one JSON object; buffers are twice this, for each thread. */
const defaultObjectBytes = 16 * 1024 * 1024;

/**
 * Quotes the numbers under some names, so that their letters survive: DuckDB reads a number with a fraction or an exponent
 * as DOUBLE whatever type is asked for (1.50 becomes 1.5, 0.10000000000000000001 becomes 0.1). A letter stands before the
 * closing quote of a name and never before an opening one, so nothing inside a string can match. A pattern that begins
 * with letters costs next to nothing (0.4 CPU seconds for 1.4 GB); alternatives in it would cost eight times that.
 */
function withDecimalText(sql: string, keys: readonly string[]): string {
  const number = '-?[0-9]+(?:[.][0-9]+(?:[eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+)';
  return keys.reduce(
    (text, key) => `regexp_replace(${text}, ${sqlText(`(${key}"\\s*:\\s*)(${number})`)}, '\\1"\\2"', 'g')`,
    sql,
  );
}

const listOf = (files: readonly string[]): string => `[${files.map(sqlFile).join(', ')}]`;

export function sourceSql(source: ViewSource, shape: Shape, decimalKeys: readonly string[]): SourceSql {
  const isType = `r."resourceType" = ${sqlText(shape.typeName)}`;
  // Conditions are pushed below a projection and would read the JSON a second time; not below an unnest (a third less CPU).
  const opened = (sql: string): string => `unnest([${fromJson(withDecimalText(sql, decimalKeys), shape)}])`;
  if (source.kind === 'relation') {
    const column = sqlIdentifier(source.column ?? 'resource');
    const live =
      source.deletedColumn === undefined ? '' : ` WHERE NOT coalesce(${sqlIdentifier(source.deletedColumn)}, false)`;
    const name = source.name.map(sqlIdentifier).join('.');
    const carried = (source.carried ?? []).map(sqlIdentifier);
    const list = [...carried, `${opened(column)} AS r`].join(', ');
    return { from: `(SELECT ${list} FROM ${name}${live})`, where: [isType], carried };
  }
  const size = `maximum_object_size = ${source.maximumObjectBytes ?? defaultObjectBytes}`;
  if (source.kind === 'ndjson') {
    const options = `format = 'newline_delimited', ${size}`;
    const from =
      decimalKeys.length > 0
        ? `(SELECT ${opened('CAST(json AS VARCHAR)')} AS r FROM read_json_objects(${listOf(source.files)}, ${options}))`
        : `read_json(${listOf(source.files)}, ${options}, columns = ${readerColumns(shape)}) AS r`;
    return { from, where: [isType], carried: [] };
  }
  const entries = `from_json(json, '{"resourceType": "VARCHAR", "entry": [{"resource": "JSON"}]}')`;
  // A Bundle stands for its entries, unless Bundles are what the view is about.
  const resources =
    shape.typeName === 'Bundle'
      ? '[json]'
      : `CASE WHEN d."resourceType" = 'Bundle' THEN list_transform(d."entry", lambda x: x."resource") ELSE [json] END`;
  const documents = `SELECT json, ${entries} AS d FROM read_json_objects(${listOf(source.files)}, format = 'auto', ${size})`;
  const texts = `SELECT unnest(${resources}) AS json FROM (${documents})`;
  return { from: `(SELECT ${opened('CAST(json AS VARCHAR)')} AS r FROM (${texts}))`, where: [isType], carried: [] };
}
