import { DuckDbQueryEngine } from '../../../../adapters/duckdb/duckdb-query-engine';
import { identityErasureAnswers } from '../../compose/erasure-services';
import { lambdaHandler } from '../lambda-function';
import { lambdaParts } from '../lambda-parts';

export const handler = lambdaHandler('identity-erasure', async (environment) => {
  const { parts, settled } = lambdaParts(environment, { query: (binding) => new DuckDbQueryEngine(binding) });
  return { asked: identityErasureAnswers(parts), settled };
});
