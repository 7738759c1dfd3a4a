import type { Shape } from '../fhirpath/shape';
import { familyOf } from '../fhirpath/value-family';
import { sqlIdentifier, sqlText } from './quoting';

/**
 * How a value of a shape is held in DuckDB. Dates, times and decimals are text: a decimal becomes a number only where it is
 * compared, computed with or given out.
 */
function leafType(shape: Shape): string {
  const family = familyOf(shape.typeName);
  if (family === 'boolean') return 'BOOLEAN';
  if (family !== 'integer') return 'VARCHAR';
  return shape.typeName === 'integer64' ? 'BIGINT' : 'INTEGER';
}

/** The type for `columns=` of read_json. */
export function columnType(shape: Shape, many: boolean): string {
  const single = shape.isJson ? 'JSON' : shape.fields.size === 0 ? leafType(shape) : `STRUCT(${members(shape)})`;
  return many ? `${single}[]` : single;
}

function members(shape: Shape): string {
  return [...shape.fields]
    .map(([key, field]) => `${sqlIdentifier(key)} ${columnType(field.shape, field.many)}`)
    .join(', ');
}

/** The map for `columns=` of read_json: the fields of a resource as columns. */
export function readerColumns(shape: Shape): string {
  const columns = [...shape.fields].map(
    ([key, field]) => `${sqlText(key)}: ${sqlText(columnType(field.shape, field.many))}`,
  );
  return `{${columns.join(', ')}}`;
}

type Structure = string | readonly Structure[] | { readonly [key: string]: Structure };

function structure(shape: Shape, many: boolean): Structure {
  const fields = [...shape.fields].map(([key, field]) => [key, structure(field.shape, field.many)] as const);
  const single = shape.isJson ? 'JSON' : fields.length === 0 ? leafType(shape) : Object.fromEntries(fields);
  return many ? [single] : single;
}

/** JSON text read as a struct of what the shape names; absent elements are NULL. */
export function fromJson(sql: string, shape: Shape): string {
  if (shape.fields.size === 0) return sql;
  const fields = [...shape.fields].map(([key, field]) => [key, structure(field.shape, field.many)] as const);
  return `from_json(${sql}, ${sqlText(JSON.stringify(Object.fromEntries(fields)))})`;
}
