import { MetricAlarm } from '@pulumi/aws/cloudwatch';
import type { Queue } from '@pulumi/aws/sqs';
import type { Input } from '@pulumi/pulumi';
import type { AwsParts } from './aws-parts';

export interface WaitingAlarm {
  readonly name: string;
  /** For whoever is called. */
  readonly description: string;
  readonly queue: Queue;
  /** Is told; nobody where there is none. */
  readonly topicArn: Input<string> | undefined;
}

/** Tells when something waits in a queue where nothing should: a dead letter, or work that was set aside. */
export const addWaitingAlarm = (parts: AwsParts, role: string, { name, description, queue, topicArn }: WaitingAlarm) =>
  parts.add(MetricAlarm, role, {
    name,
    alarmDescription: description,
    namespace: 'AWS/SQS',
    metricName: 'ApproximateNumberOfMessagesVisible',
    dimensions: { QueueName: queue.name },
    statistic: 'Maximum',
    period: 300,
    evaluationPeriods: 1,
    threshold: 0,
    comparisonOperator: 'GreaterThanThreshold',
    // A queue that was not used for six hours says nothing: it is empty.
    treatMissingData: 'notBreaching',
    ...(topicArn === undefined ? {} : { alarmActions: [topicArn] }),
  });
