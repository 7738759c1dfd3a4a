import { Topic, TopicPolicy, TopicSubscription } from '@pulumi/aws/sns';
import { Queue, QueuePolicy } from '@pulumi/aws/sqs';
import { type Input, jsonStringify } from '@pulumi/pulumi';
import type { AwsTopicHome } from '../core/aws-homes';
import { type AwsComponentArgs, AwsParts } from '../core/aws-parts';
import { deny, type PolicyStatement, policyText } from '../core/aws-policy';
import type { AwsQueue } from '../core/aws-runtime-grants';
import { awsName } from '../core/aws-target';
import { addWaitingAlarm } from '../core/aws-waiting-alarm';
import type { LakeComponent } from '../core/lake-component';

/** A topic, and the function that takes its events from the queue behind it. */
export interface AwsSubscription {
  /** As manifests name it: `landed.identity`. */
  readonly topic: string;
  /** Name of the function. */
  readonly subscriber: string;
  /** Seconds that it may work on a batch. */
  readonly timeout: number;
}

export interface AwsEventsArgs extends AwsComponentArgs {
  readonly subscriptions: readonly AwsSubscription[];
  /** The key of topics and queues; its policy lets SNS use it. */
  readonly keyArn: Input<string>;
  /** Is told when events wait that nobody could handle. */
  readonly alarmTopicArn: Input<string>;
}

export interface AwsEvents {
  readonly kind: 'aws';
  readonly topics: Readonly<Record<string, AwsTopicHome>>;
  /** By the name of the subscriber. */
  readonly queues: Readonly<Record<string, AwsQueue>>;
}

const fourteenDays = 14 * 24 * 3600;
/** Tables have one committer, so deliveries it had no instance for count as well, and are many under a load. */
const deliveries = 50;

/** Events from the ledger's outbox: a topic each, a queue behind it, and dead letters behind that. Nothing is pushed to an address. */
export function awsEvents(component: LakeComponent, name: string, args: AwsEventsArgs): AwsEvents {
  const { target, keyArn, subscriptions } = args;
  const parts = new AwsParts(component, name, args, { zone: 'events', classification: 'none' });
  const topics: Record<string, AwsTopicHome> = {};
  const queues: Record<string, AwsQueue> = {};
  for (const { topic, subscriber, timeout } of subscriptions) {
    const made = parts.add(Topic, `${topic}-topic`, {
      name: awsName(target, topic),
      kmsMasterKeyId: keyArn,
      // SHA-256 (SNS Developer Guide, "Verifying the signatures of Amazon SNS messages").
      signatureVersion: 2,
    });
    parts.add(TopicPolicy, `${topic}-topic-policy`, {
      arn: made.arn,
      policy: policyText(onlyThisAccount(args, 'sns:Publish', made.arn)),
    });
    const dead = parts.add(Queue, `${topic}-dead-letters`, {
      name: awsName(target, topic, 'dead'),
      kmsMasterKeyId: keyArn,
      messageRetentionSeconds: fourteenDays,
    });
    const queue = parts.add(Queue, `${topic}-queue`, {
      name: awsName(target, topic, subscriber),
      kmsMasterKeyId: keyArn,
      messageRetentionSeconds: fourteenDays,
      // Six times what a batch may take, so that a batch that failed is not delivered beside itself (Lambda, "Using SQS").
      visibilityTimeoutSeconds: 6 * timeout,
      receiveWaitTimeSeconds: 20,
      redrivePolicy: jsonStringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: deliveries }),
    });
    const fromTopic: PolicyStatement = {
      Effect: 'Allow',
      Principal: { Service: 'sns.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: queue.arn,
      Condition: { ArnEquals: { 'aws:SourceArn': made.arn }, StringEquals: { 'aws:SourceAccount': target.accountId } },
    };
    for (const [role, one, allowed] of [
      ['queue', queue, [fromTopic]],
      ['dead-letters', dead, [fromTopicTo(fromTopic, dead.arn)]],
    ] as const)
      parts.add(QueuePolicy, `${topic}-${role}-policy`, {
        queueUrl: one.url,
        policy: policyText([...allowed, ...onlyThisAccount(args, 'sqs:*', one.arn)]),
      });
    parts.add(TopicSubscription, `${topic}-subscription`, {
      topic: made.arn,
      protocol: 'sqs',
      endpoint: queue.arn,
      // The body of a message is the CloudEvent itself.
      rawMessageDelivery: true,
      redrivePolicy: jsonStringify({ deadLetterTargetArn: dead.arn }),
    });
    addWaitingAlarm(parts, `${topic}-dead-letters-alarm`, {
      name: awsName(target, topic, 'dead-letters'),
      description: `Events of ${topic} that ${subscriber} could not handle wait for a person.`,
      queue: dead,
      topicArn: args.alarmTopicArn,
    });
    topics[topic] = { topicArn: made.arn, keyArn };
    queues[subscriber] = { queueArn: queue.arn, keyArn };
  }
  parts.complete();
  return { kind: 'aws', topics, queues };
}

const fromTopicTo = (statement: PolicyStatement, queueArn: Input<string>): PolicyStatement => ({
  ...statement,
  Resource: queueArn,
});

/** Nobody without TLS, and no one of another account whatever their own policies say; services of AWS are bound by name. */
function onlyThisAccount(
  { target }: AwsEventsArgs,
  action: 'sns:Publish' | 'sqs:*',
  resource: Input<string>,
): readonly PolicyStatement[] {
  return [
    { ...deny(action, resource, { Bool: { 'aws:SecureTransport': 'false' } }), Principal: '*' },
    {
      ...deny(action, resource, {
        StringNotEquals: { 'aws:PrincipalAccount': target.accountId },
        BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' },
      }),
      Principal: '*',
    },
  ];
}
