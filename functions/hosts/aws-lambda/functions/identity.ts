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
        const links = await identity.absorb(landedIdentityOf(data));
        // What an earlier delivery absorbed and could not publish is no change any more, and still not published.
        if (links > 0 || redelivered) changed = true;
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
