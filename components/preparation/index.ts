import type { ComponentResourceOptions } from '@pulumi/pulumi';
import { type ArgsOn, type Builders, type KindsOf, TargetComponent } from '../core/target-component';
import { awsPreparation } from './aws';
import { kubernetesPreparation } from './kubernetes';

/**
 * Sets up what the functions find: databases and tables, a role, a login and a policy for each function with the grants of its
 * manifest, keys, buckets. A job of the lake's own image; it runs again when a manifest, a setting or the image changes.
 *
 * ```ts
 * new Preparation('preparation', { target, place, account, functions, credentials, homes, administrator, keyRole });
 * ```
 */
export class Preparation<Kind extends KindsOf<typeof builders>> extends TargetComponent<typeof builders, Kind> {
  constructor(name: string, args: ArgsOn<typeof builders, Kind>, opts?: ComponentResourceOptions) {
    super('preparation', 'Preparation', builders, name, args, opts);
  }
}

const builders = { aws: awsPreparation, kubernetes: kubernetesPreparation } satisfies Builders;
