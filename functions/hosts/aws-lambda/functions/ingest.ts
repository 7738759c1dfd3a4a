import { ingestFunction } from '../../compose/ingest-function';
import { readProfilePackages } from '../../profile-folder';
import { lambdaHandler } from '../lambda-function';
import { lambdaParts } from '../lambda-parts';

/**
 * Bytes of one body. An invocation takes 6 MB of JSON (Lambda's quotas), and a body stands in it as base64, a third longer,
 * beside headers that come twice. What is longer goes by `$import`.
 */
const maxBytes = 4 * 1024 * 1024;

export const handler = lambdaHandler('ingest', async (environment, onFailure) => {
  const { origin, tokens, requestsPerMinute, packagesFolder } = environment;
  const { parts, settled } = lambdaParts(environment);
  const packages = packagesFolder === undefined ? [] : readProfilePackages(packagesFolder);
  const ingest = await ingestFunction(parts, { origin, tokens, requestsPerMinute, packages, maxBytes, onFailure });
  return {
    http: ingest.handler,
    settled: async () => {
      await ingest.drained();
      await settled();
    },
  };
});
