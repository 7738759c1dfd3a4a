import { operate } from '../lake-access';
import type { Verb } from '../verb';

export const resplitVerb: Verb = {
  name: 'identity resplit',
  usage: '[--dry-run] [--json]',
  long: true,
  summary:
    'Splits every sealed original again under the present privacy rules, lands what comes out different and takes the old copies out of landing, curated tables and marts. Resumable: run it again.',
  options: {
    'dry-run': { type: 'boolean', help: 'count what would change, change nothing' },
  },
  async run({ options, json, terminal }) {
    const dryRun = options['dry-run'] === true;
    const counts = await operate(options, 'resplit', { dryRun });
    if (json) terminal.out(`${JSON.stringify(counts)}\n`);
    else {
      const { originals, unchanged, changed, wouldBeHeld, unknown } = counts;
      terminal.out(`${originals} originals: ${changed} versions ${dryRun ? 'would change' : 'landed anew'}, `);
      terminal.out(`${unchanged} come out as they are\n`);
      if (unknown > 0)
        terminal.error(
          `${unknown} originals landed before the lake kept what a re-split needs, or under an earlier pseudonym key.\n`,
        );
      if (wouldBeHeld > 0)
        terminal.error(`${wouldBeHeld} versions would be held for review today; their copies stay as they were.\n`);
    }
    return counts.wouldBeHeld + counts.unknown === 0 ? 0 : 1;
  },
};
