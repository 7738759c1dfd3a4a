import type { ComponentResourceOptions } from '@pulumi/pulumi';
import { LakeComponent } from '../core/lake-component';
import type { TargetKind } from '../core/target';
import type { GatewayArgs } from './gateway-args';
import { type KubernetesGateway, kubernetesGateway } from './kubernetes';

/**
 * The names of the site at the gateway, each with a certificate that renews itself, in front of the functions that senders reach.
 *
 * ```ts
 * new Gateway('gateway', { target, issuer: 'site', names: [{ functionName: 'ingest', host: 'fhir.example.nhs.uk', place }] });
 * ```
 */
export class Gateway extends LakeComponent {
  readonly native: KubernetesGateway;

  constructor(name: string, args: GatewayArgs, opts?: ComponentResourceOptions) {
    super('gateway', 'Gateway', name, opts);
    this.native = builders[args.target.kind](this, name, args);
    this.registerOutputs({});
  }
}

const builders = { kubernetes: kubernetesGateway } satisfies Record<TargetKind, unknown>;
