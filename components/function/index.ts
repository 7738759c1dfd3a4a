import type { ComponentResourceOptions, Output } from '@pulumi/pulumi';
import { LakeComponent } from '../core/lake-component';
import type { TargetKind } from '../core/target';
import type { FunctionArgs } from './function-args';
import { type KubernetesFunction, kubernetesFunction } from './kubernetes';

/**
 * One function of the lake, run where its manifest lets it reach: binding, login, network permissions and credentials follow
 * from the manifest alone.
 *
 * ```ts
 * new LakeFunction('ingest', { target, manifest: ingestManifest, place, homes, credentials, size, scaling, exposed: true });
 * ```
 */
export class LakeFunction extends LakeComponent {
  readonly native: KubernetesFunction;
  /** Where other functions of the cluster reach it, an origin; a function at a beat has none. */
  readonly internalOrigin: Output<string> | undefined;

  constructor(name: string, args: FunctionArgs, opts?: ComponentResourceOptions) {
    super('function', 'LakeFunction', name, opts);
    const built = builders[args.target.kind](this, name, args);
    this.native = built.native;
    this.internalOrigin = built.internalOrigin;
    this.registerOutputs({ internalOrigin: this.internalOrigin });
  }
}

const builders = { kubernetes: kubernetesFunction } satisfies Record<TargetKind, unknown>;
