import type { ComponentResourceOptions } from '@pulumi/pulumi';
import { type ArgsOn, type Builders, type KindsOf, TargetComponent } from '../core/target-component';
import { awsGateway } from './aws';
import { kubernetesGateway } from './kubernetes';

/**
 * The names of the site at the gateway, each with a certificate that renews itself, in front of the functions that senders reach.
 *
 * ```ts
 * new Gateway('gateway', { target, issuer: 'site', names: [{ functionName: 'ingest', host: 'fhir.example.nhs.uk', place }] });
 * ```
 */
export class Gateway<Kind extends KindsOf<typeof builders>> extends TargetComponent<typeof builders, Kind> {
  constructor(name: string, args: ArgsOn<typeof builders, Kind>, opts?: ComponentResourceOptions) {
    super('gateway', 'Gateway', builders, name, args, opts);
  }
}

const builders = { aws: awsGateway, kubernetes: kubernetesGateway } satisfies Builders;
