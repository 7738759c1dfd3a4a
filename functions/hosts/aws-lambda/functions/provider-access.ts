import { fhirPath } from '../../compose/ingest-function';
import { providerAccessFunction } from '../../compose/provider-access-function';
import { lambdaHandler } from '../lambda-function';
import { lambdaParts } from '../lambda-parts';

export const handler = lambdaHandler('provider-access', async (environment) => {
  const { origin, issuer, requestsPerMinute } = environment;
  const { parts, settled } = lambdaParts(environment);
  const settings = { origin: issuer, baseUrl: `${origin}${fhirPath}`, requestsPerMinute };
  return { http: await providerAccessFunction(parts, settings), settled };
});
