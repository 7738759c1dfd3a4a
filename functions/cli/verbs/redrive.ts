import { operate } from '../lake-access';
import { operatorOptions, type Verb } from '../verb';

export const redriveVerb: Verb = {
  name: 'redrive',
  usage: '[--json]',
  summary: 'Offers the events of what landed again that nobody took; `lake status` counts them.',
  options: operatorOptions,
  async run({ options, json, terminal }) {
    const answer = await operate(options, 'redrive');
    terminal.out(json ? `${JSON.stringify(answer)}\n` : `${answer.redriven} events are offered again.\n`);
    return 0;
  },
};
