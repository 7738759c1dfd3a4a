import type { ComponentResourceOptions } from '@pulumi/pulumi';
import { type ArgsOn, type Builders, type KindsOf, TargetComponent } from '../core/target-component';
import { awsNetwork } from './aws';
import { kubernetesNetwork } from './kubernetes';

/**
 * One network for each zone, closed in both directions: names resolve, and everything else is opened by the component that
 * needs it, for the pair that needs it.
 *
 * ```ts
 * const network = new Network('network', { target, prefix: 'lake', zones: ['lake', 'keys'], quotas });
 * ```
 */
export class Network<Kind extends KindsOf<typeof builders>> extends TargetComponent<typeof builders, Kind> {
  constructor(name: string, args: ArgsOn<typeof builders, Kind>, opts?: ComponentResourceOptions) {
    super('network', 'Network', builders, name, args, opts);
  }
}

const builders = { aws: awsNetwork, kubernetes: kubernetesNetwork } satisfies Builders;
