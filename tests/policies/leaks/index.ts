import { deliveryLeaks } from './deliveries';
import { endpointLeaks } from './endpoints';
import type { Leak } from './leak';
import { looseReadingLeaks } from './loose-readings';
import { namedStrangerLeaks } from './named-strangers';
import { ownWayLeaks } from './own-ways-out';
import { policyGapLeaks } from './policy-gaps';
import { routeLeaks } from './routes';
import { sharingLeaks } from './sharing';
import { signedAddressLeaks } from './signed-addresses';

/** Written before the solver, and a second time without a look at it: what it must find. */
export const leaks: readonly Leak[] = [
  ...routeLeaks,
  ...endpointLeaks,
  ...sharingLeaks,
  ...signedAddressLeaks,
  ...deliveryLeaks,
  ...ownWayLeaks,
  ...namedStrangerLeaks,
  ...policyGapLeaks,
  ...looseReadingLeaks,
];
