import { quarantineReplayFunction } from '../../compose/quarantine-replay-function';
import { readProfilePackages } from '../../profile-folder';
import { lambdaHandler } from '../lambda-function';
import { lambdaParts } from '../lambda-parts';

export const handler = lambdaHandler('quarantine-replay', async (environment) => {
  const { packagesFolder } = environment;
  const { parts, settled } = lambdaParts(environment);
  const packages = packagesFolder === undefined ? [] : readProfilePackages(packagesFolder);
  return { asked: quarantineReplayFunction(parts, packages), settled };
});
