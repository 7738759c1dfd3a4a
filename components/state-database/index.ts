import type { ComponentResourceOptions } from '@pulumi/pulumi';
import { type ArgsOn, type Builders, type KindsOf, TargetComponent } from '../core/target-component';
import { awsStateDatabase } from './aws';
import { kubernetesStateDatabase } from './kubernetes';

/**
 * PostgreSQL with two databases, the lake's and the identity zone's; no role reads both. The roles and their grants come from
 * the manifests, by the job that prepares the lake.
 *
 * ```ts
 * new StateDatabase('state', { target, prefix: 'lake', place, users, server: { kind: 'plain' }, administrator, volume });
 * ```
 */
export class StateDatabase<Kind extends KindsOf<typeof builders>> extends TargetComponent<typeof builders, Kind> {
  constructor(name: string, args: ArgsOn<typeof builders, Kind>, opts?: ComponentResourceOptions) {
    super('state-database', 'StateDatabase', builders, name, args, opts);
  }
}

const builders = { aws: awsStateDatabase, kubernetes: kubernetesStateDatabase } satisfies Builders;
