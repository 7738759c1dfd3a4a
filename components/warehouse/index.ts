import type { ComponentResourceOptions } from '@pulumi/pulumi';
import { LakeComponent } from '../core/lake-component';
import type { TargetKind } from '../core/target';
import { type KubernetesWarehouse, kubernetesWarehouse } from './kubernetes';
import type { WarehouseArgs, WarehouseHome } from './warehouse-args';

/**
 * SQL over the tables of the zones its manifest names, read-only, for people who sign in. On Kubernetes a Trino on one pod.
 *
 * ```ts
 * new Warehouse('warehouse', { target, manifest: warehouseManifest, place, users, catalogue, objectStore, login, ... });
 * ```
 */
export class Warehouse extends LakeComponent {
  readonly native: KubernetesWarehouse;
  readonly home: WarehouseHome;

  constructor(name: string, args: WarehouseArgs, opts?: ComponentResourceOptions) {
    super('warehouse', 'Warehouse', name, opts);
    const built = builders[args.target.kind](this, name, args);
    this.native = built.native;
    this.home = built.home;
    this.registerOutputs({ host: this.home.host, port: this.home.port });
  }
}

const builders = { kubernetes: kubernetesWarehouse } satisfies Record<TargetKind, unknown>;
