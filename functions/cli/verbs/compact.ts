import { operate } from '../lake-access';
import type { Verb } from '../verb';

export const compactVerb: Verb = {
  name: 'compact',
  usage: '',
  summary:
    'Folds curated tables to what is current and deletes past versions beyond their history, instead of tonight.',
  async run({ options, json, terminal }) {
    const result = await operate(options, 'compact');
    terminal.out(
      json
        ? `${JSON.stringify(result)}\n`
        : `folded ${result.folded} of ${result.tables} tables, removed ${result.removedFiles} files of the past\n`,
    );
    return 0;
  },
};
