import type { GraphResource } from '../../../components/guardrails/reachability/graph-resource';
import { projects } from './networks';
import { account, arnOf, idOf, inZone, policy, type Statement, written } from './written-resource';

export const buckets = ['landing', 'identity', 'inbox', 'curated', 'marts', 'audit'] as const;
type Bucket = (typeof buckets)[number];

const zoneOf = (bucket: Bucket): string => {
  if (bucket === 'inbox') return 'identity';
  return bucket === 'marts' ? 'tre' : bucket === 'identity' ? 'identity' : 'lake';
};

const moving = ['s3:GetObject*', 's3:PutObject*', 's3:DeleteObject*', 's3:ListBucket*'];

/** Of what senders put from outside: signed, and good for a quarter of an hour. */
const uploadStatements: readonly Statement[] = [
  {
    Sid: 'OutsideOnlySigned',
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:PutObject',
    Resource: 'arn:aws:s3:::inbox/*',
    Condition: {
      StringNotEqualsIfExists: { 'aws:SourceVpce': [idOf('lake-s3')] },
      StringNotEquals: { 's3:authType': 'REST-QUERY-STRING' },
    },
  },
  {
    Sid: 'OnlyYoungSignatures',
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:PutObject',
    Resource: 'arn:aws:s3:::inbox/*',
    Condition: { NumericGreaterThan: { 's3:signatureAge': '900000' } },
  },
];

/** The statements of every bucket; of the inbox anyone with a signed upload may put, from anywhere, and no more. */
function bucketStatements(bucket: Bucket): readonly Statement[] {
  const Resource = [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`];
  const everyone = { Principal: '*', Resource } as const;
  return [
    {
      Sid: 'TlsAlone',
      Effect: 'Deny',
      Action: 's3:*',
      ...everyone,
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    },
    {
      Sid: 'OurAccountAlone',
      Effect: 'Deny',
      Action: 's3:*',
      ...everyone,
      Condition: {
        StringNotEquals: { 'aws:PrincipalAccount': account },
        BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' },
      },
    },
    {
      Sid: 'OurNetworksAlone',
      Effect: 'Deny',
      Action: bucket === 'inbox' ? moving.filter((action) => action !== 's3:PutObject*') : moving,
      ...everyone,
      Condition: {
        StringNotEqualsIfExists: { 'aws:SourceVpce': [idOf('lake-s3'), idOf('tre-s3')] },
        BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' },
      },
    },
    ...(bucket === 'inbox' ? uploadStatements : []),
    ...(bucket === 'audit'
      ? [
          {
            Sid: 'TrailWrites',
            Effect: 'Allow' as const,
            Principal: { Service: 'cloudtrail.amazonaws.com' },
            Action: 's3:PutObject',
            Resource: 'arn:aws:s3:::audit/*',
            Condition: { StringEquals: { 'aws:SourceAccount': account } },
          },
        ]
      : []),
  ];
}

const keys = [...buckets, 'events', 'secrets'] as const;

/** Who may open what a zone's key closes: the roles of the zone, and no administrator. */
function keyPolicy(key: (typeof keys)[number]): string {
  const principal = { AWS: `arn:aws:iam::${account}:root` };
  return policy(
    { Sid: 'OurAccount', Effect: 'Allow', Principal: principal, Action: 'kms:*', Resource: '*' },
    {
      Sid: 'RolesOfTheZoneAlone',
      Effect: 'Deny',
      Principal: '*',
      Action: ['kms:Decrypt', 'kms:GenerateDataKey*', 'kms:Encrypt', 'kms:ReEncrypt*', 'kms:CreateGrant'],
      Resource: '*',
      Condition: { ArnNotLike: { 'aws:PrincipalArn': [`arn:aws:iam::${account}:role/${key}-*`] } },
    },
  );
}

export const stores: readonly GraphResource[] = [
  ...keys.map((key) =>
    written('aws:kms/key:Key', key, {
      enableKeyRotation: true,
      policy: keyPolicy(key),
      tags: inZone(key === 'identity' ? 'identity' : 'lake'),
    }),
  ),
  ...buckets.flatMap((bucket) => [
    { ...written('aws:s3/bucket:Bucket', bucket, { bucket, tags: inZone(zoneOf(bucket)) }), id: bucket },
    written('aws:s3/bucketPolicy:BucketPolicy', bucket, { bucket, policy: policy(...bucketStatements(bucket)) }),
    written('aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock', bucket, {
      bucket,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    }),
  ]),
  ...projects.map((project) =>
    written('aws:s3/accessPoint:AccessPoint', `marts-${project}`, {
      bucket: 'marts',
      vpcConfiguration: { vpcId: idOf('tre') },
    }),
  ),
  ...(['lake', 'identity'] as const).flatMap((zone) => [
    written('aws:rds/subnetGroup:SubnetGroup', `${zone}-database`, {
      subnetIds: [idOf(`${zone}-a`), idOf(`${zone}-b`)],
    }),
    written('aws:rds/cluster:Cluster', `${zone}-database`, {
      engine: 'aurora-postgresql',
      dbSubnetGroupName: `${zone}-database`,
      vpcSecurityGroupIds: [idOf(`${zone}-database`)],
      storageEncrypted: true,
      kmsKeyId: arnOf('aws:kms/key:Key', zone === 'lake' ? 'landing' : 'identity'),
      tags: inZone(zone),
    }),
  ]),
  written('aws:sns/topic:Topic', 'landed', { kmsMasterKeyId: idOf('events'), tags: inZone('lake') }),
  written('aws:sns/topicPolicy:TopicPolicy', 'landed', {
    arn: arnOf('aws:sns/topic:Topic', 'landed'),
    policy: policy({
      Sid: 'DispatchPublishes',
      Effect: 'Allow',
      Principal: { AWS: arnOf('aws:iam/role:Role', 'dispatch') },
      Action: 'sns:Publish',
      Resource: arnOf('aws:sns/topic:Topic', 'landed'),
    }),
  }),
  written('aws:sqs/queue:Queue', 'curate', { kmsMasterKeyId: idOf('events'), tags: inZone('lake') }),
  written('aws:sqs/queuePolicy:QueuePolicy', 'curate', {
    queueUrl: idOf('curate'),
    policy: policy({
      Sid: 'TopicSends',
      Effect: 'Allow',
      Principal: { Service: 'sns.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: arnOf('aws:sqs/queue:Queue', 'curate'),
      Condition: { ArnEquals: { 'aws:SourceArn': arnOf('aws:sns/topic:Topic', 'landed') } },
    }),
  }),
  written('aws:sns/topicSubscription:TopicSubscription', 'curate', {
    topic: arnOf('aws:sns/topic:Topic', 'landed'),
    protocol: 'sqs',
    endpoint: arnOf('aws:sqs/queue:Queue', 'curate'),
  }),
  written('aws:secretsmanager/secret:Secret', 'pseudonym', {
    kmsKeyId: idOf('secrets'),
    policy: policy({
      Sid: 'Ingest',
      Effect: 'Allow',
      Principal: { AWS: arnOf('aws:iam/role:Role', 'ingest') },
      Action: 'secretsmanager:GetSecretValue',
      Resource: '*',
    }),
    tags: inZone('lake'),
  }),
  written('aws:glue/catalogDatabase:CatalogDatabase', 'marts', { name: 'marts', tags: inZone('tre') }),
  written('aws:ecr/repository:Repository', 'spark', { name: 'spark', tags: inZone('lake') }),
  written('aws:backup/vault:Vault', 'lake', { kmsKeyArn: arnOf('aws:kms/key:Key', 'landing'), tags: inZone('lake') }),
  written('aws:backup/plan:Plan', 'lake', {
    rules: [{ ruleName: 'daily', targetVaultName: 'lake', schedule: 'cron(0 3 * * ? *)' }],
  }),
  written('aws:cloudtrail/trail:Trail', 'lake', {
    s3BucketName: 'audit',
    kmsKeyId: arnOf('aws:kms/key:Key', 'audit'),
    enableLogFileValidation: true,
  }),
  written('aws:redshiftserverless/namespace:Namespace', 'warehouse', {
    namespaceName: 'warehouse',
    tags: inZone('tre'),
  }),
  written('aws:redshiftserverless/workgroup:Workgroup', 'warehouse', {
    workgroupName: 'warehouse',
    namespaceName: 'warehouse',
    subnetIds: [idOf('tre-shared-a'), idOf('tre-shared-b')],
    securityGroupIds: [idOf('tre-warehouse')],
    enhancedVpcRouting: true,
    publiclyAccessible: false,
    tags: inZone('tre'),
  }),
  written('aws:cloudwatch/eventRule:EventRule', 'refused-logins', {
    eventPattern: JSON.stringify({ source: ['aws.signin'] }),
  }),
  written('aws:cloudwatch/eventTarget:EventTarget', 'refused-logins', {
    rule: 'refused-logins',
    arn: arnOf('aws:sns/topic:Topic', 'landed'),
  }),
];
