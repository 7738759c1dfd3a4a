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
  /** Whether the account's one monitor of spending is this stack's; AWS makes it in some accounts by itself. @default own */
  readonly spendMonitor?: 'own' | 'existing';
}

export interface AwsBudget {
  readonly kind: 'aws';
  readonly budget: Budget;
}

/**
 * What the lake's account may cost a month. By its tags nothing would be counted before whoever pays for the organisation has activated
 * them, and nobody else can watch spending by a tag (AWS Cost Management, "Getting started with AWS Cost Anomaly Detection").
 */
export function awsBudget(component: LakeComponent, name: string, args: AwsBudgetArgs): AwsBudget {
  const { target, monthlyDollars, topicArn } = args;
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
    notifications: [told(80, 'ACTUAL'), told(100, 'ACTUAL'), told(100, 'FORECASTED')],
  });
  if (args.spendMonitor !== 'existing') addMonitor(parts, args);
  parts.complete();
  return { kind: 'aws', budget };
}

function addMonitor(
  parts: AwsParts,
  { target, topicArn, monthlyDollars, oddityDollars = monthlyDollars / 10 }: AwsBudgetArgs,
): void {
  const name = awsName(target, 'oddities');
  const monitor = parts.add(AnomalyMonitor, 'oddities', {
    name,
    monitorType: 'DIMENSIONAL',
    monitorDimension: 'SERVICE',
  });
  parts.add(AnomalySubscription, 'oddities-told', {
    name,
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
}
