import type { StoreLogin } from '../object-store/object-store-args';
import type { Reach } from './kubernetes-reach';

/** Another object store, encrypted by the site, that keeps what the lake could lose. */
export interface Archive {
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly login: StoreLogin;
  readonly reach: Reach;
  /** When copies are made: five fields of cron, UTC. */
  readonly schedule: string;
}
