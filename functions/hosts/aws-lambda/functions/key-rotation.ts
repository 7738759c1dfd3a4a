import { keyRotationWork } from '../../compose/key-rotation-services';
import { jobBeat } from '../job-beat';
import { lambdaHandler } from '../lambda-function';
import { lambdaParts } from '../lambda-parts';
import { tableAdapters } from '../table-adapters';

export const handler = lambdaHandler('key-rotation', async (environment, onFailure) => {
  const { parts, settled } = lambdaParts(environment, tableAdapters);
  return { beat: jobBeat(keyRotationWork(parts, environment), onFailure), settled };
});
