import type { ComponentResourceOptions } from '@pulumi/pulumi';
import { LakeComponent } from '../core/lake-component';
import type { TargetKind } from '../core/target';
import type { StateHome } from '../function/function-args';
import { type KubernetesStateDatabase, kubernetesStateDatabase } from './kubernetes';
import type { StateDatabaseArgs } from './state-database-args';

/**
 * PostgreSQL with two databases, the lake's and the identity zone's; no role reads both. The roles and their grants come from
 * the manifests, by the job that prepares the lake.
 *
 * ```ts
 * new StateDatabase('state', { target, prefix: 'lake', place, users, server: { kind: 'plain' }, administrator, volume });
 * ```
 */
export class StateDatabase extends LakeComponent {
  readonly native: KubernetesStateDatabase;
  readonly home: StateHome;

  constructor(name: string, args: StateDatabaseArgs, opts?: ComponentResourceOptions) {
    super('state-database', 'StateDatabase', name, opts);
    const built = builders[args.target.kind](this, name, args);
    this.native = built.native;
    this.home = built.home;
    this.registerOutputs({ host: this.home.host, port: this.home.port, databases: this.home.databases });
  }
}

const builders = { kubernetes: kubernetesStateDatabase } satisfies Record<TargetKind, unknown>;
