import { operate } from '../lake-access';
import { textOption, UsageError, type Verb } from '../verb';

export const compactVerb: Verb = {
  name: 'compact',
  usage: '[--partition-above BYTES] [--json]',
  long: true,
  summary:
    'Folds curated tables to what is current and deletes past versions beyond their history, instead of tonight. Large tables are divided by the year of the clinical date, for good.',
  options: {
    'partition-above': { type: 'string', value: 'BYTES', help: 'size from which on (default 10000000000)' },
  },
  async run({ options, json, terminal }) {
    const above = textOption(options, 'partition-above');
    if (above !== undefined && !/^[0-9]{1,15}$/.test(above))
      throw new UsageError('--partition-above is a number of bytes.');
    const result = await operate(options, 'compact', above === undefined ? undefined : Number(above));
    terminal.out(
      json
        ? `${JSON.stringify(result)}\n`
        : `folded ${result.folded} of ${result.tables} tables, removed ${result.removedFiles} files of the past\n`,
    );
    return 0;
  },
};
