import { openGlue } from '../../../../adapters/aws/open-glue';
import { DuckDbQueryEngine } from '../../../../adapters/duckdb/duckdb-query-engine';
import { curateFunction } from '../../compose/curate-function';
import { unsupported } from '../../function-parts';
import { lambdaHandler } from '../lambda-function';
import { lambdaParts } from '../lambda-parts';

export const handler = lambdaHandler('curate', async (environment) => {
  const { parts, settled } = lambdaParts(environment, {
    query: (binding) => new DuckDbQueryEngine(binding),
    catalogue: (binding) => (binding.kind === 'glue' ? openGlue(binding) : unsupported('Lambda', binding.kind)),
  });
  const curate = async (): Promise<void> => {
    await curateFunction(parts);
  };
  // It takes all that waits, whichever event told it so: once for a batch.
  return { batch: { handle: async () => undefined, end: curate }, beat: curate, settled };
});
