import { DuckDbQueryEngine } from '../../../../adapters/duckdb/duckdb-query-engine';
import { extractWork } from '../../compose/extract-function';
import { jobBeat } from '../job-beat';
import { lambdaHandler } from '../lambda-function';
import { lambdaParts } from '../lambda-parts';

export const handler = lambdaHandler('research', async (environment, onFailure) => {
  const { parts, settled } = lambdaParts(environment, { query: (binding) => new DuckDbQueryEngine(binding) });
  return { beat: jobBeat(extractWork(parts, environment.martsFolder), onFailure), settled };
});
