import type { ComponentResourceOptions } from '@pulumi/pulumi';
import { type ArgsOn, type Builders, type KindsOf, TargetComponent } from '../core/target-component';
import { awsOperators } from './aws';

/**
 * The people who operate a deployed lake, each with a right of their own to ask its desks.
 *
 * ```ts
 * new Operators('operators', { target, operators: { ann: 'arn:aws:iam::…:role/ann' }, desks: ['operator'] });
 * ```
 */
export class Operators<Kind extends KindsOf<typeof builders>> extends TargetComponent<typeof builders, Kind> {
  constructor(name: string, args: ArgsOn<typeof builders, Kind>, opts?: ComponentResourceOptions) {
    super('operators', 'Operators', builders, name, args, opts);
  }
}

const builders = {
  aws: awsOperators,
  kubernetes: "the cluster's own rights do it: components/guardrails/kubernetes-operators.ts",
} satisfies Builders;
