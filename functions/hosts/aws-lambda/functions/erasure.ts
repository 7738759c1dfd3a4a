import { erasureWork } from '../../compose/erasure-services';
import { jobBeat } from '../job-beat';
import { lambdaHandler } from '../lambda-function';
import { lambdaParts } from '../lambda-parts';
import { tableAdapters } from '../table-adapters';

export const handler = lambdaHandler('erasure', async (environment, onFailure) => {
  const { parts, settled } = lambdaParts(environment, tableAdapters);
  return { beat: jobBeat(erasureWork(parts, environment), onFailure), settled };
});
