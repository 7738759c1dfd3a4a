import type { QueryValue } from '../../adapters/ports/query-engine';
import type { DeltaField, DeltaSchema } from './column-types';

/** What DuckDB reports of a column of a Parquet file it has written (COPY … RETURN_STATS). */
type ColumnReport = Readonly<Record<string, string>>;

/** Delta's own default (delta.dataSkippingNumIndexedCols). */
const firstColumns = 32;
/** Characters kept of a text: a least value may be cut, a greatest one may not, so a longer one is left out. */
const textLength = 64;

interface Leaf {
  readonly path: readonly string[];
  readonly type: string;
}

/**
 * Statistics of a file as Delta keeps them (PROTOCOL.md, Per-file Statistics): records, least and greatest values, NULLs of
 * the first 32 columns, or of those the table names in `delta.dataSkippingStatsColumns`. As text, because JSON numbers of
 * JavaScript would round 64-bit integers and decimals.
 */
export function fileStatistics(
  schema: DeltaSchema,
  numRecords: number,
  reported: QueryValue | undefined,
  configuration: Readonly<Record<string, string>>,
): string {
  const reports = reportsOf(reported);
  const wanted = configuration['delta.dataSkippingStatsColumns']?.split(',').map((name) => name.trim());
  const found = leavesOf(schema.fields, [])
    .filter(({ path }) => wanted === undefined || wanted.includes(path.join('.')))
    .slice(0, firstColumns)
    .flatMap(({ path, type }) => {
      const report = reports.get(JSON.stringify(path));
      return report === undefined ? [] : [{ path, type, report }];
    });
  const valuesOf = (text: (type: string, report: ColumnReport) => string | undefined): string =>
    nested(
      found.flatMap(({ path, type, report }) => {
        const value = text(type, report);
        return value === undefined ? [] : [{ path, value }];
      }),
    );
  const nulls = valuesOf((_, { null_count }) => null_count);
  return `{"numRecords":${numRecords},"minValues":${valuesOf(leastOf)},"maxValues":${valuesOf(greatestOf)},"nullCount":${nulls}}`;
}

function leavesOf(fields: readonly DeltaField[], above: readonly string[]): Leaf[] {
  return fields.flatMap(({ name, type }) => {
    const path = [...above, name];
    if (typeof type === 'string') return [{ path, type }];
    return type.type === 'struct' ? leavesOf(type.fields, path) : [];
  });
}

interface Entry {
  readonly key: string;
  readonly value: QueryValue;
}

/** By path: DuckDB names a column `"a"."b"`, and gives maps as lists of key and value. */
function reportsOf(reported: QueryValue | undefined): Map<string, ColumnReport> {
  const columns = (Array.isArray(reported) ? reported : []) as unknown as readonly Entry[];
  return new Map(
    columns.map(({ key, value }) => [
      JSON.stringify([...key.matchAll(/"((?:[^"]|"")*)"/g)].map((match) => match[1]!.replaceAll('""', '"'))),
      Object.fromEntries((value as unknown as readonly Entry[]).map((one) => [one.key, String(one.value)])),
    ]),
  );
}

const integer = /^-?\d+$/;
const decimal = /^-?\d+(?:\.\d+)?$/;

function leastOf(type: string, { min, has_nan }: ColumnReport): string | undefined {
  if (min === undefined) return undefined;
  if (type === 'string') return JSON.stringify([...min].slice(0, textLength).join(''));
  return type === 'timestamp' ? moment(min, 0) : plainValue(type, min, has_nan);
}

function greatestOf(type: string, { max, has_nan }: ColumnReport): string | undefined {
  if (max === undefined) return undefined;
  if (type === 'string') return [...max].length > textLength ? undefined : JSON.stringify(max);
  return type === 'timestamp' ? moment(max, 1) : plainValue(type, max, has_nan);
}

function plainValue(type: string, text: string, hasNan: string | undefined): string | undefined {
  if (type === 'date') return /^\d{4}-\d{2}-\d{2}$/.test(text) ? JSON.stringify(text) : undefined;
  if (/^(?:byte|short|integer|long)$/.test(type)) return integer.test(text) ? text : undefined;
  if (type.startsWith('decimal')) return decimal.test(text) ? text : undefined;
  // NaN is greater than every number, and JSON has neither it nor infinity.
  if ((type === 'double' || type === 'float') && hasNan === 'false' && Number.isFinite(Number(text)))
    return String(Number(text));
  return undefined;
}

/** Milliseconds, as Delta writes them; the greatest value is rounded up, or a reader would skip the file it is in. */
function moment(text: string, roundUp: 0 | 1): string | undefined {
  const [, second, fraction = ''] = /^(\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2})(?:\.(\d{1,6}))?\+00$/.exec(text) ?? [];
  if (second === undefined) return undefined;
  const micros = Number(fraction.padEnd(6, '0'));
  const millis = roundUp === 1 ? Math.ceil(micros / 1000) : Math.floor(micros / 1000);
  return JSON.stringify(new Date(Date.parse(`${second.replace(' ', 'T')}Z`) + millis).toISOString());
}

/** A JSON object of values that are JSON text, by their paths. */
function nested(leaves: readonly { readonly path: readonly string[]; readonly value: string }[]): string {
  const groups = new Map<string, { path: readonly string[]; value: string }[]>();
  for (const { path, value } of leaves) {
    const [head, ...rest] = path;
    groups.set(head!, [...(groups.get(head!) ?? []), { path: rest, value }]);
  }
  const members = [...groups].map(([name, inside]) => {
    const value = inside[0]!.path.length === 0 ? inside[0]!.value : nested(inside);
    return `${JSON.stringify(name)}:${value}`;
  });
  return `{${members.join(',')}}`;
}
