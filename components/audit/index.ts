import type { ComponentResourceOptions, Output } from '@pulumi/pulumi';
import { LakeComponent } from '../core/lake-component';
import type { TargetKind } from '../core/target';
import type { AuditArgs } from './audit-args';
import { type KubernetesAudit, kubernetesAudit } from './kubernetes';

/**
 * The record of who did what to the platform below the lake: what the control plane has to write down, and a collector that
 * ships the logs of the lake's pods to the locked audit bucket. The lake's own audit trail is the sealer's.
 *
 * ```ts
 * new Audit('audit', { target, place, places: network.places, collector });
 * ```
 */
export class Audit extends LakeComponent {
  readonly native: KubernetesAudit;
  /** The audit policy of the control plane; on Kubernetes a file of the API server, which the site sets. */
  readonly policy: Output<string>;

  constructor(name: string, args: AuditArgs, opts?: ComponentResourceOptions) {
    super('audit', 'Audit', name, opts);
    const built = builders[args.target.kind](this, name, args);
    this.native = built.native;
    this.policy = built.policy;
    this.registerOutputs({ policy: this.policy });
  }
}

const builders = { kubernetes: kubernetesAudit } satisfies Record<TargetKind, unknown>;
