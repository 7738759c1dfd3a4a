import type { DeltaSchema, DeltaType } from '../../functions/tables/column-types';

/** One table, or some of its rows, at one of its versions. */
export interface Question {
  readonly name: string;
  /** Folder of the table on this machine. */
  readonly folder: string;
  readonly schema: DeltaSchema;
  /** Absent: the newest version. */
  readonly version?: number;
  /** A whole statement over the table, in SQL that all engines share. */
  readonly statement?: (table: string) => string;
  /** A condition in SQL that all engines share; `moment` writes a literal of an ISO 8601 moment. */
  readonly where?: (moment: (iso: string) => string) => string;
}

/** What a question asks of a table that an engine knows by some name. */
export function statementOf(
  { schema, statement, where }: Question,
  table: string,
  moment: (iso: string) => string,
): string {
  if (statement !== undefined) return statement(table);
  const columns = schema.fields.map(({ name }) => `"${name}"`).join(', ');
  return `SELECT ${columns} FROM ${table}${where === undefined ? '' : ` WHERE ${where(moment)}`}`;
}

export type Row = readonly unknown[];

/** An engine that is not ours, reading tables of the lake by itself. */
export interface TableReader {
  /** The rows of each question, their values in the order of the schema, as the engine writes them. */
  rows(questions: readonly Question[]): Promise<ReadonlyMap<string, readonly Row[]>>;
  close(): Promise<void>;
}

export interface Rendering {
  /** Hexadecimal digits of a binary value. */
  readonly hex: (value: unknown) => string;
  /** Whether the engine rounds moments to milliseconds; both sides are rounded then. */
  readonly roundsMoments?: boolean;
}

/** Rows as text that is equal where values are, sorted: engines write numbers, moments, structs and maps each their own way. */
export function canonicalRows(rows: readonly Row[], schema: DeltaSchema, rendering: Rendering): string[] {
  return rows
    .map((row) => JSON.stringify(schema.fields.map(({ type }, at) => canonical(row[at], type, rendering))))
    .sort();
}

function canonical(value: unknown, type: DeltaType, rendering: Rendering): unknown {
  if (value === null || value === undefined) return null;
  if (typeof type !== 'string') return canonicalNested(value, type, rendering);
  if (type === 'timestamp') return moment(String(value), rendering.roundsMoments ?? false);
  if (type === 'binary') return rendering.hex(value);
  if (type === 'float' || type === 'double') {
    const text = String(value)
      .replace(/^(-?)inf(?:inity)?$/i, '$1Infinity')
      .replace(/^nan$/i, 'NaN');
    const number = type === 'float' ? Math.fround(Number(text)) : Number(text);
    return Object.is(number, -0) ? '-0' : String(number);
  }
  if (type === 'boolean') return value;
  return String(value);
}

function canonicalNested(value: unknown, type: Exclude<DeltaType, string>, rendering: Rendering): unknown {
  if (type.type === 'array') return (value as unknown[]).map((one) => canonical(one, type.elementType, rendering));
  if (type.type === 'struct') {
    return type.fields.map((field, at) => {
      const inner = Array.isArray(value) ? value[at] : (value as Record<string, unknown>)[field.name];
      return canonical(inner, field.type, rendering);
    });
  }
  const entries = Array.isArray(value)
    ? value.map((one) => (Array.isArray(one) ? one : [one.key, one.value]))
    : Object.entries(value as object);
  return entries
    .map(([key, inner]) =>
      JSON.stringify([canonical(key, type.keyType, rendering), canonical(inner, type.valueType, rendering)]),
    )
    .sort();
}

const momentPattern = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})(?:\.(\d+))?(?:Z|\+00(?::?00)?| UTC)$/;

function moment(text: string, rounds: boolean): string {
  const [, day, time, fraction = ''] = momentPattern.exec(text) ?? [];
  if (day === undefined) throw new Error(`not a moment in UTC: ${text}`);
  const micros = fraction.padEnd(6, '0').slice(0, 6);
  if (!rounds) return `${day}T${time}.${micros}`;
  return new Date(Date.parse(`${day}T${time}Z`) + Math.round(Number(micros) / 1000)).toISOString();
}
