import type { Input } from '@pulumi/pulumi';
import type { KubernetesComponentArgs } from '../core/kubernetes-parts';
import type { Reach } from '../core/kubernetes-reach';
import type { ObjectStoreHome, StateHome } from '../function/function-args';
import type { StoreLogin } from '../object-store/object-store-args';

/** A Hive metastore that the site has. It is asked by Thrift without a login, as the lake's own is. */
export interface ExistingMetastore {
  readonly kind: 'existing';
  readonly host: string;
  readonly port: number;
  /** Where it is, for the network's rules. */
  readonly reach: Reach;
}

/** A Hive metastore of the lake, with a database of the lake's PostgreSQL. */
export interface OwnMetastore {
  readonly kind: 'own';
  /** Begins the names of its database and role. */
  readonly prefix: string;
  readonly place: Input<string>;
  readonly state: StateHome;
  /** Makes its database and role. */
  readonly administrator: { readonly user: string; readonly password: Input<string> };
  /** Of its own role. */
  readonly password: Input<string>;
  /** Where tables lie: it looks whether a table's folder is there. */
  readonly objectStore: ObjectStoreHome;
  readonly login: StoreLogin;
}

export interface CatalogueArgs extends KubernetesComponentArgs {
  readonly metastore: OwnMetastore | ExistingMetastore;
  /** Namespaces, by zone, whose permitted pods ask it. */
  readonly users: Readonly<Record<string, Input<string>>>;
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
