import { sitePackages } from '../../../ingest/profile-folder';
import { quarantineReplayFunction } from '../../compose/quarantine-replay-function';
import { lambdaHandler } from '../lambda-function';
import { lambdaParts } from '../lambda-parts';

export const handler = lambdaHandler('quarantine-replay', async (environment) => {
  const { parts, settled } = lambdaParts(environment);
  return { asked: quarantineReplayFunction(parts, sitePackages(environment.packagesFolder)), settled };
});
