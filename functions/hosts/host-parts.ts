import type { Failpoint } from '../failpoint';
import type { Manifest, PortsOf } from '../manifest';
import type { Tokeniser } from '../privacy/tokens';

/** What every host gives to the composition of a function: its ports from its manifest, and the keys of pseudonyms. */
export interface HostParts {
  /** Named places where the faults suite stops the process; nothing in the product. */
  readonly failpoint: Failpoint;
  ports<OneManifest extends Manifest>(manifest: OneManifest): PortsOf<OneManifest>;
  /** Over the keys as they are now, in memory only, unwrapped by KeyManagement. */
  tokeniser(): Promise<Tokeniser>;
}
