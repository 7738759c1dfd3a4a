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
    else for (const line of linesOf(status)) terminal.out(`${line}\n`);
    return 0;
  },
};

/** A line for each thing that is said, under the names it lies under. */
function linesOf(said: object, under = ''): string[] {
  return Object.entries(said).flatMap(([name, value]) => {
    const path = `${under}${name}`;
    if (value === undefined) return [];
    if (Array.isArray(value)) return [`${path.padEnd(20)} ${value.join(', ')}`];
    return typeof value === 'object' && value !== null
      ? linesOf(value, `${path} `)
      : [`${path.padEnd(20)} ${String(value)}`];
  });
}
