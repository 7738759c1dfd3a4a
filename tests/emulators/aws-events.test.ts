import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { SNSClient } from '@aws-sdk/client-sns';
import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { clientConfig } from '../../adapters/aws/aws-calls';
import { SnsEvents } from '../../adapters/aws/sns-events';
import type { LakeEvent } from '../../adapters/ports/events';
import { takeBatch } from '../../functions/hosts/aws-lambda/sqs-batch';
import { eventsContract } from '../contract/events.contract';
import { eventsPublishingContract } from '../contract/events-publishing.contract';
import { anEvent } from '../support/an-event';
import { pumpQueue, removeQueue, subscribedQueue } from './aws-queues';
import { contractEndpoints } from './contract-endpoints';

/** The contract against SNS and SQS of an AWS emulator: LAKE_CONTRACT_AWS is its URL. Queue policies and encryption are not looked at by moto. */
for (const { url } of contractEndpoints('Events', 'AWS SNS and SQS', 'LAKE_CONTRACT_AWS')) {
  const place = {
    endpoint: url.origin,
    region: 'eu-west-2',
    credentials: { accessKeyId: url.username, secretAccessKey: url.password },
  };
  const topic = async (deliveries: number) => {
    const [sns, sqs] = [new SNSClient(place), new SQSClient(place)];
    const queue = await subscribedQueue(sns, sqs, `lake-${randomBytes(5).toString('hex')}`, deliveries);
    const stop = async () => {
      await removeQueue(sns, sqs, queue);
      for (const client of [sns, sqs]) client.destroy();
    };
    /** One round of the subscriber: the Lambda host. */
    const deliver = (handle: (event: LakeEvent) => Promise<void>): Promise<number> =>
      pumpQueue(sqs, queue.url, (batch) =>
        takeBatch(batch, { handle: ({ redelivered: _, ...event }) => handle(event) }, () => undefined, {
          remaining: () => 900_000,
          // The contract counts deliveries.
          retries: { attempts: 1, firstPause: 0, deadline: 0 },
        }),
      );
    return { sns, sqs, queue, deliver, stop };
  };
  const title = 'AWS SNS and SQS, taken by the Lambda host';

  eventsPublishingContract(title, async () => {
    const { queue, deliver, stop } = await topic(3);
    const received: LakeEvent[] = [];
    const refuses = (status: number, code: string) =>
      ({
        kind: 'answer',
        status,
        headers: { 'content-type': 'text/xml' },
        body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code></Error></ErrorResponse>`,
      }) as const;
    return {
      server: new URL(url.origin),
      // As `openSns` opens it.
      openAt: (endpoint) => {
        const config = clientConfig({ region: place.region, endpoint });
        return new SnsEvents(new SNSClient({ ...config, credentials: place.credentials }), queue.topicArn);
      },
      received: async () => {
        while ((await deliver(async (event) => void received.push(event))) > 0);
        return received;
      },
      refusal: refuses(400, 'InvalidParameter'),
      expired: refuses(403, 'ExpiredToken'),
      stop,
    };
  });

  eventsContract(title, async () => {
    const deliveries = 3;
    const { sns, sqs, queue, deliver, stop } = await topic(deliveries);
    return {
      events: new SnsEvents(sns, queue.topicArn),
      deliveries,
      deliver,
      deadLetters: async () => {
        const { Messages = [] } = await sqs.send(
          new ReceiveMessageCommand({ QueueUrl: queue.deadUrl, VisibilityTimeout: 0 }),
        );
        return Messages.map(({ Body = '' }) => JSON.parse(Body) as LakeEvent);
      },
      // As `StartMessageMoveTask` does, which moto has not.
      redrive: async () => {
        const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: queue.deadUrl }));
        for (const { Body, ReceiptHandle } of Messages) {
          await sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: Body }));
          await sqs.send(new DeleteMessageCommand({ QueueUrl: queue.deadUrl, ReceiptHandle }));
        }
      },
      stop,
    };
  });

  describe('AWS SNS', () => {
    it('says NotFound for a topic that is not there, Unavailable when nobody answers', async () => {
      const sns = new SNSClient(place);
      const absent = new SnsEvents(sns, 'arn:aws:sns:eu-west-2:123456789012:absent');
      await assert.rejects(absent.publish(anEvent), { code: 'NotFound' });
      sns.destroy();
      const away = new SnsEvents(new SNSClient({ ...place, endpoint: 'http://127.0.0.1:9', maxAttempts: 1 }), 'arn');
      await assert.rejects(away.publish(anEvent), { code: 'Unavailable' });
    });
  });
}
