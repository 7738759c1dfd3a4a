import { DuckDbQueryEngine } from '../../../../adapters/duckdb/duckdb-query-engine';
import { identityFunction, landedIdentityOf } from '../../compose/identity-function';
import { lambdaHandler } from '../lambda-function';
import { lambdaParts } from '../lambda-parts';

export const handler = lambdaHandler('identity', async (environment) => {
  const { parts, settled } = lambdaParts(environment, { query: (binding) => new DuckDbQueryEngine(binding) });
  const identity = identityFunction(parts);
  let changed = false;
  return {
    batch: {
      handle: async ({ data, redelivered }) => {
        const landed = landedIdentityOf(data);
        const links = landed === undefined ? 0 : await identity.absorb(landed);
        // What an earlier delivery absorbed and could not publish is no change any more, and still not published.
        if (links > 0 || redelivered || landed === undefined) changed = true;
      },
      end: async () => {
        if (!changed) return;
        await identity.publishLinks();
        changed = false;
      },
    },
    settled,
  };
});
