import { account, arnOf, idOf, region, stranger, written } from '../hand-written-stack/written-resource';
import { add, change, type Leak } from './leak';

const theirQueue = `arn:aws:sqs:${region}:${stranger}:dead`;
const redrive = JSON.stringify({ deadLetterTargetArn: theirQueue, maxReceiveCount: 3 });
const role = arnOf('aws:iam/role:Role', 'curate');

const machine = (name: string, ...states: readonly (readonly [string, object])[]) =>
  add(
    written('aws:sfn/stateMachine:StateMachine', name, {
      roleArn: role,
      definition: JSON.stringify({ StartAt: states[0]?.[0], States: Object.fromEntries(states) }),
    }),
  );
const sql = (name: string, text: string) =>
  add(
    written('aws:redshiftdata/statement:Statement', name, { database: 'marts', workgroupName: 'warehouse', sql: text }),
  );

/** Leaks by a stranger who is named deep in a document that AWS acts on. */
export const namedStrangerLeaks: readonly Leak[] = [
  {
    name: "dead letters of a queue that go to a stranger's",
    reaches: `account ${stranger}`,
    through: ['curate'],
    plant: change('aws:sqs/queue:Queue', 'curate', (now) => ({ ...now, redrivePolicy: redrive })),
  },
  {
    name: "dead letters of a queue that go to a stranger's, said apart",
    reaches: `account ${stranger}`,
    through: ['curate-again'],
    plant: add(
      written('aws:sqs/redrivePolicy:RedrivePolicy', 'curate-again', {
        queueUrl: idOf('curate'),
        redrivePolicy: redrive,
      }),
    ),
  },
  {
    name: "what a subscription cannot deliver goes to a stranger's queue",
    reaches: `account ${stranger}`,
    through: ['curate'],
    plant: change('aws:sns/topicSubscription:TopicSubscription', 'curate', (now) => ({
      ...now,
      redrivePolicy: redrive,
    })),
  },
  {
    name: 'events sent to an address of the internet that another stack keeps',
    reaches: 'internet',
    through: ['refused-logins'],
    plant: change('aws:cloudwatch/eventTarget:EventTarget', 'refused-logins', (now) => ({
      ...now,
      arn: `arn:aws:events:${region}:${account}:api-destination/collector/0001`,
    })),
  },
  {
    name: "a schedule that copies an object into a stranger's bucket",
    reaches: 'any account',
    through: ['nightly-copy'],
    plant: add(
      written('aws:scheduler/schedule:Schedule', 'nightly-copy', {
        scheduleExpression: 'rate(1 day)',
        flexibleTimeWindow: { mode: 'OFF' },
        target: {
          arn: 'arn:aws:scheduler:::aws-sdk:s3:copyObject',
          roleArn: role,
          input: JSON.stringify({ Bucket: 'somebody-elses', CopySource: 'landing/x', Key: 'x' }),
        },
      }),
    ),
  },
  {
    name: "a run that sends to a stranger's queue by its address",
    reaches: `account ${stranger}`,
    through: ['sends'],
    plant: machine('sends', [
      'Send',
      {
        Type: 'Task',
        Resource: 'arn:aws:states:::sqs:sendMessage',
        Parameters: { QueueUrl: `https://sqs.${region}.amazonaws.com/${stranger}/orders`, 'MessageBody.$': '$' },
        End: true,
      },
    ]),
  },
  {
    name: "a run that writes its results into a stranger's bucket",
    reaches: 'any account',
    through: ['writes'],
    plant: machine('writes', [
      'Each',
      {
        Type: 'Map',
        ItemProcessor: { StartAt: 'One', States: { One: { Type: 'Pass', End: true } } },
        ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Parameters: { Bucket: 'somebody-elses' } },
        End: true,
      },
    ]),
  },
  {
    name: "a job of Spark that logs into a stranger's bucket",
    reaches: 'any account',
    through: ['logs'],
    plant: machine('logs', [
      'Job',
      {
        Type: 'Task',
        Resource: 'arn:aws:states:::emr-serverless:startJobRun.sync',
        Parameters: {
          ConfigurationOverrides: {
            MonitoringConfiguration: { S3MonitoringConfiguration: { LogUri: 's3://somebody-elses/logs/' } },
          },
        },
        End: true,
      },
    ]),
  },
  {
    name: 'marts shared with an account in SQL',
    reaches: `account ${stranger}`,
    through: ['share'],
    plant: sql('share', `GRANT USAGE ON DATASHARE marts TO ACCOUNT '${stranger}'`),
  },
  {
    name: "marts unloaded into a stranger's bucket in SQL",
    reaches: 'any account',
    through: ['unload'],
    plant: sql('unload', "UNLOAD ('select * from flu') TO 's3://somebody-elses/flu/' IAM_ROLE default"),
  },
  {
    name: "a stranger's engine that filters the columns of the catalogue",
    reaches: `account ${stranger}`,
    through: ['catalogue'],
    plant: add(
      written('aws:lakeformation/dataLakeSettings:DataLakeSettings', 'catalogue', {
        allowExternalDataFiltering: true,
        externalDataFilteringAllowLists: [stranger],
      }),
    ),
  },
  {
    name: 'a stranger who administers the catalogue',
    reaches: `account ${stranger}`,
    through: ['catalogue'],
    plant: add(
      written('aws:lakeformation/dataLakeSettings:DataLakeSettings', 'catalogue', {
        admins: [`arn:aws:iam::${stranger}:role/admin`],
      }),
    ),
  },
  {
    name: 'objects lent to another owner by an ACL',
    reaches: 'any account',
    through: ['lent'],
    plant: add(
      written('aws:s3/bucketAcl:BucketAcl', 'lent', {
        bucket: 'landing',
        accessControlPolicy: {
          owner: { id: 'owner' },
          grants: [{ permission: 'READ', grantee: { type: 'CanonicalUser', id: 'somebody' } }],
        },
      }),
    ),
  },
];

/** What names a bucket that is not of the stack, to read from it. */
export const harmlessNames: readonly Pick<Leak, 'name' | 'plant'>[] = [
  {
    name: 'a warehouse that copies from a bucket of the site',
    plant: sql('load', "COPY codes FROM 's3://terminology-of-the-site/codes.csv' IAM_ROLE default"),
  },
  {
    name: 'a run whose program lies in a bucket of the site',
    plant: machine('reads', [
      'Job',
      {
        Type: 'Task',
        Resource: 'arn:aws:states:::emr-serverless:startJobRun.sync',
        Parameters: { JobDriver: { SparkSubmit: { EntryPoint: 's3://programs-of-the-site/marts.py' } } },
        End: true,
      },
    ]),
  },
];
