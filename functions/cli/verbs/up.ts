import { once } from 'node:events';
import { isLakeError } from '../../../adapters/ports/errors';
import { lakeFolder } from '../../hosts/local/lake-folder';
import { lockLake } from '../../hosts/local/lake-lock';
import { LakeParts } from '../../hosts/local/lake-parts';
import { LocalLake } from '../../hosts/local/local-lake';
import { Operator } from '../../hosts/local/operator';
import { runDemo } from '../demo';
import { dataFolder, defaultPort, portOption } from '../lake-access';
import { textOption, UsageError, type Verb } from '../verb';

/** For the operator: what kind of failure, never what was in the message. */
const failureText = (error: unknown): string =>
  isLakeError(error)
    ? `${error.code}: ${error.message}`
    : error instanceof Error
      ? (error.stack ?? error.name)
      : 'unknown failure';

/** Aborted by the first Ctrl-C: a second one ends the process as it stands. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  return stop.signal;
}

export const upVerb: Verb = {
  name: 'up',
  usage: '[--port N] [--data DIR] [--demo | --no-demo] [--requests-per-minute N]',
  summary: 'Runs the whole lake on this machine until Ctrl-C.',
  options: {
    'requests-per-minute': {
      type: 'string',
      value: 'N',
      help: 'what one provider may send in a minute before it gets 429 (default 60000)',
    },
    demo: {
      type: 'boolean',
      help: 'register demo providers, send a simulated population and show what becomes of it (npm start does)',
    },
  },
  async run({ options, terminal }) {
    const port = portOption(options) ?? defaultPort;
    const rate = textOption(options, 'requests-per-minute');
    if (rate !== undefined && !/^[1-9][0-9]{0,5}$/.test(rate))
      throw new UsageError('--requests-per-minute is a whole number from 1 to 999999.');
    const folder = lakeFolder(dataFolder(options));
    const unlock = lockLake(folder.lock);
    const parts = new LakeParts(folder);
    try {
      await parts.prepare();
      const operator = new Operator(parts);
      const lake = await LocalLake.start(parts, operator, {
        port,
        ...(rate === undefined ? {} : { requestsPerMinute: Number(rate) }),
        onFailure: (error, job) => terminal.error(`${job === undefined ? '' : `job ${job}: `}${failureText(error)}\n`),
      });
      const stopping = stopSignal();
      const stopped = once(stopping, 'abort');
      terminal.out(`lake ready ${lake.baseUrl}\n`);
      if (options.demo === true) await Promise.race([runDemo(lake, operator, folder, terminal, stopping), stopped]);
      await stopped;
      terminal.error('stopping\n');
      await lake.stop();
      return 0;
    } finally {
      await parts.close();
      unlock();
    }
  },
};
