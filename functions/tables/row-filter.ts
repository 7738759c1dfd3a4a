import { LakeError } from '../../adapters/ports/errors';
import type { DeltaSchema } from './column-types';
import type { AddFile } from './delta-actions';
import { quoteIdentifier, quoteText } from './sql-text';

export type FilterValue = string | number | bigint | boolean;

/** Which rows: a column among values, a column within `from` (included) and `below` (excluded), or all of several. */
export type RowFilter =
  | { readonly column: string; readonly in: readonly FilterValue[] }
  | { readonly column: string; readonly from?: FilterValue; readonly below?: FilterValue }
  | { readonly all: readonly RowFilter[] };

const literal = (value: FilterValue): string => (typeof value === 'string' ? quoteText(value) : String(value));

/** SQL text of a filter, names and values quoted. */
export function filterSql(filter: RowFilter, schema: DeltaSchema): string {
  if ('all' in filter)
    return filter.all.length === 0 ? 'true' : filter.all.map((one) => filterSql(one, schema)).join(' AND ');
  if (!schema.fields.some(({ name }) => name === filter.column)) {
    throw new LakeError(
      'InvalidArgument',
      `A filter names the column ${filter.column}, which the table does not have. Its columns: ${schema.fields.map(({ name }) => name).join(', ')}.`,
    );
  }
  const column = quoteIdentifier(filter.column);
  if ('in' in filter) return filter.in.length === 0 ? 'false' : `${column} IN (${filter.in.map(literal).join(', ')})`;
  const bounds = [
    ...(filter.from === undefined ? [] : [`${column} >= ${literal(filter.from)}`]),
    ...(filter.below === undefined ? [] : [`${column} < ${literal(filter.below)}`]),
  ];
  return bounds.length === 0 ? 'true' : `(${bounds.join(' AND ')})`;
}

interface Bounds {
  readonly min: string | number | undefined;
  readonly max: string | number | undefined;
}

/** Whether a file may hold rows of a filter, by its partition and its statistics; true when they do not tell. */
export function mayHold(filter: RowFilter, file: AddFile, schema: DeltaSchema): boolean {
  if ('all' in filter) return filter.all.every((one) => mayHold(one, file, schema));
  const type = schema.fields.find(({ name }) => name === filter.column)?.type;
  if (typeof type !== 'string') return true;
  const bounds = boundsOf(file, filter.column, type);
  if (bounds === 'none') return false;
  const isOutside = (value: FilterValue): boolean =>
    isBelow(value, bounds.min, type) || isAbove(value, bounds.max, type);
  if ('in' in filter) return filter.in.some((value) => !isOutside(value));
  const { from, below } = filter;
  return !(
    (from !== undefined && isAbove(from, bounds.max, type)) ||
    // Only strictly: rounding to a double keeps the order of numbers, equality it does not.
    (below !== undefined && isBelow(below, bounds.min, type))
  );
}

const isBelow = (value: FilterValue, min: string | number | undefined, type: string): boolean =>
  min !== undefined && (compare(value, min, type) ?? 0) < 0;
const isAbove = (value: FilterValue, max: string | number | undefined, type: string): boolean =>
  max !== undefined && (compare(value, max, type) ?? 0) > 0;

function boundsOf(file: AddFile, column: string, type: string): Bounds | 'none' {
  const partition = file.partitionValues[column];
  // NULL is in no list and in no range.
  if (partition === null) return 'none';
  if (partition !== undefined) return { min: partition, max: partition };
  if (file.stats === undefined) return { min: undefined, max: undefined };
  const stats = JSON.parse(file.stats) as {
    readonly minValues?: Readonly<Record<string, string | number>>;
    readonly maxValues?: Readonly<Record<string, string | number>>;
  };
  const max = stats.maxValues?.[column];
  return { min: stats.minValues?.[column], max: type === 'timestamp' ? nextMillisecond(max) : max };
}

/** Some writers cut the fraction of a millisecond off; a moment beyond JavaScript's (the year 275760) bounds nothing. */
function nextMillisecond(max: string | number | undefined): string | undefined {
  const moment = new Date(Date.parse(String(max)) + 1);
  return Number.isNaN(moment.getTime()) ? undefined : moment.toISOString();
}

/** Order of a value and a bound as the engines see it; undefined when they cannot be compared here. */
function compare(value: FilterValue, bound: string | number, type: string): number | undefined {
  if (type === 'string' && typeof value === 'string')
    return Buffer.compare(Buffer.from(value), Buffer.from(String(bound)));
  if (type === 'date' && typeof value === 'string' && isDay(value) && isDay(String(bound)))
    return value < String(bound) ? -1 : Number(value > String(bound));
  if (type === 'timestamp' && typeof value === 'string' && hasZone.test(value))
    return sign(Date.parse(value) - Date.parse(String(bound)));
  if (/^(?:byte|short|integer|long|float|double|decimal.*)$/.test(type) && typeof value !== 'boolean')
    return sign(Number(value) - Number(bound));
  return undefined;
}

/** Without a zone a text means what the session says, which is not known here. */
const hasZone = /T.*(?:Z|[+-]\d{2}:?\d{2})$/;
const isDay = (text: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(text);
const sign = (difference: number): number | undefined => (Number.isNaN(difference) ? undefined : Math.sign(difference));
