import { compactionWork } from '../../compose/compaction-function';
import { jobBeat } from '../job-beat';
import { lambdaHandler } from '../lambda-function';
import { lambdaParts } from '../lambda-parts';
import { tableAdapters } from '../table-adapters';

export const handler = lambdaHandler('compaction', async (environment, onFailure) => {
  const { parts, settled } = lambdaParts(environment, tableAdapters);
  return { beat: jobBeat(compactionWork(parts), onFailure), settled };
});
