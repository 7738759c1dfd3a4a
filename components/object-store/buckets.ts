import { type Zone, zones } from '../../functions/manifest';
import { nameOf } from '../core/naming';

/** One bucket for each zone. */
export const bucketsOf = (prefix: string): Readonly<Record<Zone, string>> =>
  Object.fromEntries(zones.map((zone) => [zone, nameOf('bucket', prefix, zone)])) as Record<Zone, string>;
