import { CreateTopicCommand, DeleteTopicCommand, type SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { SqsBatchAnswer, SqsEvent } from '../../functions/hosts/aws-lambda/sqs-batch';

export interface SubscribedQueue {
  readonly topicArn: string;
  readonly url: string;
  readonly deadUrl: string;
}

/** A topic with one queue behind it, raw delivery, and a dead-letter queue behind that: as a stack makes them. */
export async function subscribedQueue(
  sns: SNSClient,
  sqs: SQSClient,
  name: string,
  maxReceiveCount: number,
): Promise<SubscribedQueue> {
  const queue = async (QueueName: string, Attributes: Record<string, string> = {}) => {
    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
    const asked = { QueueUrl, AttributeNames: ['QueueArn' as const] };
    const { Attributes: told } = await sqs.send(new GetQueueAttributesCommand(asked));
    return { url: QueueUrl, arn: String(told?.QueueArn) };
  };
  const dead = await queue(`${name}-dead`);
  const redrive = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount });
  const { url, arn } = await queue(name, { RedrivePolicy: redrive, VisibilityTimeout: '30' });
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: name }));
  await sns.send(
    new SubscribeCommand({
      TopicArn,
      Protocol: 'sqs',
      Endpoint: arn,
      Attributes: { RawMessageDelivery: 'true' },
    }),
  );
  return { topicArn: TopicArn, url, deadUrl: dead.url };
}

export async function removeQueue(sns: SNSClient, sqs: SQSClient, { topicArn, url, deadUrl }: SubscribedQueue) {
  await sns.send(new DeleteTopicCommand({ TopicArn: topicArn }));
  for (const QueueUrl of [url, deadUrl]) await sqs.send(new DeleteQueueCommand({ QueueUrl }));
}

/**
 * What Lambda's event source mapping does with `ReportBatchItemFailures`: gives a batch to the function, deletes what it did not
 * name. What failed is made visible at once, where the service waits for the visibility timeout. Gives the deliveries.
 */
export async function pumpQueue(
  sqs: SQSClient,
  QueueUrl: string,
  invoke: (event: SqsEvent) => Promise<SqsBatchAnswer>,
): Promise<number> {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: 10,
      WaitTimeSeconds: 0,
      MessageSystemAttributeNames: ['ApproximateReceiveCount'],
    }),
  );
  if (Messages.length === 0) return 0;
  const all = Messages.map(({ MessageId = '' }) => ({ itemIdentifier: MessageId }));
  const { batchItemFailures } = await invoke({
    Records: Messages.map(({ MessageId = '', Body = '', Attributes }) => ({
      eventSource: 'aws:sqs',
      messageId: MessageId,
      body: Body,
      attributes: { ApproximateReceiveCount: String(Attributes?.ApproximateReceiveCount) },
    })),
    // An instance that died: the whole batch comes again.
  }).catch(() => ({ batchItemFailures: all }));
  const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  for (const { MessageId = '', ReceiptHandle } of Messages) {
    if (failed.has(MessageId))
      await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
    else await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  }
  return Messages.length;
}
