import { operate } from '../lake-access';
import { tableText } from '../table-text';
import { operatorOptions, type Verb } from '../verb';

export const jobsVerb: Verb = {
  name: 'jobs',
  usage: '[--json]',
  summary: 'The latest runs of the jobs.',
  options: operatorOptions,
  async run({ options, json, terminal }) {
    const runs = await operate(options, 'jobs');
    terminal.out(
      json
        ? `${JSON.stringify(runs)}\n`
        : tableText(
            runs.map(({ id, job, state, attempts, created, finished }) => ({
              id,
              job,
              state,
              attempts,
              created,
              finished,
            })),
          ),
    );
    return 0;
  },
};
