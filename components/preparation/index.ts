import type { ComponentResourceOptions } from '@pulumi/pulumi';
import { LakeComponent } from '../core/lake-component';
import type { TargetKind } from '../core/target';
import { type KubernetesPreparation, kubernetesPreparation } from './kubernetes';
import type { PreparationArgs } from './preparation-args';

/**
 * Sets up what the functions find: databases and tables, a role, a login and a policy for each function with the grants of its
 * manifest, keys, buckets. A job of the lake's own image; it runs again when a manifest, a setting or the image changes.
 *
 * ```ts
 * new Preparation('preparation', { target, place, account, functions, credentials, homes, administrator, keyRole });
 * ```
 */
export class Preparation extends LakeComponent {
  readonly native: KubernetesPreparation;

  constructor(name: string, args: PreparationArgs, opts?: ComponentResourceOptions) {
    super('preparation', 'Preparation', name, opts);
    this.native = builders[args.target.kind](this, name, args);
    this.registerOutputs({});
  }
}

const builders = { kubernetes: kubernetesPreparation } satisfies Record<TargetKind, unknown>;
