import { operate } from '../lake-access';
import { csvText, tableText } from '../table-text';
import { textOption, UsageError, type Verb } from '../verb';

export const sqlVerb: Verb = {
  name: 'sql',
  usage: '"SELECT …" [--format table|csv|json]',
  summary: 'Read-only SQL over marts.* and, for the operator of the machine, curated.*.',
  options: { format: { type: 'string', value: 'FORMAT', help: 'table, csv or json (default table)' } },
  async run({ positionals, options, json, terminal }) {
    const format = textOption(options, 'format') ?? (json ? 'json' : 'table');
    if (positionals.length !== 1) throw new UsageError('Give one statement, in quotation marks.');
    if (!['table', 'csv', 'json'].includes(format)) throw new UsageError('--format is table, csv or json.');
    const { columns, rows } = await operate(options, 'sql', positionals[0]!);
    const names = columns.map(({ name }) => name);
    terminal.out(
      format === 'json'
        ? `${JSON.stringify(rows)}\n`
        : format === 'csv'
          ? csvText(rows, names)
          : tableText(rows, names),
    );
    return 0;
  },
};
