import type { ComponentResourceOptions } from '@pulumi/pulumi';
import { type ArgsOn, type Builders, type KindsOf, TargetComponent } from '../core/target-component';
import { awsWarehouse } from './aws';
import { kubernetesWarehouse } from './kubernetes';

/**
 * SQL over the tables of the zones its manifest names, read-only, for people who sign in. On Kubernetes a Trino on one pod.
 *
 * ```ts
 * new Warehouse('warehouse', { target, manifest: warehouseManifest, place, users, catalogue, objectStore, login, ... });
 * ```
 */
export class Warehouse<Kind extends KindsOf<typeof builders>> extends TargetComponent<typeof builders, Kind> {
  constructor(name: string, args: ArgsOn<typeof builders, Kind>, opts?: ComponentResourceOptions) {
    super('warehouse', 'Warehouse', builders, name, args, opts);
  }
}

const builders = { aws: awsWarehouse, kubernetes: kubernetesWarehouse } satisfies Builders;
