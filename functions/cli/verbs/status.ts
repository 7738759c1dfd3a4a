import { operate } from '../lake-access';
import { operatorOptions, type Verb } from '../verb';

export const statusVerb: Verb = {
  name: 'status',
  usage: '[--json]',
  summary: 'Where the lake is, what it holds, what waits.',
  options: operatorOptions,
  async run({ options, json, terminal }) {
    const status = await operate(options, 'status');
    if (json) terminal.out(`${JSON.stringify(status)}\n`);
    else
      for (const [name, value] of Object.entries(status))
        terminal.out(`${name.padEnd(10)} ${typeof value === 'string' ? value : JSON.stringify(value)}\n`);
    return 0;
  },
};
