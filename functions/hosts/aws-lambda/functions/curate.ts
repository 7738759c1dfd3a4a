import { curateFunction } from '../../compose/curate-function';
import { lambdaHandler } from '../lambda-function';
import { lambdaParts } from '../lambda-parts';
import { tableAdapters } from '../table-adapters';

export const handler = lambdaHandler('curate', async (environment) => {
  const { parts, settled } = lambdaParts(environment, tableAdapters);
  const curate = async (): Promise<void> => {
    await curateFunction(parts);
  };
  // It takes all that waits, whichever event told it so: once for a batch.
  return { batch: { handle: async () => undefined, end: curate }, beat: curate, settled };
});
