import type { QueryResult, QueryValue } from '../../adapters/ports/query-engine';
import { csvText, tableText } from './table-text';
import { type Options, textOption, UsageError } from './verb';

const formats = ['table', 'csv', 'json'] as const;
type RowFormat = (typeof formats)[number];

/** The option of verbs that give rows out. */
export const formatOption = {
  format: { type: 'string', value: 'FORMAT', help: 'table, csv or json (default table)' },
} as const;

export function rowFormatOf(options: Options, json: boolean): RowFormat {
  const given = textOption(options, 'format') ?? (json ? 'json' : 'table');
  const format = formats.find((one) => one === given);
  if (format === undefined) throw new UsageError('--format is table, csv or json.');
  return format;
}

/** Rows of SQL, or of a view, whose columns know their FHIR type. */
interface Rows {
  readonly columns: readonly { readonly name: string; readonly type: string; readonly fhirType?: string }[];
  readonly rows: QueryResult['rows'];
}

/** Types whose values the query engine gives as text, so that no digit is lost. */
const exactNumber = /^(?:U?(?:BIGINT|HUGEINT)|DECIMAL\(\d+,\d+\))(?:\[\])?$/;
/** A number of JSON (RFC 8259 section 6), which sets its digits no limit. */
const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

function exactly(value: QueryValue | undefined): unknown {
  if (Array.isArray(value)) return value.map(exactly);
  return typeof value === 'string' && jsonNumber.test(value) ? JSON.rawJSON(value) : value;
}

/** One array of row objects: counts and decimals as numbers, with all their digits. */
function jsonText({ columns, rows }: Rows): string {
  const exact = new Set(
    columns.filter(({ type, fhirType }) => exactNumber.test(type) || fhirType === 'decimal').map(({ name }) => name),
  );
  const cell = ([name, value]: [string, QueryValue]): [string, unknown] => [
    name,
    exact.has(name) ? exactly(value) : value,
  ];
  return JSON.stringify(rows.map((row) => Object.fromEntries(Object.entries(row).map(cell))));
}

/** Rows as a person or a program reads them. */
export function rowsText(format: RowFormat, result: Rows): string {
  const names = result.columns.map(({ name }) => name);
  if (format === 'json') return `${jsonText(result)}\n`;
  return format === 'csv' ? csvText(result.rows, names) : tableText(result.rows, names);
}
