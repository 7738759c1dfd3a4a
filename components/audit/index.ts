import type { ComponentResourceOptions } from '@pulumi/pulumi';
import { type ArgsOn, type Builders, type KindsOf, TargetComponent } from '../core/target-component';
import { awsAudit } from './aws';
import { kubernetesAudit } from './kubernetes';

/**
 * The record of who did what to the platform below the lake: what the control plane has to write down, and a collector that
 * ships the logs of the lake's pods to the locked audit bucket. The lake's own audit trail is the sealer's.
 *
 * ```ts
 * new Audit('audit', { target, place, places: network.places, collector });
 * ```
 */
export class Audit<Kind extends KindsOf<typeof builders>> extends TargetComponent<typeof builders, Kind> {
  constructor(name: string, args: ArgsOn<typeof builders, Kind>, opts?: ComponentResourceOptions) {
    super('audit', 'Audit', builders, name, args, opts);
  }
}

const builders = { aws: awsAudit, kubernetes: kubernetesAudit } satisfies Builders;
