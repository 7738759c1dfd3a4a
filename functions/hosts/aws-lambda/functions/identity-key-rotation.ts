import { DuckDbQueryEngine } from '../../../../adapters/duckdb/duckdb-query-engine';
import { identityKeyRotationAnswers } from '../../compose/key-rotation-services';
import { lambdaHandler } from '../lambda-function';
import { lambdaParts } from '../lambda-parts';

export const handler = lambdaHandler('identity-key-rotation', async (environment) => {
  const { parts, settled } = lambdaParts(environment, { query: (binding) => new DuckDbQueryEngine(binding) });
  return { asked: identityKeyRotationAnswers(parts), settled };
});
