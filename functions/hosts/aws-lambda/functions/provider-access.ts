import { signedTokenPath } from '../../../provider-access/token-endpoint';
import { fhirPath } from '../../compose/ingest-function';
import { providerAccessFunction, signedTokensFunction } from '../../compose/provider-access-function';
import { lambdaHandler } from '../lambda-function';
import { lambdaParts } from '../lambda-parts';
import { signedAnswers } from '../signed-answers';

export const handler = lambdaHandler('provider-access', async (environment, onFailure) => {
  const { origin, issuer, requestsPerMinute, signers } = environment;
  const { parts, settled } = lambdaParts(environment);
  const settings = { origin: issuer, baseUrl: `${origin}${fhirPath}`, requestsPerMinute, onFailure };
  const tokens = signedTokensFunction(parts, settings, signers);
  return {
    http: await providerAccessFunction(parts, settings),
    signed: { path: signedTokenPath, answer: signedAnswers(tokens) },
    settled,
  };
});
