import { landingCollectorWork } from '../../compose/collector-functions';
import { jobBeat } from '../job-beat';
import { lambdaHandler } from '../lambda-function';
import { lambdaParts } from '../lambda-parts';

export const handler = lambdaHandler('landing-collector', async (environment, onFailure) => {
  const { parts, settled } = lambdaParts(environment);
  return { beat: jobBeat(landingCollectorWork(parts), onFailure), settled };
});
