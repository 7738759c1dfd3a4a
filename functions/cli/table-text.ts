const cell = (value: unknown): string =>
  (value === null || value === undefined
    ? ''
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value)
  ).replace(/\s+/g, ' ');
const widest = 60;

/** Rows as a plain table for people; long cells are cut and say so. */
export function tableText(
  rows: readonly Readonly<Record<string, unknown>>[],
  columns = Object.keys(rows[0] ?? {}),
): string {
  if (rows.length === 0) return '(no rows)\n';
  const short = (text: string): string => (text.length > widest ? `${text.slice(0, widest - 1)}…` : text);
  const lines = [columns, ...rows.map((row) => columns.map((name) => short(cell(row[name]))))];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index]!.length)));
  const text = lines.map((line) =>
    line
      .map((part, index) => part.padEnd(widths[index]!))
      .join('  ')
      .trimEnd(),
  );
  text.splice(1, 0, widths.map((width) => '-'.repeat(width)).join('  '));
  return `${text.join('\n')}\n`;
}

const csvCell = (value: unknown): string => {
  const text =
    value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** CSV as RFC 4180 has it. */
export function csvText(rows: readonly Readonly<Record<string, unknown>>[], columns: readonly string[]): string {
  return [columns.map(csvCell).join(','), ...rows.map((row) => columns.map((name) => csvCell(row[name])).join(','))]
    .map((line) => `${line}\r\n`)
    .join('');
}
