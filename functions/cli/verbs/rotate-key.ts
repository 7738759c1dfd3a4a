import { operate } from '../lake-access';
import { operatorOptions, type Verb } from '../verb';

export const rotateKeyVerb: Verb = {
  name: 'identity rotate-key',
  usage: '[--json]',
  long: true,
  summary:
    'Makes a new pseudonym key and makes over every pseudonym the lake holds, while senders go on. What a crash cuts off goes on at the next start.',
  options: operatorOptions,
  async run({ options, json, terminal }) {
    const rotated = await operate(options, 'rotatePseudonymKey');
    terminal.out(json ? `${JSON.stringify(rotated)}\n` : `every pseudonym is made by version ${rotated.version} now\n`);
    return 0;
  },
};
