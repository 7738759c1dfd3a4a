import { martsWork } from '../../compose/marts-function';
import { jobBeat } from '../job-beat';
import { lambdaHandler } from '../lambda-function';
import { lambdaParts } from '../lambda-parts';
import { tableAdapters } from '../table-adapters';

export const handler = lambdaHandler('marts', async (environment, onFailure) => {
  const { parts, settled } = lambdaParts(environment, tableAdapters);
  return { beat: jobBeat(martsWork(parts, environment.martsFolder), onFailure), settled };
});
