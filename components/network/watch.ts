import type { ComponentResourceOptions } from '@pulumi/pulumi';
import { type ArgsOn, type Builders, type KindsOf, TargetComponent } from '../core/target-component';
import { awsNetworkWatch } from './aws-watch';

/**
 * The record of what passes through the lake's networks and which names are asked there.
 *
 * ```ts
 * new Watch('watch', { target, networks: network.built, logKeyArn, logRetentionDays, evidenceBucketArn });
 * ```
 */
export class Watch<Kind extends KindsOf<typeof builders>> extends TargetComponent<typeof builders, Kind> {
  constructor(name: string, args: ArgsOn<typeof builders, Kind>, opts?: ComponentResourceOptions) {
    super('network', 'Watch', builders, name, args, opts);
  }
}

const builders = {
  aws: awsNetworkWatch,
  kubernetes: 'flows and look-ups are recorded by the network and the resolver of the cluster',
} satisfies Builders;
