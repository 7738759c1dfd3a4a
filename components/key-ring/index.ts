import type { ComponentResourceOptions } from '@pulumi/pulumi';
import { type ArgsOn, type Builders, type KindsOf, TargetComponent } from '../core/target-component';
import { awsKeyRing } from './aws';
import { kubernetesKeyRing } from './kubernetes';

/**
 * The keys of the lake, each of one zone, none ever outside the server. On Kubernetes an OpenBao that sets itself up from its
 * configuration (no initialising by hand, no root token left), or the site's own.
 *
 * ```ts
 * new KeyRing('keys', { target, mount: 'lake', place, users, preparing, sealKey });
 * ```
 */
export class KeyRing<Kind extends KindsOf<typeof builders>> extends TargetComponent<typeof builders, Kind> {
  constructor(name: string, args: ArgsOn<typeof builders, Kind>, opts?: ComponentResourceOptions) {
    super('key-ring', 'KeyRing', builders, name, args, opts);
  }
}

const builders = { aws: awsKeyRing, kubernetes: kubernetesKeyRing } satisfies Builders;
