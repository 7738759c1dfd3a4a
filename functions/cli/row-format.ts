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

export function rowsText(
  format: RowFormat,
  rows: readonly Readonly<Record<string, unknown>>[],
  columns: readonly { readonly name: string }[],
): string {
  const names = columns.map(({ name }) => name);
  if (format === 'json') return `${JSON.stringify(rows)}\n`;
  return format === 'csv' ? csvText(rows, names) : tableText(rows, names);
}
