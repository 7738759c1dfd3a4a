import { startArrived } from '../../../bulk-import/arrived-uploads';
import { importManifest } from '../../../bulk-import/manifest';
import { sitePackages } from '../../../ingest/profile-folder';
import { importWork } from '../../compose/import-function';
import { jobBeat } from '../job-beat';
import { lambdaHandler } from '../lambda-function';
import { lambdaParts } from '../lambda-parts';

export const handler = lambdaHandler('bulk-import', async (environment, onFailure) => {
  const { parts, settled } = lambdaParts(environment);
  const work = jobBeat(importWork(parts, sitePackages(environment.packagesFolder)), onFailure);
  const ports = parts.ports(importManifest);
  const beat: typeof work = async (remaining) => {
    await startArrived(ports);
    await work(remaining);
  };
  return { beat, settled };
});
