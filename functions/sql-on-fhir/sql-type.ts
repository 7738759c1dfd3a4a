import { viewFault } from './view-fault';

/** The SQL types a column may have: what Delta (1,2) and every reader of the lake hold without loss. */
export type SqlType =
  | { readonly name: 'BOOLEAN' | 'INTEGER' | 'BIGINT' | 'DOUBLE' | 'VARCHAR' | 'DATE' | 'TIMESTAMP WITH TIME ZONE' }
  | { readonly name: 'DECIMAL'; readonly precision: number; readonly scale: number };

const byFhirType: Readonly<Record<string, SqlType>> = {
  boolean: { name: 'BOOLEAN' },
  integer: { name: 'INTEGER' },
  positiveInt: { name: 'INTEGER' },
  unsignedInt: { name: 'INTEGER' },
  integer64: { name: 'BIGINT' },
  instant: { name: 'TIMESTAMP WITH TIME ZONE' },
};

/**
 * The default SQL type of a FHIR primitive (SQL on FHIR 2.0, "Mapping of FHIR types to ANSI SQL types"): decimal, date,
 * dateTime and time stay text, because no SQL type holds their precision.
 */
export function defaultSqlType(fhirType: string): SqlType {
  return Object.hasOwn(byFhirType, fhirType) ? byFhirType[fhirType]! : { name: 'VARCHAR' };
}

const ansiNames: ReadonlyMap<string, Exclude<SqlType['name'], 'DECIMAL'>> = new Map([
  ['BOOLEAN', 'BOOLEAN'],
  ['INT', 'INTEGER'],
  ['INTEGER', 'INTEGER'],
  ['BIGINT', 'BIGINT'],
  ['FLOAT', 'DOUBLE'],
  ['DOUBLE', 'DOUBLE'],
  ['DOUBLE PRECISION', 'DOUBLE'],
  ['CHARACTER VARYING', 'VARCHAR'],
  ['CHAR VARYING', 'VARCHAR'],
  ['VARCHAR', 'VARCHAR'],
  ['TEXT', 'VARCHAR'],
  ['DATE', 'DATE'],
  ['TIMESTAMP WITH TIME ZONE', 'TIMESTAMP WITH TIME ZONE'],
  ['TIMESTAMPTZ', 'TIMESTAMP WITH TIME ZONE'],
]);

/** Reads the value of an `ansi/type` tag. A length of CHARACTER VARYING is taken as a remark, not enforced. */
export function parseAnsiType(text: string, location: string): SqlType {
  const plain = text.trim().toUpperCase().replace(/\s+/g, ' ');
  const decimal = /^(?:DECIMAL|NUMERIC) ?\( ?([0-9]{1,2}) ?(?:, ?([0-9]{1,2}) ?)?\)$/.exec(plain);
  if (decimal !== null) {
    const [precision, scale] = [Number(decimal[1]), Number(decimal[2] ?? '0')];
    if (precision < 1 || precision > 38 || scale > precision) {
      throw viewFault(location, 'DECIMAL(p, s) needs 1 to 38 digits and a scale of p at most.');
    }
    return { name: 'DECIMAL', precision, scale };
  }
  const name = ansiNames.get(plain.replace(/^((?:CHARACTER|CHAR) VARYING|VARCHAR) ?\( ?[0-9]+ ?\)$/, '$1'));
  if (name === undefined) {
    throw viewFault(
      location,
      `not an SQL type of the lake. Allowed are DECIMAL(p, s), ${[...ansiNames.keys()].join(', ')}.`,
    );
  }
  return { name };
}

/** The type as SQL writes it, `DECIMAL(18, 4)`; DuckDB, Spark and Trino spell these alike but for their time zone. */
export function sqlTypeName(type: SqlType): string {
  return type.name === 'DECIMAL' ? `DECIMAL(${type.precision},${type.scale})` : type.name;
}

export function sameSqlType(left: SqlType, right: SqlType): boolean {
  return sqlTypeName(left) === sqlTypeName(right);
}
