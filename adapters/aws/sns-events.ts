import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { Events, LakeEvent } from '../ports/events';
import { AwsCalls } from './aws-calls';

const messages = {
  NotFound: 'There is no such topic. Check the binding of the function.',
  PermissionDenied: "The topic or its key refuses this function. Check the function's role and the policies of both.",
  PreconditionFailed: 'The key of the topic is disabled or awaits its deletion.',
  InvalidArgument: 'The topic does not take the event: it is longer than 256 KB, or the topic is of another kind.',
  Unavailable: 'The topic did not answer in time or is busy. Repeat later.',
};

/**
 * CloudEvents to an SNS topic, each the whole event as JSON (the structured mode of the JSON format 1.0.2). Queues subscribe
 * with raw delivery and take what they want by the attributes `type` and `subject`; their redrive policy keeps the dead
 * letters.
 */
export class SnsEvents implements Events {
  readonly #client: SNSClient;
  readonly #topicArn: string;
  readonly #calls = new AwsCalls(messages);

  constructor(client: SNSClient, topicArn: string) {
    this.#client = client;
    this.#topicArn = topicArn;
  }

  async publish(event: LakeEvent): Promise<void> {
    const attributes: Record<string, { DataType: string; StringValue: string }> = {
      type: { DataType: 'String', StringValue: event.type },
    };
    if (event.subject !== undefined) attributes.subject = { DataType: 'String', StringValue: event.subject };
    const command = new PublishCommand({
      TopicArn: this.#topicArn,
      Message: JSON.stringify(event),
      MessageAttributes: attributes,
    });
    // A repeat whose first try had arrived is a duplicate with the same id, as subscribers expect.
    await this.#calls.repeat((options) => this.#client.send(command, options));
  }
}
