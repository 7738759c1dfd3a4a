import { operate } from '../lake-access';
import { formatOption, rowFormatOf, rowsText } from '../row-format';
import { operatorOptions, UsageError, type Verb } from '../verb';

export const sqlVerb: Verb = {
  name: 'sql',
  usage: '"SELECT …" [--format table|csv|json]',
  long: true,
  most: Number.POSITIVE_INFINITY,
  summary:
    'Read-only SQL over marts.* and, for the operator of the machine, curated.*. A deployed lake answers with at most 10,000 rows.',
  options: { ...operatorOptions, ...formatOption },
  async run({ positionals, options, json, terminal }) {
    const format = rowFormatOf(options, json);
    if (positionals.length !== 1) throw new UsageError('Give one statement, in quotation marks.');
    terminal.out(rowsText(format, await operate(options, 'sql', positionals[0]!)));
    return 0;
  },
};
