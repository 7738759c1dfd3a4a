import { lambdaMaxBytes } from '../../../ingest/http/body-limits';
import { isolatedIngestManifest } from '../../../ingest/manifest';
import { sitePackages } from '../../../ingest/profile-folder';
import { ingestFunction } from '../../compose/ingest-function';
import { lambdaHandler } from '../lambda-function';
import { lambdaParts } from '../lambda-parts';
import { tokenKeysOnLambda } from '../lambda-tokens';

export const handler = lambdaHandler('ingest', async (environment, onFailure) => {
  const { origin, tokens, requestsPerMinute, packagesFolder } = environment;
  const { parts, settled } = lambdaParts(environment);
  const packages = sitePackages(packagesFolder);
  const ports = parts.ports(isolatedIngestManifest);
  const keys = tokenKeysOnLambda(environment, ports.issuerKey.publicKey);
  const settings = { origin, tokens, keys, requestsPerMinute, packages, maxBytes: lambdaMaxBytes, onFailure };
  const ingest = await ingestFunction(parts, settings, ports);
  return {
    http: ingest.handler,
    settled: async () => {
      await ingest.drained();
      await settled();
    },
  };
});
