import type { ComponentResourceOptions } from '@pulumi/pulumi';
import { LakeComponent } from '../core/lake-component';
import type { TargetKind } from '../core/target';
import type { KeyHome } from '../function/function-args';
import type { KeyRingArgs } from './key-ring-args';
import { type KubernetesKeyRing, kubernetesKeyRing } from './kubernetes';

/**
 * The keys of the lake, each of one zone, none ever outside the server. On Kubernetes an OpenBao that sets itself up from its
 * configuration (no initialising by hand, no root token left), or the site's own.
 *
 * ```ts
 * new KeyRing('keys', { target, mount: 'lake', place, users, preparing, sealKey });
 * ```
 */
export class KeyRing extends LakeComponent {
  readonly native: KubernetesKeyRing;
  readonly home: KeyHome;
  readonly preparingRole: string;

  constructor(name: string, args: KeyRingArgs, opts?: ComponentResourceOptions) {
    super('key-ring', 'KeyRing', name, opts);
    const built = builders[args.target.kind](this, name, args);
    this.native = built.native;
    this.home = built.home;
    this.preparingRole = built.preparingRole;
    this.registerOutputs({ address: this.home.address, mount: this.home.mount });
  }
}

const builders = { kubernetes: kubernetesKeyRing } satisfies Record<TargetKind, unknown>;
