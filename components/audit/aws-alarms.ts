import { LogMetricFilter, MetricAlarm } from '@pulumi/aws/cloudwatch';
import { type Input, output } from '@pulumi/pulumi';
import { type AwsComponentArgs, AwsParts } from '../core/aws-parts';
import { awsName } from '../core/aws-target';
import type { LakeComponent } from '../core/lake-component';
import {
  type AlarmedProvider,
  type AlertClass,
  type AwsAlarmRule,
  type AwsAlarmSettings,
  type AwsLog,
  alarmRules,
} from './aws-alarm-rules';

export interface AwsAlarmsArgs extends AwsComponentArgs, Omit<AwsAlarmSettings, 'logs' | 'providers'> {
  readonly providers: readonly AlarmedProvider<Input<string>>[];
  /** Names of the log groups: of the trail, of refused flows and of names always, of the API and the identity requests as they come. */
  readonly logs: Readonly<Record<'trail' | 'flows' | 'names', Input<string>>> &
    Readonly<Partial<Record<'access' | 'identity', Input<string>>>>;
  readonly topicArn: Input<string>;
}

export interface AwsAlarms {
  readonly kind: 'aws';
  /** The classes of alert that an alarm stands for. */
  readonly alerts: ReadonlySet<AlertClass>;
}

/** One alarm, or a few, for every class of alert; each tells the topic, also when it is over. */
export function awsAlarms(component: LakeComponent, name: string, args: AwsAlarmsArgs): AwsAlarms {
  const { target, logs, topicArn } = args;
  const parts = new AwsParts(component, name, args, { zone: 'evidence', classification: 'none' });
  const there = (Object.keys(logs) as AwsLog[]).filter((log) => logs[log] !== undefined);
  const rulesOf = (providers: readonly AlarmedProvider[]) => alarmRules(target, { ...args, providers, logs: there });
  // Which there are is known before Cognito has said what it calls them.
  const rules = rulesOf(args.providers.map(({ name: called }) => ({ name: called, clientId: '' })));
  const patterns = output([...args.providers]).apply((providers) =>
    Object.fromEntries(
      rulesOf(providers).flatMap((rule) =>
        Object.entries(rule.counts).map(([id, { pattern }]) => [`${rule.name}-${id}`, pattern]),
      ),
    ),
  );
  const namespace = `Lake/${awsName(target)}`;
  for (const rule of rules) {
    for (const [id, { log }] of Object.entries(rule.counts)) {
      const logGroupName = logs[log];
      if (logGroupName === undefined) throw new RangeError(`${rule.name}: no log ${log} was given.`);
      parts.add(LogMetricFilter, `${rule.name}-${id}`, {
        name: awsName(target, rule.name, id),
        logGroupName,
        pattern: patterns.apply((all) => all[`${rule.name}-${id}`] ?? ''),
        metricTransformation: { name: `${rule.name}-${id}`, namespace, value: '1', unit: 'Count' },
      });
    }
    addAlarm(parts, rule, namespace, topicArn);
  }
  parts.complete();
  return { kind: 'aws', alerts: new Set(rules.map(({ alert }) => alert)) };
}

function addAlarm(parts: AwsParts, rule: AwsAlarmRule, namespace: string, topicArn: Input<string>): void {
  const { name, description, counts, expression, atLeast, below, periodSeconds, periods = 1 } = rule;
  parts.add(MetricAlarm, `${name}-alarm`, {
    name: awsName(parts.target, name),
    alarmDescription: description,
    metricQueries: [
      ...Object.keys(counts).map((id) => ({
        id,
        returnData: false,
        metric: { metricName: `${name}-${id}`, namespace, stat: 'Sum', period: periodSeconds },
      })),
      {
        id: 'result',
        expression: expression ?? Object.keys(counts).join(' + '),
        label: name,
        returnData: true,
      },
    ],
    comparisonOperator: below === undefined ? 'GreaterThanOrEqualToThreshold' : 'LessThanThreshold',
    threshold: below ?? atLeast ?? 1,
    evaluationPeriods: periods,
    // Silence is what the gap is about; elsewhere no line means that nothing happened.
    treatMissingData: below === undefined ? 'notBreaching' : 'breaching',
    alarmActions: [topicArn],
    okActions: [topicArn],
  });
}
