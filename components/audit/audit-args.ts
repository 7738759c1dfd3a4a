import type { Input, Output } from '@pulumi/pulumi';
import type { Manifest } from '../../functions/manifest';
import type { KubernetesComponentArgs } from '../core/kubernetes-parts';
import type { ObjectStoreHome } from '../function/function-args';
import type { StoreLogin } from '../object-store/object-store-args';

/** Ships what pods write, the key service's audit device included, to the locked store. */
export interface LogCollector {
  readonly manifest: Manifest;
  /** A network of its own: it alone reads the nodes' log files. */
  readonly place: Input<string>;
  readonly objectStore: ObjectStoreHome;
  readonly login: StoreLogin;
  /** Begins the keys of what it writes. */
  readonly prefix: string;
}

export interface AuditArgs extends KubernetesComponentArgs {
  /** Where the audit policy of the control plane is kept for the site to take. */
  readonly place: Input<string>;
  /** The networks whose pods are the lake's. */
  readonly places: Readonly<Record<string, Output<string>>>;
  /** Absent where the site collects the nodes' logs itself. */
  readonly collector?: LogCollector;
}

export interface AuditResult<Native> {
  readonly native: Native;
  readonly policy: Output<string>;
}
