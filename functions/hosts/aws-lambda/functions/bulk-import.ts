import { systemClock } from '../../../../adapters/ports/clock';
import { importJob } from '../../../bulk-import/import-store';
import { importManifest } from '../../../bulk-import/manifest';
import { JobRunner } from '../../../jobs/job-runner';
import { importHandler } from '../../compose/import-function';
import { readProfilePackages } from '../../profile-folder';
import { lambdaHandler } from '../lambda-function';
import { lambdaParts } from '../lambda-parts';

/** A run is given back unharmed when this is left, and none is begun when twice as much is. */
const marginMilliseconds = 15_000;

export const handler = lambdaHandler('bulk-import', async (environment, onFailure) => {
  const { parts, settled } = lambdaParts(environment);
  const { packagesFolder } = environment;
  const packages = packagesFolder === undefined ? [] : readProfilePackages(packagesFolder);
  const handlers = { [importJob]: importHandler(parts, packages) };
  const { queue } = parts.ports(importManifest);
  return {
    beat: async (remaining) => {
      const runner = new JobRunner({ queue, handlers, clock: systemClock, onError: onFailure });
      const end = setTimeout(() => void runner.stop(0), Math.max(0, remaining() - marginMilliseconds));
      try {
        while (remaining() > 2 * marginMilliseconds && (await runner.runOne()));
      } finally {
        clearTimeout(end);
      }
    },
    settled,
  };
});
