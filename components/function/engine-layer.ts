import type { ComponentResourceOptions } from '@pulumi/pulumi';
import { type ArgsOn, type Builders, type KindsOf, TargetComponent } from '../core/target-component';
import { awsEngineLayer } from './aws-engine-layer';

/**
 * The query engine, for the functions that ask tables.
 *
 * ```ts
 * const { layer } = new EngineLayer('engine', { target, modules: 'node_modules' }).built;
 * ```
 */
export class EngineLayer<Kind extends KindsOf<typeof builders>> extends TargetComponent<typeof builders, Kind> {
  constructor(name: string, args: ArgsOn<typeof builders, Kind>, opts?: ComponentResourceOptions) {
    super('function', 'EngineLayer', builders, name, args, opts);
  }
}

const builders = { aws: awsEngineLayer, kubernetes: 'the image of the lake holds the query engine' } satisfies Builders;
