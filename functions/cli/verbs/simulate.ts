import { appendFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type SimulationSink, writeSimulation } from '../../simulation/write-simulation';
import { progressOn } from '../progress';
import { requiredOption, textOption, UsageError, type Verb } from '../verb';

/** Files under a folder that is new or empty: a second population in the same place would mix with the first. */
function folderSink(folder: string): SimulationSink {
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new UsageError('--out names a folder that is not empty.');
  const at = (name: string): string => {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    return path;
  };
  return {
    write: (name, text) => writeFileSync(at(name), text),
    append: (name, text) => appendFileSync(at(name), text),
  };
}

export const simulateVerb: Verb = {
  name: 'simulate',
  usage: '--people N --seed S --out DIR [--faults]',
  summary:
    'Writes the messages of a synthetic BNSSG population, a folder per provider; the same seed gives the same files.',
  options: {
    people: { type: 'string', value: 'N', help: 'how many people' },
    seed: { type: 'string', value: 'S', help: 'decides everything' },
    out: { type: 'string', value: 'DIR', help: 'an empty folder' },
    faults: { type: 'boolean', help: 'adds faulty messages, with an answer key' },
  },
  async run({ options, json, terminal }) {
    const asked = requiredOption(options, 'people');
    if (!/^[0-9]{1,9}$/.test(asked)) throw new UsageError('--people is a whole number.');
    const people = Number(asked);
    const say = progressOn(terminal);
    const settings = { people, seed: textOption(options, 'seed') ?? '1', faults: options.faults === true };
    const totals = await writeSimulation(settings, folderSink(requiredOption(options, 'out')), (files) => {
      if (files % 100 === 0) say(`${files} files`);
    });
    say.end();
    terminal.out(
      json
        ? `${JSON.stringify(totals)}\n`
        : `${totals.resources} resources of ${totals.people} people in ${totals.files} files\n`,
    );
    return 0;
  },
};
