import { operatorManifest } from '../../../operator/manifest';
import { martLibrary } from '../../compose/marts-function';
import { operatorFunction } from '../../compose/operator-functions';
import { catalogueAdapters } from '../catalogue-adapters';
import { eventAdapters } from '../event-adapters';
import { lambdaHandler } from '../lambda-function';
import { lambdaParts } from '../lambda-parts';

/** Milliseconds: clients and what lies between give up on an answer after five minutes. */
const longestWait = 240_000;

export const handler = lambdaHandler('operator', async (environment) => {
  const { martsFolder = martLibrary } = environment;
  const { parts, settled } = lambdaParts(environment, { ...catalogueAdapters, ...eventAdapters });
  const { callers, ...ports } = parts.ports(operatorManifest);
  return {
    asked: { callers, answer: operatorFunction(ports, martsFolder, { waits: longestWait }) },
    settled,
  };
});
