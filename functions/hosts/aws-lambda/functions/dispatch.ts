import { systemClock } from '../../../../adapters/ports/clock';
import { dispatch } from '../../../dispatch/dispatch';
import { dispatchManifest } from '../../../dispatch/manifest';
import { eventAdapters } from '../event-adapters';
import { lambdaHandler } from '../lambda-function';
import { lambdaParts } from '../lambda-parts';
import { steadily } from '../steady-beat';

export const handler = lambdaHandler('dispatch', async (environment, onFailure) => {
  const { parts, settled } = lambdaParts(environment, eventAdapters);
  const ports = parts.ports(dispatchManifest);
  const round = (): Promise<unknown> => dispatch({ ...ports, clock: systemClock });
  return { beat: (remaining) => steadily(round, remaining, onFailure), settled };
});
