import { SNSClient } from '@aws-sdk/client-sns';
import type { EventsBinding } from '../bindings';
import { clientConfig } from './aws-calls';
import { SnsEvents } from './sns-events';

/** A topic as a binding names it. */
export function openSns({ topicArn, ...place }: Extract<EventsBinding, { kind: 'sns' }>): SnsEvents {
  return new SnsEvents(new SNSClient(clientConfig(place)), topicArn);
}
