import { operate } from '../lake-access';
import { tableText } from '../table-text';
import { operatorOptions, type Verb } from '../verb';

export const martsBuildVerb: Verb = {
  name: 'marts build',
  usage: '[NAME…] [--full]',
  long: true,
  most: Number.POSITIVE_INFINITY,
  summary: 'Builds the named marts, or all of them, from what is new.',
  options: {
    ...operatorOptions,
    full: { type: 'boolean', help: 'flattens everything again; the rows are the same' },
  },
  async run({ positionals, options, json, terminal }) {
    const built = await operate(options, 'buildMarts', positionals, options.full === true);
    terminal.out(json ? `${JSON.stringify(built)}\n` : tableText(built as unknown as Record<string, unknown>[]));
    return 0;
  },
};

export const martsListVerb: Verb = {
  name: 'marts list',
  usage: '[--json]',
  summary: 'The marts there are, and what each holds.',
  options: operatorOptions,
  async run({ options, json, terminal }) {
    const marts = await operate(options, 'listMarts');
    terminal.out(json ? `${JSON.stringify(marts)}\n` : tableText(marts as unknown as Record<string, unknown>[]));
    return 0;
  },
};
