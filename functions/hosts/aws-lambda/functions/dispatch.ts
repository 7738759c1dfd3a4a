import { openSns } from '../../../../adapters/aws/open-sns';
import { systemClock } from '../../../../adapters/ports/clock';
import { dispatch } from '../../../dispatch/dispatch';
import { dispatchManifest } from '../../../dispatch/manifest';
import { unsupported } from '../../function-parts';
import { lambdaHandler } from '../lambda-function';
import { lambdaParts } from '../lambda-parts';
import { steadily } from '../steady-beat';

export const handler = lambdaHandler('dispatch', async (environment, onFailure) => {
  const { parts, settled } = lambdaParts(environment, {
    events: (binding) => (binding.kind === 'sns' ? openSns(binding) : unsupported('Lambda', binding.kind)),
  });
  const ports = parts.ports(dispatchManifest);
  const round = (): Promise<unknown> => dispatch({ ...ports, clock: systemClock });
  return { beat: (remaining) => steadily(round, remaining, onFailure), settled };
});
