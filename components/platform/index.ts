import type { ComponentResourceOptions } from '@pulumi/pulumi';
import { type ArgsOn, type Builders, type KindsOf, TargetComponent } from '../core/target-component';
import { kubernetesPlatform } from './kubernetes';

/**
 * The operators a lake stands on, where a site has not got them: official releases, pinned, and Knative set up as the lake
 * needs it. Installing them takes the rights of a cluster's administrator; a site that keeps those leaves this out.
 *
 * ```ts
 * new Platform('platform', { target, parts: ['knative', 'certManager'], domain: 'lake.example.nhs.uk', eventing: false });
 * ```
 */
export class Platform<Kind extends KindsOf<typeof builders>> extends TargetComponent<typeof builders, Kind> {
  constructor(name: string, args: ArgsOn<typeof builders, Kind>, opts?: ComponentResourceOptions) {
    super('platform', 'Platform', builders, name, args, opts);
  }
}

const builders = {
  aws: 'Lambda, RDS and their like are services of the account, nothing has to be installed first',
  kubernetes: kubernetesPlatform,
} satisfies Builders;
