import { startArrived } from '../../../bulk-import/arrived-uploads';
import { importManifest } from '../../../bulk-import/manifest';
import { importWork } from '../../compose/import-function';
import { readProfilePackages } from '../../profile-folder';
import { jobBeat } from '../job-beat';
import { lambdaHandler } from '../lambda-function';
import { lambdaParts } from '../lambda-parts';

export const handler = lambdaHandler('bulk-import', async (environment, onFailure) => {
  const { parts, settled } = lambdaParts(environment);
  const { packagesFolder } = environment;
  const packages = packagesFolder === undefined ? [] : readProfilePackages(packagesFolder);
  const work = jobBeat(importWork(parts, packages), onFailure);
  const ports = parts.ports(importManifest);
  const beat: typeof work = async (remaining) => {
    await startArrived(ports);
    await work(remaining);
  };
  return { beat, settled };
});
