import type { ComponentResourceOptions } from '@pulumi/pulumi';
import { type ArgsOn, type Builders, type KindsOf, TargetComponent } from '../core/target-component';
import { awsBudget } from './aws';

/**
 * What the lake may cost in a month, and who is told when it is about to cost more.
 *
 * ```ts
 * new Budget('budget', { target, monthlyDollars: 5000, topicArn });
 * ```
 */
export class Budget<Kind extends KindsOf<typeof builders>> extends TargetComponent<typeof builders, Kind> {
  constructor(name: string, args: ArgsOn<typeof builders, Kind>, opts?: ComponentResourceOptions) {
    super('budget', 'Budget', builders, name, args, opts);
  }
}

const builders = {
  aws: awsBudget,
  kubernetes: 'a cluster sends no bill; what a zone may ask for is the quota of its network',
} satisfies Builders;
