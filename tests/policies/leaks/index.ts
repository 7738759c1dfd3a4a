import { deliveryLeaks } from './deliveries';
import { endpointLeaks } from './endpoints';
import type { Leak } from './leak';
import { routeLeaks } from './routes';
import { sharingLeaks } from './sharing';
import { signedAddressLeaks } from './signed-addresses';

/** Written before the solver and apart from it: what it must find. */
export const leaks: readonly Leak[] = [
  ...routeLeaks,
  ...endpointLeaks,
  ...sharingLeaks,
  ...signedAddressLeaks,
  ...deliveryLeaks,
];
