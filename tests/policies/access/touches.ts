import { serviceKeyUses } from '../../../components/key-ring/aws-key-specs';
import type { KeyName } from '../../../functions/manifest';
import { kindOf, type Recorded } from '../../support/pulumi-mocks';
import { type AccessRequest, account } from './access-request';
import { algorithmOf, region } from './manifest-cases';

/** One call that would touch something of the lake, made as it has to be made where it is allowed. */
export interface Touch
  extends Pick<AccessRequest, 'action' | 'resource' | 'context' | 'encryptionContext' | 'through'> {
  /** `reads marts`, `invokes erasure`. */
  readonly name: string;
}

/** Roles that somebody would like to be. */
const worthTaking = ['backup', 'identity', 'ingest', 'prepare', 'spark', 'warehouse'];

/** A role's or a resource's own part of its name in the cloud: `research-flu` of `lake-prod-aws-research-flu-72f737cf`. */
export const ownName = (name: string): string =>
  name.replace(/^lake-(prod-aws|test)-/, '').replace(/-[0-9a-f]{8}$/, '');

const arnOf = ({ id, outputs }: Recorded): string => String(outputs.arn ?? id);

/** What there is to touch in a stack: objects, keys, functions, databases, events, tables, runs, roles. */
export function touchesOf(stack: readonly Recorded[]): readonly Touch[] {
  const of = (kind: string) => stack.filter((one) => one.type.startsWith('aws:') && kindOf(one) === kind);
  return [
    ...of('Bucket').flatMap(bucketTouches),
    ...of('AccessPoint').map(
      (one): Touch => ({
        name: 'reads marts by the access point',
        action: 's3:GetObject',
        resource: `${arnOf(one)}/object/p/1`,
      }),
    ),
    ...of('Key').flatMap((one) => keyTouches(one, of('Bucket'))),
    ...of('Function').flatMap((one) => functionTouches(one)),
    ...of('ResourcePolicy')
      .map(({ inputs }) => String(inputs.resourceArn))
      .filter((arn) => /:function:[^:]+:/.test(arn))
      .map((resource): Touch => {
        const [called = '', alias = ''] = resource.split(':').slice(-2);
        return { name: `invokes ${ownName(called)} as ${alias}`, action: 'lambda:InvokeFunction', resource };
      }),
    ...of('Cluster').flatMap(databaseTouches),
    ...of('Topic').flatMap((one): readonly Touch[] =>
      (['sns:Publish', 'sns:Subscribe'] as const).map((action) => ({
        name: `${action === 'sns:Publish' ? 'publishes to' : 'subscribes to'} ${eventsName(one.name)}`,
        action,
        resource: arnOf(one),
      })),
    ),
    ...of('Queue')
      .filter(({ name }) => name.startsWith('events-'))
      .map(
        (one): Touch => ({
          name: `takes from ${eventsName(one.name)}`,
          action: 'sqs:ReceiveMessage',
          resource: arnOf(one),
        }),
      ),
    ...of('Role')
      .filter(({ inputs }) => worthTaking.includes(ownName(String(inputs.name))))
      .map(
        (one): Touch => ({
          name: `is ${ownName(String(one.inputs.name))}`,
          action: 'sts:AssumeRole',
          resource: arnOf(one),
        }),
      ),
    ...of('CatalogDatabase').flatMap((one): readonly Touch[] => {
      const resource = `arn:aws:glue:${region}:${account}:table/${String(one.inputs.name)}/patient`;
      const database = one.name.replace(/^catalogue-|-database$/g, '');
      return [
        { name: `looks up ${database}`, action: 'glue:GetTable', resource },
        { name: `changes ${database} in the catalogue`, action: 'glue:UpdateTable', resource },
      ];
    }),
    ...logTouches(of('LogGroup')),
    ...singleTouches(of),
  ];
}

const eventsName = (name: string): string => name.replace(/^events-|^audit-|-topic$|-queue$/g, '');

function bucketTouches(bucket: Recorded): readonly Touch[] {
  const zone = bucket.name.split('-').at(-1) ?? '';
  const object = `${arnOf(bucket)}/p/object`;
  const touch = (verb: string, action: string, resource: string): Touch => ({
    name: `${verb} ${zone}`,
    action,
    resource,
  });
  return [
    touch('reads', 's3:GetObject', object),
    touch('writes', 's3:PutObject', object),
    touch('deletes from', 's3:DeleteObject', object),
    { ...touch('lists', 's3:ListBucket', arnOf(bucket)), context: { 's3:prefix': '' } },
    touch('changes the policy of', 's3:PutBucketPolicy', arnOf(bucket)),
    ...(zone === 'marts' ? [touch('stages in', 's3:PutObject', `${arnOf(bucket)}/staging/part`)] : []),
  ];
}

function keyTouches(key: Recorded, buckets: readonly Recorded[]): readonly Touch[] {
  const [, use = '', rest = ''] = /^key-ring-(key|store|service)-(.+)$/.exec(key.name) ?? [];
  const resource = arnOf(key);
  const name = `${use}-${rest}`;
  if (use === 'key') {
    const action = rest === 'audit' || rest === 'issuer' ? 'kms:Sign' : 'kms:Decrypt';
    return [{ name: `uses ${name}`, action, resource, ...algorithmOf(rest as KeyName, action) }];
  }
  if (use === 'store') {
    const bucket = buckets.find((one) => one.name.endsWith(`-${rest}`));
    const through = {
      context: { 'kms:ViaService': `s3.${region}.amazonaws.com` },
      encryptionContext: { 'aws:s3:arn': bucket === undefined ? '' : arnOf(bucket) },
    };
    return [
      { name: `opens with ${name}`, action: 'kms:Decrypt', resource, ...through },
      { name: `seals with ${name}`, action: 'kms:GenerateDataKey', resource, ...through },
      { name: `opens with ${name} without S3`, action: 'kms:Decrypt', resource },
    ];
  }
  const service = serviceKeyUses[rest as keyof typeof serviceKeyUses].through[0];
  const via = service === undefined ? {} : { 'kms:ViaService': `${service}.${region}.amazonaws.com` };
  return [
    { name: `opens with ${name}`, action: 'kms:Decrypt', resource, context: via },
    ...(rest.startsWith('state-')
      ? [
          {
            name: `restores a database with ${name}`,
            action: 'kms:CreateGrant',
            resource,
            context: { ...via, 'kms:GrantIsForAWSResource': 'true' },
          },
        ]
      : []),
  ];
}

const functionTouches = (one: Recorded): readonly Touch[] => {
  const name = ownName(String(one.inputs.name));
  const invoked: Touch = { name: `invokes ${name}`, action: 'lambda:InvokeFunction', resource: arnOf(one) };
  return name === 'identity'
    ? [invoked, { name: 'puts other code into identity', action: 'lambda:UpdateFunctionCode', resource: arnOf(one) }]
    : [invoked];
};

function databaseTouches({ name, outputs }: Recorded): readonly Touch[] {
  const database = /-(lake|identity)-cluster$/.exec(name)?.[1] ?? '';
  const [secret] = outputs.masterUserSecrets as readonly { readonly secretArn: string }[];
  const user = `arn:aws:rds-db:${region}:${account}:dbuser:${String(outputs.clusterResourceId)}`;
  return [
    {
      name: `reads the login of ${database}'s first user`,
      action: 'secretsmanager:GetSecretValue',
      resource: secret?.secretArn ?? '',
    },
    {
      name: `logs in to ${database}`,
      action: 'rds-db:connect',
      resource: `${user}/lake_${database === 'lake' ? 'curate' : database}`,
    },
    {
      name: `gives ${database}'s first user another password`,
      action: 'rds:ModifyDBCluster',
      resource: String(outputs.arn),
    },
  ];
}

function logTouches(groups: readonly Recorded[]): readonly Touch[] {
  return (['audit-trail', 'gateway-access', 'ingest', 'watch-refused-flows'] as const).flatMap((begins) => {
    const group = groups.find(({ name }) => name.startsWith(begins));
    if (group === undefined) throw new Error(`No log of ${begins} was recorded.`);
    const stream = `${arnOf(group)}:log-stream:1`;
    return [
      { name: `writes the log of ${begins}`, action: 'logs:PutLogEvents', resource: stream },
      { name: `reads the log of ${begins}`, action: 'logs:GetLogEvents', resource: stream },
    ];
  });
}

/** What there is one of. */
function singleTouches(of: (kind: string) => readonly Recorded[]): readonly Touch[] {
  const only = (kind: string): string => {
    const [one] = of(kind);
    if (one === undefined) throw new Error(`No ${kind} was recorded.`);
    return arnOf(one);
  };
  const role = (name: string): string => {
    const found = of('Role').find(({ inputs }) => ownName(String(inputs.name)) === name);
    if (found === undefined) throw new Error(`No role ${name} was recorded.`);
    return arnOf(found);
  };
  const passed = (to: string) => ({ 'iam:PassedToService': `${to}.amazonaws.com` });
  return [
    { name: 'starts a run', action: 'states:StartExecution', resource: only('StateMachine') },
    { name: 'starts a job', action: 'emr-serverless:StartJobRun', resource: only('Application') },
    {
      name: 'hands spark to its jobs',
      action: 'iam:PassRole',
      resource: role('spark'),
      context: passed('emr-serverless'),
    },
    {
      name: 'hands identity to a function',
      action: 'iam:PassRole',
      resource: role('identity'),
      context: passed('lambda'),
    },
    { name: 'comes to the warehouse', action: 'redshift-serverless:GetCredentials', resource: only('Workgroup') },
    { name: 'enters a workspace', action: 'ssm:StartSession', resource: only('Instance') },
    {
      name: 'takes the policy of the vault away',
      action: 'backup:DeleteBackupVaultAccessPolicy',
      resource: only('Vault'),
    },
    { name: 'stops the trail', action: 'cloudtrail:StopLogging', resource: only('Trail') },
    {
      name: 'makes an interface in the network',
      action: 'ec2:CreateNetworkInterface',
      resource: `arn:aws:ec2:${region}:${account}:network-interface/*`,
    },
  ];
}
