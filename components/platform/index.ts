import type { ComponentResourceOptions } from '@pulumi/pulumi';
import { LakeComponent } from '../core/lake-component';
import type { TargetKind } from '../core/target';
import { type KubernetesPlatform, kubernetesPlatform } from './kubernetes';
import type { PlatformArgs } from './platform-args';

/**
 * The operators a lake stands on, where a site has not got them: official releases, pinned, and Knative set up as the lake
 * needs it. Installing them takes the rights of a cluster's administrator; a site that keeps those leaves this out.
 *
 * ```ts
 * new Platform('platform', { target, parts: ['knative', 'certManager'], domain: 'lake.example.nhs.uk', eventing: false });
 * ```
 */
export class Platform extends LakeComponent {
  readonly native: KubernetesPlatform;

  constructor(name: string, args: PlatformArgs, opts?: ComponentResourceOptions) {
    super('platform', 'Platform', name, opts);
    this.native = builders[args.target.kind](this, name, args);
    this.registerOutputs({});
  }
}

const builders = { kubernetes: kubernetesPlatform } satisfies Record<TargetKind, unknown>;
