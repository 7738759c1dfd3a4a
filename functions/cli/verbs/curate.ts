import { operate } from '../lake-access';
import { operatorOptions, type Verb } from '../verb';

export const curateVerb: Verb = {
  name: 'curate',
  usage: '',
  long: true,
  summary: 'Moves what has landed into the curated tables now, instead of at the next minute.',
  options: operatorOptions,
  async run({ options, json, terminal }) {
    const result = await operate(options, 'curate');
    terminal.out(
      json
        ? `${JSON.stringify(result)}\n`
        : `curated ${result.rows} resource versions of ${result.types.length} types from ${result.segments} segments\n`,
    );
    return 0;
  },
};
