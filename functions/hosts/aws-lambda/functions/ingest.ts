import { isolatedIngestManifest } from '../../../ingest/manifest';
import { ingestFunction } from '../../compose/ingest-function';
import { readProfilePackages } from '../../profile-folder';
import { lambdaHandler } from '../lambda-function';
import { lambdaParts } from '../lambda-parts';
import { tokenKeysOnLambda } from '../lambda-tokens';

/**
 * Bytes of one body. An invocation takes 6 MB of JSON (Lambda's quotas), and a body stands in it as base64, a third longer,
 * beside headers that come twice. What is longer goes by `$import`.
 */
const maxBytes = 4 * 1024 * 1024;

export const handler = lambdaHandler('ingest', async (environment, onFailure) => {
  const { origin, tokens, requestsPerMinute, packagesFolder } = environment;
  const { parts, settled } = lambdaParts(environment);
  const packages = packagesFolder === undefined ? [] : readProfilePackages(packagesFolder);
  const ports = parts.ports(isolatedIngestManifest);
  const keys = tokenKeysOnLambda(environment, ports.issuerKey.publicKey);
  const settings = { origin, tokens, keys, requestsPerMinute, packages, maxBytes, onFailure };
  const ingest = await ingestFunction(parts, settings, ports);
  return {
    http: ingest.handler,
    settled: async () => {
      await ingest.drained();
      await settled();
    },
  };
});
