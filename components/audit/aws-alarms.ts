import { LogMetricFilter, MetricAlarm } from '@pulumi/aws/cloudwatch';
import type { Input } from '@pulumi/pulumi';
import { type AwsComponentArgs, AwsParts } from '../core/aws-parts';
import { awsName } from '../core/aws-target';
import type { LakeComponent } from '../core/lake-component';
import {
  type AlertClass,
  type AwsAlarmRule,
  type AwsAlarmSettings,
  type AwsLog,
  alarmRules,
  callerField,
} from './aws-alarm-rules';

/** A provider by a name of its own, and the client id that the log of the API has of it. */
interface AlarmedProvider {
  readonly name: string;
  readonly clientId: Input<string>;
}

export interface AwsAlarmsArgs extends AwsComponentArgs, Omit<AwsAlarmSettings, 'logs' | 'providers'> {
  readonly providers: readonly AlarmedProvider[];
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
  const clientIds = new Map(args.providers.map(({ name: called, clientId }) => [called, clientId]));
  const rules = alarmRules(target, { ...args, providers: [...clientIds.keys()], logs: there });
  const namespace = `Lake/${awsName(target)}`;
  const counted = new Set<string>();
  for (const rule of rules) {
    for (const [id, { log, pattern }] of Object.entries(rule.counts)) {
      const metric = metricOf(rule, id);
      if (counted.has(metric)) continue;
      counted.add(metric);
      const logGroupName = logs[log];
      if (logGroupName === undefined) throw new RangeError(`${rule.name}: no log ${log} was given.`);
      const dimensions = rule.provider === undefined ? {} : { dimensions: { [callerField]: `$.${callerField}` } };
      parts.add(LogMetricFilter, metric, {
        name: awsName(target, metric),
        logGroupName,
        pattern,
        metricTransformation: { name: metric, namespace, value: '1', unit: 'Count', ...dimensions },
      });
    }
    const clientId = rule.provider === undefined ? undefined : clientIds.get(rule.provider);
    addAlarm(parts, rule, {
      namespace,
      topicArn,
      dimensions: clientId === undefined ? {} : { [callerField]: clientId },
    });
  }
  parts.complete();
  return { kind: 'aws', alerts: new Set(rules.map(({ alert }) => alert)) };
}

/** What is counted for each provider is one metric with a dimension, by one filter. */
const metricOf = ({ name, alert, provider }: AwsAlarmRule, id: string): string =>
  `${provider === undefined ? name : alert}-${id}`;

interface AlarmPlace {
  readonly namespace: string;
  readonly topicArn: Input<string>;
  readonly dimensions: Readonly<Record<string, Input<string>>>;
}

function addAlarm(parts: AwsParts, rule: AwsAlarmRule, { namespace, topicArn, dimensions }: AlarmPlace): void {
  const { name, description, counts, expression, atLeast, below, periodSeconds, periods = 1 } = rule;
  parts.add(MetricAlarm, `${name}-alarm`, {
    name: awsName(parts.target, name),
    alarmDescription: description,
    metricQueries: [
      ...Object.keys(counts).map((id) => ({
        id,
        returnData: false,
        metric: { metricName: metricOf(rule, id), namespace, dimensions, stat: 'Sum', period: periodSeconds },
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
