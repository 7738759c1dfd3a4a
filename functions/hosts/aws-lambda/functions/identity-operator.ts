import { identityOperatorManifest } from '../../../operator/manifest';
import { identityOperatorFunction } from '../../compose/operator-functions';
import { eventAdapters } from '../event-adapters';
import { lambdaHandler } from '../lambda-function';
import { lambdaParts } from '../lambda-parts';

export const handler = lambdaHandler('identity-operator', async (environment) => {
  const { parts, settled } = lambdaParts(environment, eventAdapters);
  const { callers, ...ports } = parts.ports(identityOperatorManifest);
  return { asked: { callers, answer: identityOperatorFunction(ports) }, settled };
});
