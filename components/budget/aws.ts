import { Budget } from '@pulumi/aws/budgets';
import { AnomalyMonitor, AnomalySubscription } from '@pulumi/aws/costexplorer';
import type { Input } from '@pulumi/pulumi';
import { type AwsComponentArgs, AwsParts } from '../core/aws-parts';
import { awsName } from '../core/aws-target';
import type { LakeComponent } from '../core/lake-component';

export interface AwsBudgetArgs extends AwsComponentArgs {
  /** US dollars a month, above 0: what the account is billed in. */
  readonly monthlyDollars: number;
  /** Told at four fifths, at the whole, when the whole is forecast, and of spending unlike any before. */
  readonly topicArn: Input<string>;
  /** Dollars above what was expected, from which an oddity is told. @default a tenth of the month's */
  readonly oddityDollars?: number;
}

export interface AwsBudget {
  readonly kind: 'aws';
  readonly budget: Budget;
}

/** What this lake may cost a month, by the tag that stands on everything of it; the tag is activated for billing once by hand. */
export function awsBudget(component: LakeComponent, name: string, args: AwsBudgetArgs): AwsBudget {
  const { target, monthlyDollars, topicArn, oddityDollars = monthlyDollars / 10 } = args;
  if (!(monthlyDollars > 0)) throw new RangeError('monthlyDollars: a number above 0 is allowed.');
  const parts = new AwsParts(component, name, args, { zone: 'cost', classification: 'none' });
  const told = (threshold: number, notificationType: 'ACTUAL' | 'FORECASTED') => ({
    comparisonOperator: 'GREATER_THAN',
    threshold,
    thresholdType: 'PERCENTAGE',
    notificationType,
    subscriberSnsTopicArns: [topicArn],
  });
  const budget = parts.add(Budget, 'month', {
    name: awsName(target, 'month'),
    budgetType: 'COST',
    limitAmount: String(monthlyDollars),
    limitUnit: 'USD',
    timeUnit: 'MONTHLY',
    costFilters: [{ name: 'TagKeyValue', values: [`user:Lake$${target.name}`] }],
    notifications: [told(80, 'ACTUAL'), told(100, 'ACTUAL'), told(100, 'FORECASTED')],
  });
  const monitor = parts.add(AnomalyMonitor, 'oddities', {
    name: awsName(target, 'oddities'),
    monitorType: 'CUSTOM',
    // Every field, as AWS gives it back: a text that leaves one out differs, and what differs here is made anew.
    monitorSpecification: JSON.stringify({
      And: null,
      CostCategories: null,
      Dimensions: null,
      Not: null,
      Or: null,
      Tags: { Key: 'Lake', MatchOptions: null, Values: [target.name] },
    }),
  });
  parts.add(AnomalySubscription, 'oddities-told', {
    name: awsName(target, 'oddities'),
    frequency: 'IMMEDIATE',
    monitorArnLists: [monitor.arn],
    subscribers: [{ type: 'SNS', address: topicArn }],
    thresholdExpression: {
      dimension: {
        key: 'ANOMALY_TOTAL_IMPACT_ABSOLUTE',
        matchOptions: ['GREATER_THAN_OR_EQUAL'],
        values: [String(oddityDollars)],
      },
    },
  });
  parts.complete();
  return { kind: 'aws', budget };
}
