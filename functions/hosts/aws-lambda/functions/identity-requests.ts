import { identityRequestsAnswers } from '../../compose/identity-requests-function';
import { lambdaHandler } from '../lambda-function';
import { lambdaParts } from '../lambda-parts';

export const handler = lambdaHandler('identity-requests', async (environment) => {
  const { parts, settled } = lambdaParts(environment);
  return { asked: identityRequestsAnswers(parts), settled };
});
