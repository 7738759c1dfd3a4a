import type { ComponentResourceOptions } from '@pulumi/pulumi';
import { type ArgsOn, type Builders, type KindsOf, TargetComponent } from '../core/target-component';
import { awsCuration } from './aws';
import { kubernetesCuration } from './kubernetes';

/**
 * Spark jobs over the curated tables, at a schedule; on AWS in the order of what each needs, which spark-operator does not know.
 *
 * ```ts
 * new Curation('curation', { target, jobs, schedule, stores, artefacts, jars, databases, subnetIds, … });
 * ```
 */
export class Curation<Kind extends KindsOf<typeof builders>> extends TargetComponent<typeof builders, Kind> {
  constructor(name: string, args: ArgsOn<typeof builders, Kind>, opts?: ComponentResourceOptions) {
    super('curation', 'Curation', builders, name, args, opts);
  }
}

const builders = { aws: awsCuration, kubernetes: kubernetesCuration } satisfies Builders;
