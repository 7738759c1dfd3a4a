import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { SNSClient } from '@aws-sdk/client-sns';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { SnsEvents } from '../../adapters/aws/sns-events';
import type { LakeEvent } from '../../adapters/ports/events';
import { takeBatch } from '../../functions/hosts/aws-lambda/sqs-batch';
import { eventsContract } from '../contract/events.contract';
import { pumpQueue, removeQueue, subscribedQueue } from './aws-queues';
import { contractEndpoints } from './contract-endpoints';

/** The contract against SNS and SQS of an AWS emulator: LAKE_CONTRACT_AWS is its URL. Queue policies and encryption are not looked at by moto. */
for (const { url } of contractEndpoints('Events', 'AWS SNS and SQS', 'LAKE_CONTRACT_AWS')) {
  const place = {
    endpoint: url.origin,
    region: 'eu-west-2',
    credentials: { accessKeyId: url.username, secretAccessKey: url.password },
  };
  eventsContract('AWS SNS and SQS, taken by the Lambda host', async () => {
    const [sns, sqs] = [new SNSClient(place), new SQSClient(place)];
    const deliveries = 3;
    const queue = await subscribedQueue(sns, sqs, `lake-${randomBytes(5).toString('hex')}`, deliveries);
    return {
      events: new SnsEvents(sns, queue.topicArn),
      deliveries,
      deliver: (handle) =>
        pumpQueue(sqs, queue.url, (batch) =>
          takeBatch(batch, { handle: ({ redelivered: _, ...event }) => handle(event) }, () => undefined),
        ),
      deadLetters: async () => {
        const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: queue.deadUrl }));
        return Messages.map(({ Body = '' }) => JSON.parse(Body) as LakeEvent);
      },
      stop: async () => {
        await removeQueue(sns, sqs, queue);
        for (const client of [sns, sqs]) client.destroy();
      },
    };
  });

  describe('AWS SNS', () => {
    const event: LakeEvent = {
      specversion: '1.0',
      id: '1',
      type: 'test',
      source: '/test',
      time: '2026-01-01T00:00:00.000Z',
      datacontenttype: 'application/json',
      data: {},
    };
    it('says NotFound for a topic that is not there, Unavailable when nobody answers', async () => {
      const sns = new SNSClient(place);
      const absent = new SnsEvents(sns, 'arn:aws:sns:eu-west-2:123456789012:absent');
      await assert.rejects(absent.publish(event), { code: 'NotFound' });
      sns.destroy();
      const away = new SnsEvents(new SNSClient({ ...place, endpoint: 'http://127.0.0.1:9', maxAttempts: 1 }), 'arn');
      await assert.rejects(away.publish(event), { code: 'Unavailable' });
    });
  });
}
