import { LakeError } from '../../adapters/ports/errors';
import type { ColumnSchema } from '../../adapters/ports/query-engine';

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
  readonly metadata: Readonly<Record<string, never>>;
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
    `Column ${column} has the type ${type}, which not every reader of a table gives back right. Cast it to ${instead[type] ?? 'VARCHAR'}.`,
  );
}

export function deltaSchemaOf(columns: readonly ColumnSchema[]): DeltaSchema {
  const names = new Set(columns.map(({ name }) => name.toLowerCase()));
  if (names.size < columns.length)
    throw new LakeError('InvalidArgument', 'Two columns have the same name, capitals aside. Name each column once.');
  return {
    type: 'struct',
    fields: columns.map(({ name, type }) => ({ name, type: deltaTypeOf(type, name), nullable: true, metadata: {} })),
  };
}
