import type { Input } from '@pulumi/pulumi';
import type { KubernetesComponentArgs } from '../core/kubernetes-parts';
import type { ObjectStoreHome, StateHome } from '../function/function-args';
import type { StoreLogin } from '../object-store/object-store-args';

export interface CatalogueArgs extends KubernetesComponentArgs {
  /** Begins the names of its database and role. */
  readonly prefix: string;
  readonly place: Input<string>;
  /** Namespaces, by zone, whose permitted pods ask it. */
  readonly users: Readonly<Record<string, Input<string>>>;
  readonly state: StateHome;
  /** Makes its database and role. */
  readonly administrator: { readonly user: string; readonly password: Input<string> };
  /** Of its own role. */
  readonly password: Input<string>;
  /** Where tables lie: it looks whether a table's folder is there. */
  readonly objectStore: ObjectStoreHome;
  readonly login: StoreLogin;
}

/** Where a query engine finds the catalogue. */
export interface CatalogueHome {
  /** `thrift://` and host and port. */
  readonly address: Input<string>;
  readonly host: Input<string>;
  readonly port: number;
}

export interface CatalogueResult<Native> {
  readonly native: Native;
  readonly home: CatalogueHome;
}
