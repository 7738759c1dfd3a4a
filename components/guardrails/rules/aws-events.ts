import { awsType } from './aws-types';
import { at, isSet, textAt } from './guarded-resource';
import { deniesWhen, isPublic, statementsIn } from './policy-judgements';
import { type Rule, unless } from './rule';

const closed = (policy: unknown): boolean => {
  const statements = statementsIn(policy);
  return deniesWhen(statements, 'Bool aws:SecureTransport', 'false') && !statements.some(isPublic);
};

/** A key of the customer: what begins with `alias/aws/` belongs to AWS, and no other account's policy can be held to it. */
const ownKey = (props: unknown): boolean =>
  isSet(at(props, 'kmsMasterKeyId')) && !textAt(props, 'kmsMasterKeyId').startsWith('alias/aws/');

export const awsEventRules: readonly Rule[] = [
  {
    id: 'sns-topic-encrypted',
    title: 'Events in a topic are encrypted with a key of the customer',
    references: ['NCSC 2', 'CAF B3.c', 'SATRE 2.8.01', 'FSBP SNS.1'],
    types: [awsType('sns', 'Topic')],
    property: 'kmsMasterKeyId',
    wrong: ({ props }) =>
      unless(ownKey(props), 'The topic is not encrypted with a key of its own. Set kmsMasterKeyId.'),
  },
  {
    id: 'sns-topic-closed',
    title: 'A topic takes events over TLS, and from this account',
    references: ['NCSC 1', 'NCSC 11', 'CAF B3.b', 'CAF B4.a', 'SATRE 2.8.02', 'FSBP SNS.4'],
    types: [awsType('sns', 'TopicPolicy')],
    property: 'policy: Principal, aws:SecureTransport',
    wrong: ({ props }) =>
      unless(closed(props.policy), 'The topic can be used without TLS, or by anybody. Deny both in its policy.'),
  },
  {
    id: 'sqs-queue-encrypted',
    title: 'Events in a queue are encrypted with a key of the customer',
    references: ['NCSC 2', 'CAF B3.c', 'SATRE 2.8.01', 'FSBP SQS.1'],
    types: [awsType('sqs', 'Queue')],
    property: 'kmsMasterKeyId',
    wrong: ({ props }) =>
      unless(ownKey(props), 'The queue is not encrypted with a key of its own. Set kmsMasterKeyId.'),
  },
  {
    id: 'sqs-queue-closed',
    title: 'A queue is used over TLS, and from this account',
    references: ['NCSC 1', 'NCSC 11', 'CAF B3.b', 'CAF B4.a', 'SATRE 2.8.02', 'FSBP SQS.3'],
    types: [awsType('sqs', 'QueuePolicy')],
    property: 'policy: Principal, aws:SecureTransport',
    wrong: ({ props }) =>
      unless(closed(props.policy), 'The queue can be used without TLS, or by anybody. Deny both in its policy.'),
  },
];
