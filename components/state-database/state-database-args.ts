import type { Input } from '@pulumi/pulumi';
import type { Archive } from '../core/archive';
import type { KubernetesComponentArgs } from '../core/kubernetes-parts';
import type { Reach } from '../core/kubernetes-reach';
import type { Mebibytes } from '../core/units';
import type { StateHome } from '../function/function-args';

/** How the database server comes to be. */
export type StateServer =
  /** One PostgreSQL pod on one volume: development. */
  | { readonly kind: 'plain' }
  /** A cluster of CloudNativePG, whose operator is there. */
  | { readonly kind: 'cloudnativepg'; readonly instances: number; readonly operatorNamespace: string }
  /** The site's own. */
  | {
      readonly kind: 'existing';
      readonly host: Input<string>;
      readonly port: number;
      readonly ca?: Input<string>;
      readonly reach: Reach;
    };

export interface StateDatabaseArgs extends KubernetesComponentArgs {
  readonly prefix: string;
  readonly place: Input<string>;
  /** Namespaces, by zone, whose permitted pods reach it. */
  readonly users: Readonly<Record<string, Input<string>>>;
  readonly server: StateServer;
  /** Of the role that prepares databases and roles. */
  readonly administrator: { readonly user: string; readonly password: Input<string> };
  readonly volume: Mebibytes;
  /** Keeps every change as it happens; only a cluster of CloudNativePG can. */
  readonly archive?: Archive;
}

export interface StateDatabaseResult<Native> {
  readonly native: Native;
  readonly home: StateHome;
}
