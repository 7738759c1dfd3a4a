import { EventSourceMapping, type Function as LambdaFunction } from '@pulumi/aws/lambda';
import { Schedule } from '@pulumi/aws/scheduler';
import type { Input } from '@pulumi/pulumi';
import type { AwsParts } from '../core/aws-parts';
import { addRole } from '../core/aws-role';
import type { AwsQueue } from '../core/aws-runtime-grants';
import { invokeStatements, openScheduleStatements, setAsideStatements } from '../core/aws-service-grants';
import { awsName } from '../core/aws-target';

/** What invokes a function. */
export type AwsTrigger =
  /** The API's gateway, which says so itself. */
  | { readonly kind: 'gateway' }
  /** Events of a topic, from the queue behind it. */
  | { readonly kind: 'queue'; readonly queue: AwsQueue }
  /** EventBridge Scheduler: `rate(1 minute)`, `cron(...)`. */
  | { readonly kind: 'schedule'; readonly expression: string }
  /** A deployment, or another service that is granted it. */
  | { readonly kind: 'invocation' }
  /** Other functions, by the names of their manifests; this one's manifest must name each of them. */
  | { readonly kind: 'requests'; readonly callers: readonly string[] };

/** Events in one batch: what comes together is handled together (decision 64). */
const batchSize = 100;
/** Seconds to wait for a batch to fill. */
const batchingWindow = 5;

export function addTrigger(
  parts: AwsParts,
  name: string,
  lambda: LambdaFunction,
  trigger: AwsTrigger,
  { deadLetters, keyArn }: { readonly deadLetters: AwsQueue; readonly keyArn: Input<string> },
): void {
  if (trigger.kind === 'queue') {
    parts.add(EventSourceMapping, 'events', {
      functionName: lambda.arn,
      eventSourceArn: trigger.queue.queueArn,
      batchSize,
      maximumBatchingWindowInSeconds: batchingWindow,
      // One failure does not deliver the whole batch again (functions/hosts/aws-lambda/sqs-batch.ts).
      functionResponseTypes: ['ReportBatchItemFailures'],
    });
    return;
  }
  if (trigger.kind !== 'schedule') return;
  const { role, granted } = addRole(parts, {
    name: `${name}-schedule`,
    service: 'scheduler.amazonaws.com',
    statements: [
      ...invokeStatements(lambda.arn),
      ...setAsideStatements(parts.target, deadLetters.queueArn, deadLetters.keyArn),
      ...openScheduleStatements(parts.target, keyArn),
    ],
  });
  parts.add(
    Schedule,
    'schedule',
    {
      name: awsName(parts.target, name),
      scheduleExpression: trigger.expression,
      scheduleExpressionTimezone: 'UTC',
      flexibleTimeWindow: { mode: 'OFF' },
      kmsKeyArn: keyArn,
      target: {
        arn: lambda.arn,
        roleArn: role.arn,
        input: '{"source":"aws.scheduler"}',
        // The next beat does what a lost one left.
        retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
        deadLetterConfig: { arn: deadLetters.queueArn },
      },
    },
    { dependsOn: [...granted] },
  );
}
