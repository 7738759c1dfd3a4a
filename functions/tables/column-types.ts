import { LakeError } from '../../adapters/ports/errors';
import type { ColumnSchema } from '../../adapters/ports/query-engine';
import { quoteIdentifier } from './sql-text';

/** A type of the Delta schema (https://github.com/delta-io/delta/blob/master/PROTOCOL.md, Schema Serialization Format). */
export type DeltaType =
  | string
  | { readonly type: 'array'; readonly elementType: DeltaType; readonly containsNull: true }
  | {
      readonly type: 'map';
      readonly keyType: DeltaType;
      readonly valueType: DeltaType;
      readonly valueContainsNull: true;
    }
  | { readonly type: 'struct'; readonly fields: readonly DeltaField[] };

export interface DeltaField {
  readonly name: string;
  readonly type: DeltaType;
  readonly nullable: true;
  readonly metadata: Readonly<Record<string, unknown>>;
}

export interface DeltaSchema {
  readonly type: 'struct';
  readonly fields: readonly DeltaField[];
}

const plain: Readonly<Record<string, string>> = {
  BOOLEAN: 'boolean',
  TINYINT: 'byte',
  SMALLINT: 'short',
  INTEGER: 'integer',
  BIGINT: 'long',
  FLOAT: 'float',
  DOUBLE: 'double',
  VARCHAR: 'string',
  BLOB: 'binary',
  DATE: 'date',
  'TIMESTAMP WITH TIME ZONE': 'timestamp',
};

const allowed =
  'BOOLEAN, TINYINT, SMALLINT, INTEGER, BIGINT, FLOAT, DOUBLE, DECIMAL up to 38 digits, VARCHAR, BLOB, DATE, TIMESTAMPTZ, and STRUCT, LIST and MAP of these';

/** What to write instead of a type that some reader gets wrong (reference: proven parts, Delta). */
const instead: Readonly<Record<string, string>> = {
  HUGEINT: 'BIGINT (sums of BIGINT are HUGEINT)',
  UUID: 'VARCHAR',
  TIME: 'VARCHAR',
  TIMESTAMP: 'TIMESTAMPTZ',
  TIMESTAMP_NS: 'TIMESTAMPTZ',
  UINTEGER: 'BIGINT',
  UBIGINT: 'DECIMAL(20,0)',
  JSON: 'VARCHAR',
};

/** Splits `a, b(c, d), e` at the commas of the outermost level. */
function splitTop(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let inQuotes = false;
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at];
    if (letter === '"') inQuotes = !inQuotes;
    else if (inQuotes) continue;
    else if (letter === '(' || letter === '[') depth += 1;
    else if (letter === ')' || letter === ']') depth -= 1;
    else if (letter === ',' && depth === 0) {
      parts.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  return [...parts, text.slice(start).trim()];
}

function fieldOf(text: string, column: string): DeltaField {
  const [, quotedName, plainName, type] = /^(?:"((?:[^"]|"")*)"|(\S+))\s+([\s\S]+)$/.exec(text) ?? [];
  return {
    name: (quotedName ?? plainName ?? '').replaceAll('""', '"'),
    type: deltaTypeOf(type ?? '', column),
    nullable: true,
    metadata: {},
  };
}

/** The Delta type of a DuckDB type; refused at plan time when a reader of the lake would get it wrong. */
export function deltaTypeOf(duckDbType: string, column: string): DeltaType {
  const type = duckDbType.trim();
  if (type.endsWith('[]'))
    return { type: 'array', elementType: deltaTypeOf(type.slice(0, -2), column), containsNull: true };
  const inner = /^(STRUCT|MAP|DECIMAL)\(([\s\S]*)\)$/.exec(type);
  if (inner?.[1] === 'STRUCT')
    return { type: 'struct', fields: splitTop(inner[2]!).map((part) => fieldOf(part, column)) };
  if (inner?.[1] === 'MAP') {
    const [key, value] = splitTop(inner[2]!) as [string, string];
    return {
      type: 'map',
      keyType: deltaTypeOf(key, column),
      valueType: deltaTypeOf(value, column),
      valueContainsNull: true,
    };
  }
  if (inner?.[1] === 'DECIMAL') return `decimal(${inner[2]!.replaceAll(' ', '')})`;
  const found = plain[type];
  if (found !== undefined) return found;
  throw new LakeError(
    'InvalidArgument',
    `Column ${column} has the type ${type === '' ? 'of a struct without names' : type}, which not every reader of a table gives back right. Cast it to ${instead[type] ?? 'VARCHAR'}. Allowed: ${allowed}.`,
  );
}

/** Characters that Parquet readers of Spark refuse in names where no column mapping is (protocol 1,2). */
const refusedInNames = /[ ,;{}()\n\t=]/;

/** By these DuckDB and the lake tell files apart: a filter on a column called so finds no row, and nothing would be erased. */
const namesOfFiles = /^(?:filename|file_of_row|file_of_table)$/i;

/**
 * The Delta schema of columns as DuckDB describes them.
 *
 * @throws LakeError `InvalidArgument` for a type or a name that some reader of the table gets wrong.
 */
export function deltaSchemaOf(columns: readonly ColumnSchema[]): DeltaSchema {
  const fields = columns.map(({ name, type }) => ({
    name,
    type: deltaTypeOf(type, name),
    nullable: true as const,
    metadata: {},
  }));
  checkNames(fields);
  if (fields.some(({ name }) => namesOfFiles.test(name)))
    throw new LakeError(
      'InvalidArgument',
      'A column is called filename, file_of_row or file_of_table, by which files are told apart. Give it another name.',
    );
  return { type: 'struct', fields };
}

export function checkNames(fields: readonly DeltaField[]): void {
  const names = new Set(fields.map(({ name }) => name.toLowerCase()));
  if (names.size < fields.length)
    throw new LakeError('InvalidArgument', 'Two columns have the same name, capitals aside. Name each column once.');
  for (const { name, type } of fields) {
    if (name === '' || refusedInNames.test(name)) {
      throw new LakeError(
        'InvalidArgument',
        `Column ${JSON.stringify(name)} has a name that Spark cannot read. Use a name without spaces and without any of ,;{}()=`,
      );
    }
    for (const inner of structsIn(type)) checkNames(inner.fields);
  }
}

function structsIn(type: DeltaType): { readonly fields: readonly DeltaField[] }[] {
  if (typeof type === 'string') return [];
  if (type.type === 'struct') return [type];
  return type.type === 'array'
    ? structsIn(type.elementType)
    : [...structsIn(type.keyType), ...structsIn(type.valueType)];
}

/** The DuckDB type of a Delta type. */
export function duckDbType(type: DeltaType): string {
  if (typeof type === 'string') return duckDbNames.get(type) ?? type.toUpperCase();
  if (type.type === 'array') return `${duckDbType(type.elementType)}[]`;
  if (type.type === 'map') return `MAP(${duckDbType(type.keyType)}, ${duckDbType(type.valueType)})`;
  return `STRUCT(${type.fields.map((field) => `${quoteIdentifier(field.name)} ${duckDbType(field.type)}`).join(', ')})`;
}

const duckDbNames = new Map(Object.entries(plain).map(([duckDb, delta]) => [delta, duckDb]));
