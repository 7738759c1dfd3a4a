import { identityCollectorWork } from '../../compose/collector-functions';
import { jobBeat } from '../job-beat';
import { lambdaHandler } from '../lambda-function';
import { lambdaParts } from '../lambda-parts';

export const handler = lambdaHandler('identity-collector', async (environment, onFailure) => {
  const { parts, settled } = lambdaParts(environment);
  return { beat: jobBeat(identityCollectorWork(parts), onFailure), settled };
});
