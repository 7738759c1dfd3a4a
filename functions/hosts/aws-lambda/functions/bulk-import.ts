import { importWork } from '../../compose/import-function';
import { readProfilePackages } from '../../profile-folder';
import { jobBeat } from '../job-beat';
import { lambdaHandler } from '../lambda-function';
import { lambdaParts } from '../lambda-parts';

export const handler = lambdaHandler('bulk-import', async (environment, onFailure) => {
  const { parts, settled } = lambdaParts(environment);
  const { packagesFolder } = environment;
  const packages = packagesFolder === undefined ? [] : readProfilePackages(packagesFolder);
  return { beat: jobBeat(importWork(parts, packages), onFailure), settled };
});
