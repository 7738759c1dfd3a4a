import type { ComponentResourceOptions } from '@pulumi/pulumi';
import { type ArgsOn, type Builders, type KindsOf, TargetComponent } from '../core/target-component';
import { awsFunction } from './aws';
import { kubernetesFunction } from './kubernetes';

/**
 * One function of the lake, run where its manifest lets it reach: binding, login, network permissions and credentials follow
 * from the manifest alone.
 *
 * ```ts
 * new LakeFunction('ingest', { target, manifest: ingestManifest, place, homes, credentials, size, scaling, exposed: true });
 * ```
 */
export class LakeFunction<Kind extends KindsOf<typeof builders>> extends TargetComponent<typeof builders, Kind> {
  constructor(name: string, args: ArgsOn<typeof builders, Kind>, opts?: ComponentResourceOptions) {
    super('function', 'LakeFunction', builders, name, args, opts);
  }
}

const builders = { aws: awsFunction, kubernetes: kubernetesFunction } satisfies Builders;
