import type { Input } from '@pulumi/pulumi';
import type { Manifest, Zone } from '../../functions/manifest';
import type { CatalogueHome } from '../catalogue/catalogue-args';
import type { KubernetesComponentArgs } from '../core/kubernetes-parts';
import type { ObjectStoreHome } from '../function/function-args';
import type { StoreLogin } from '../object-store/object-store-args';

/** The zones whose tables can be asked for, by the name of their catalogue in SQL. */
export type TableZone = Extract<Zone, 'curated' | 'marts'>;

export interface WarehouseArgs extends KubernetesComponentArgs {
  /** Its zones are the catalogues: nothing else is there to be asked for. */
  readonly manifest: Manifest;
  readonly place: Input<string>;
  /** Namespaces, by zone, whose permitted pods ask it. */
  readonly users: Readonly<Record<string, Input<string>>>;
  /** A namespace whose pods bring people to it, past a sign-in of their own. */
  readonly gateway?: string;
  readonly catalogue: CatalogueHome;
  readonly objectStore: ObjectStoreHome;
  readonly login: StoreLogin;
  /** Who may ask: lines `USER:HASH` (bcrypt or PBKDF2), as Trino's password file has them. */
  readonly passwords: Input<string>;
  /** Lines `GROUP:USER,USER`; the group `curated` may read the curated tables, everyone the marts. */
  readonly groups: Input<string>;
  /** Between its own parts. */
  readonly internalSecret: Input<string>;
  /** Name of the cert-manager ClusterIssuer that signs its certificate. */
  readonly issuer: string;
}

/** Where a client asks, and whom it trusts. */
export interface WarehouseHome {
  readonly host: Input<string>;
  readonly port: number;
  /** Secret in the warehouse's place: its `ca.crt` signed the server's certificate. */
  readonly certificateSecret: string;
}

export interface WarehouseResult<Native> {
  readonly native: Native;
  readonly home: WarehouseHome;
}
