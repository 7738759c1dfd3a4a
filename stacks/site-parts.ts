import type { Output } from '@pulumi/pulumi';
import type { ExistingMetastore } from '../components/catalogue/catalogue-args';
import type { Archive } from '../components/core/archive';
import type { KubernetesTarget } from '../components/core/kubernetes-target';
import type { ExistingKeyRing } from '../components/key-ring/key-ring-args';
import type { ExistingObjectStore, StoreLogin } from '../components/object-store/object-store-args';
import type { StateServer } from '../components/state-database/state-database-args';
import type { WarehouseUsers } from './warehouse';

/** What the site has already and the target brings: servers, and how to log in to them. */
export interface SiteParts {
  readonly target: KubernetesTarget;
  readonly objectStore:
    | { readonly existing: ExistingObjectStore; readonly loginOf: (functionName: string) => StoreLogin }
    | undefined;
  readonly stateServer: StateServer;
  /** Of an existing state database. */
  readonly stateAdministrator: { readonly user: string; readonly password: Output<string> } | undefined;
  readonly keyRing: ExistingKeyRing | undefined;
  readonly warehouseUsers: WarehouseUsers | undefined;
  readonly metastore: ExistingMetastore | undefined;
  /** Where copies are kept. */
  readonly archive: Archive | undefined;
}
