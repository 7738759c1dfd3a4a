import { account, arnOf, inZone, region, stranger, trustOf, written } from '../hand-written-stack/written-resource';
import { add, change, type Leak } from './leak';

const deliverer = arnOf('aws:iam/role:Role', 'curate');

/** A stream of our own that hands everything to a web address. */
const streamToTheWeb = written('aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream', 'to-monitoring', {
  destination: 'http_endpoint',
  httpEndpointConfiguration: {
    url: 'https://intake.monitoring.example/v1',
    roleArn: deliverer,
    s3Configuration: { roleArn: deliverer, bucketArn: arnOf('aws:s3/bucket:Bucket', 'audit') },
  },
  tags: inZone('lake'),
});

/** Leaks by what AWS carries away by itself: copies, logs, events, mail. */
export const deliveryLeaks: readonly Leak[] = [
  {
    name: "landing is replicated into another account's bucket",
    reaches: `account ${stranger}`,
    through: ['landing', 'second-copy'],
    plant: add(
      written('aws:s3/bucketReplicationConfig:BucketReplicationConfig', 'second-copy', {
        bucket: 'landing',
        role: deliverer,
        rules: [{ status: 'Enabled', destination: { bucket: 'arn:aws:s3:::copies-elsewhere', account: stranger } }],
      }),
    ),
  },
  {
    name: 'landing is replicated into a bucket nobody declared',
    reaches: 'any account',
    through: ['landing', 'second-copy'],
    plant: add(
      written('aws:s3/bucketReplicationConfig:BucketReplicationConfig', 'second-copy', {
        bucket: 'landing',
        role: deliverer,
        rules: [{ status: 'Enabled', destination: { bucket: 'arn:aws:s3:::copies-elsewhere' } }],
      }),
    ),
  },
  {
    name: "the logs of ingest are subscribed to a supplier's destination",
    reaches: `account ${stranger}`,
    through: ['ingest', 'security-centre'],
    plant: add(
      written('aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter', 'security-centre', {
        logGroup: '/aws/lambda/ingest',
        filterPattern: '',
        destinationArn: `arn:aws:logs:${region}:${stranger}:destination:security-centre`,
      }),
    ),
  },
  {
    name: 'the logs of the identity function go to our own stream, which goes to the web',
    reaches: 'internet',
    through: ['identity', 'identity-logs', 'to-monitoring'],
    plant: add(
      written('aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter', 'identity-logs', {
        logGroup: '/aws/lambda/identity',
        filterPattern: '',
        destinationArn: arnOf('aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream', 'to-monitoring'),
        roleArn: deliverer,
      }),
      streamToTheWeb,
    ),
  },
  {
    name: 'metrics are streamed to a monitoring service',
    reaches: 'internet',
    through: ['all-metrics', 'to-monitoring'],
    plant: add(
      written('aws:cloudwatch/metricStream:MetricStream', 'all-metrics', {
        firehoseArn: arnOf('aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream', 'to-monitoring'),
        roleArn: deliverer,
        outputFormat: 'json',
      }),
      streamToTheWeb,
    ),
  },
  {
    name: 'events are handed to a bus of our own account in another region',
    reaches: 'region us-east-1',
    through: ['over-there'],
    plant: add(
      written('aws:cloudwatch/eventTarget:EventTarget', 'over-there', {
        rule: 'nightly',
        arn: `arn:aws:events:us-east-1:${account}:event-bus/default`,
        roleArn: deliverer,
      }),
    ),
  },
  {
    name: 'landed messages are subscribed to by a queue of our own account in another region',
    reaches: 'region eu-central-1',
    through: ['landed', 'over-there'],
    plant: add(
      written('aws:sns/topicSubscription:TopicSubscription', 'over-there', {
        topic: arnOf('aws:sns/topic:Topic', 'landed'),
        protocol: 'sqs',
        endpoint: `arn:aws:sqs:eu-central-1:${account}:over-there`,
      }),
    ),
  },
  {
    name: 'somebody has the topic of landed messages mailed',
    reaches: 'internet',
    through: ['landed', 'on-call'],
    plant: add(
      written('aws:sns/topicSubscription:TopicSubscription', 'on-call', {
        topic: arnOf('aws:sns/topic:Topic', 'landed'),
        protocol: 'email',
        endpoint: 'on-call@example.nhs.uk',
      }),
    ),
  },
  {
    name: 'events call a chat service',
    reaches: 'internet',
    through: ['job-failed', 'chat'],
    plant: add(
      written('aws:cloudwatch/eventRule:EventRule', 'job-failed', { eventPattern: '{"source":["lake"]}' }),
      written('aws:cloudwatch/eventConnection:EventConnection', 'chat', {
        authorizationType: 'API_KEY',
        authParameters: { apiKey: { key: 'x-key', value: 'a key' } },
      }),
      written('aws:cloudwatch/eventApiDestination:EventApiDestination', 'chat', {
        connectionArn: `arn:aws:events:${region}:${account}:connection/chat`,
        httpMethod: 'POST',
        invocationEndpoint: 'https://chat.example/hooks/1',
      }),
      written('aws:cloudwatch/eventTarget:EventTarget', 'job-failed', {
        rule: 'job-failed',
        arn: arnOf('aws:cloudwatch/eventApiDestination:EventApiDestination', 'chat'),
        roleArn: deliverer,
      }),
    ),
  },
  {
    name: "events are forwarded to a bus of the trust's central account",
    reaches: `account ${stranger}`,
    through: ['to-central'],
    plant: add(
      written('aws:cloudwatch/eventTarget:EventTarget', 'to-central', {
        rule: 'refused-logins',
        arn: `arn:aws:events:${region}:${stranger}:event-bus/central`,
      }),
    ),
  },
  {
    name: 'backups are copied to a vault elsewhere',
    reaches: `account ${stranger}`,
    through: ['lake'],
    plant: change('aws:backup/plan:Plan', 'lake', (now) => ({
      ...now,
      rules: [
        {
          ruleName: 'daily',
          targetVaultName: 'lake',
          copyActions: [{ destinationVaultArn: `arn:aws:backup:${region}:${stranger}:backup-vault:elsewhere` }],
        },
      ],
    })),
  },
  {
    name: 'flow logs of the research network land in a bucket of the network team',
    reaches: 'any account',
    through: ['tre-flows'],
    plant: change('aws:ec2/flowLog:FlowLog', 'tre-flows', (now) => ({
      ...now,
      logDestination: 'arn:aws:s3:::network-team-logs',
    })),
  },
  {
    name: 'the gateway reads objects itself',
    reaches: 'internet',
    through: ['fhir'],
    plant: change('aws:apigateway/restApi:RestApi', 'fhir', (now) => ({
      ...now,
      body: JSON.stringify({
        paths: {
          '/objects/{key}': {
            get: {
              'x-amazon-apigateway-integration': {
                type: 'aws',
                httpMethod: 'GET',
                uri: `arn:aws:apigateway:${region}:s3:path/curated/{key}`,
                credentials: deliverer,
              },
            },
          },
        },
      }),
    })),
  },
  {
    name: 'a file transfer server, of which nobody told the solver',
    reaches: 'unknown',
    through: ['partner-files'],
    plant: add(
      written('aws:transfer/server:Server', 'partner-files', {
        endpointType: 'PUBLIC',
        protocols: ['SFTP'],
        identityProviderType: 'SERVICE_MANAGED',
      }),
      written('aws:iam/role:Role', 'partner-files', { assumeRolePolicy: trustOf('transfer.amazonaws.com') }),
    ),
  },
];
