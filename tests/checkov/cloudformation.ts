import type { RecordedResource } from '../../stacks/commands/resource-graph';
import { bare } from './manifests';

type Fields = Readonly<Record<string, unknown>>;
interface Template {
  readonly AWSTemplateFormatVersion: string;
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties: Fields }>>;
}

/** Names that CloudFormation spells otherwise than Pulumi. */
const spelt: Readonly<Record<string, string>> = {
  kmsMasterKeyId: 'KmsMasterKeyId',
  dbClusterIdentifier: 'DBClusterIdentifier',
  cloudWatchLogsGroupArn: 'CloudWatchLogsLogGroupArn',
  isMultiRegionTrail: 'IsMultiRegionTrail',
};
const pascal = (key: string): string => spelt[key] ?? key.charAt(0).toUpperCase() + key.slice(1);
const policyKeys = new Set(['policy', 'assumeRolePolicy']);

/** Inputs with the names of CloudFormation; texts that are policies become documents. */
function propertiesOf(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => propertiesOf(item));
  if (policyKeys.has(key) && typeof value === 'string') return JSON.parse(value) as unknown;
  if (typeof value !== 'object' || value === null) return value;
  if (key === 'tags') return Object.entries(value).map(([Key, Value]) => ({ Key, Value }));
  if (key === 'variables' || key === 'dimensions') return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [pascal(name), propertiesOf(inner, name)]));
}
const all = (inputs: Fields): Fields => propertiesOf(inputs) as Fields;

type Render = (inputs: Fields, sides: (kind: string) => readonly Fields[]) => Fields;
const first = (list: readonly Fields[]): Fields => list[0] ?? {};
const listAt = (value: unknown, key: string): readonly Fields[] =>
  ((value as Fields | undefined)?.[key] ?? []) as readonly Fields[];

/** Settings of a bucket are resources of their own for Pulumi, and parts of the bucket for CloudFormation. */
const bucket: Render = (inputs, sides) => {
  const lock = first(sides('BucketObjectLockConfiguration'));
  return {
    BucketName: inputs.bucket,
    PublicAccessBlockConfiguration: Object.fromEntries(
      Object.entries(all(first(sides('BucketPublicAccessBlock')))).filter(([key]) => key !== 'Bucket'),
    ),
    VersioningConfiguration: all(first(sides('BucketVersioning'))).VersioningConfiguration,
    OwnershipControls: { Rules: [all(first(sides('BucketOwnershipControls'))).Rule] },
    BucketEncryption: {
      ServerSideEncryptionConfiguration: listAt(first(sides('BucketServerSideEncryptionConfiguration')), 'rules').map(
        (rule) => ({
          BucketKeyEnabled: rule.bucketKeyEnabled,
          ServerSideEncryptionByDefault: {
            SSEAlgorithm: (rule.applyServerSideEncryptionByDefault as Fields | undefined)?.sseAlgorithm,
            KMSMasterKeyID: (rule.applyServerSideEncryptionByDefault as Fields | undefined)?.kmsMasterKeyId,
          },
        }),
      ),
    },
    ...(inputs.objectLockEnabled === true ? { ObjectLockEnabled: true, ObjectLockConfiguration: all(lock) } : {}),
  };
};

const renders: Readonly<Record<string, readonly [type: string, Render]>> = {
  'aws:apigateway/restApi:RestApi': [
    'AWS::ApiGateway::RestApi',
    ({ name, endpointConfiguration }) => all({ name, endpointConfiguration }),
  ],
  'aws:apigateway/stage:Stage': [
    'AWS::ApiGateway::Stage',
    ({ restApi, xrayTracingEnabled, cacheClusterEnabled, accessLogSettings, ...rest }, sides) => ({
      ...all({ ...rest, cacheClusterEnabled }),
      RestApiId: restApi,
      TracingEnabled: xrayTracingEnabled,
      AccessLogSetting: all((accessLogSettings ?? {}) as Fields),
      MethodSettings: sides('MethodSettings').map(({ settings }) => all(settings as Fields)),
    }),
  ],
  'aws:backup/vault:Vault': [
    'AWS::Backup::BackupVault',
    ({ name, kmsKeyArn }) => ({ BackupVaultName: name, EncryptionKeyArn: kmsKeyArn }),
  ],
  'aws:cloudtrail/trail:Trail': [
    'AWS::CloudTrail::Trail',
    ({ kmsKeyId, isMultiRegionTrail, enableLogFileValidation, ...rest }) => ({
      ...all(rest),
      KMSKeyId: kmsKeyId,
      IsMultiRegionTrail: isMultiRegionTrail,
      EnableLogFileValidation: enableLogFileValidation,
      IsLogging: true,
    }),
  ],
  'aws:cloudwatch/logGroup:LogGroup': [
    'AWS::Logs::LogGroup',
    ({ name, retentionInDays, kmsKeyId }) => ({
      LogGroupName: name,
      RetentionInDays: retentionInDays,
      KmsKeyId: kmsKeyId,
    }),
  ],
  'aws:ec2/securityGroup:SecurityGroup': [
    'AWS::EC2::SecurityGroup',
    ({ description, vpcId, name }) => ({ GroupName: name, GroupDescription: description, VpcId: vpcId }),
  ],
  'aws:ec2/subnet:Subnet': ['AWS::EC2::Subnet', all],
  'aws:ec2/vpc:Vpc': ['AWS::EC2::VPC', all],
  'aws:ec2/vpcEndpoint:VpcEndpoint': [
    'AWS::EC2::VPCEndpoint',
    ({ policy, ...rest }) => ({ ...all(rest), PolicyDocument: propertiesOf(policy, 'policy') }),
  ],
  'aws:iam/policy:Policy': [
    'AWS::IAM::ManagedPolicy',
    ({ name, policy }) => ({ ManagedPolicyName: name, PolicyDocument: propertiesOf(policy, 'policy') }),
  ],
  'aws:iam/role:Role': [
    'AWS::IAM::Role',
    ({ name, assumeRolePolicy, permissionsBoundary }) => ({
      RoleName: name,
      AssumeRolePolicyDocument: propertiesOf(assumeRolePolicy, 'assumeRolePolicy'),
      PermissionsBoundary: permissionsBoundary,
    }),
  ],
  'aws:kms/key:Key': [
    'AWS::KMS::Key',
    ({ enableKeyRotation, policy, customerMasterKeySpec, keyUsage, deletionWindowInDays }) => ({
      EnableKeyRotation: enableKeyRotation,
      KeyPolicy: propertiesOf(policy, 'policy'),
      KeySpec: customerMasterKeySpec,
      KeyUsage: keyUsage,
      PendingWindowInDays: deletionWindowInDays,
    }),
  ],
  'aws:lambda/function:Function': [
    'AWS::Lambda::Function',
    ({ name, code: _code, memorySize, ...rest }) => ({ ...all(rest), FunctionName: name, MemorySize: memorySize }),
  ],
  'aws:lambda/permission:Permission': [
    'AWS::Lambda::Permission',
    ({ function: functionName, ...rest }) => ({ ...all(rest), FunctionName: functionName }),
  ],
  'aws:rds/cluster:Cluster': [
    'AWS::RDS::DBCluster',
    ({ iamDatabaseAuthenticationEnabled, enabledCloudwatchLogsExports, ...rest }) => ({
      ...all(rest),
      EnableIAMDatabaseAuthentication: iamDatabaseAuthenticationEnabled,
      EnableCloudwatchLogsExports: enabledCloudwatchLogsExports,
    }),
  ],
  'aws:rds/clusterInstance:ClusterInstance': [
    'AWS::RDS::DBInstance',
    ({ performanceInsightsEnabled, performanceInsightsKmsKeyId, clusterIdentifier, ...rest }) => ({
      ...all(rest),
      DBClusterIdentifier: clusterIdentifier,
      EnablePerformanceInsights: performanceInsightsEnabled,
      PerformanceInsightsKMSKeyId: performanceInsightsKmsKeyId,
    }),
  ],
  'aws:s3/bucket:Bucket': ['AWS::S3::Bucket', bucket],
  'aws:s3/bucketPolicy:BucketPolicy': [
    'AWS::S3::BucketPolicy',
    ({ bucket: name, policy }) => ({ Bucket: name, PolicyDocument: propertiesOf(policy, 'policy') }),
  ],
  'aws:secretsmanager/secret:Secret': ['AWS::SecretsManager::Secret', all],
  'aws:sns/topic:Topic': [
    'AWS::SNS::Topic',
    ({ name, kmsMasterKeyId }) => ({ TopicName: name, KmsMasterKeyId: kmsMasterKeyId }),
  ],
  'aws:sns/topicPolicy:TopicPolicy': [
    'AWS::SNS::TopicPolicy',
    ({ arn, policy }) => ({ Topics: [arn], PolicyDocument: propertiesOf(policy, 'policy') }),
  ],
  'aws:sqs/queue:Queue': [
    'AWS::SQS::Queue',
    ({ name, kmsMasterKeyId }) => ({ QueueName: name, KmsMasterKeyId: kmsMasterKeyId }),
  ],
  'aws:sqs/queuePolicy:QueuePolicy': [
    'AWS::SQS::QueuePolicy',
    ({ queueUrl, policy }) => ({ Queues: [queueUrl], PolicyDocument: propertiesOf(policy, 'policy') }),
  ],
  'aws:wafv2/webAcl:WebAcl': ['AWS::WAFv2::WebACL', all],
};

/**
 * A recorded AWS stack as a template of CloudFormation, for tools that read no Pulumi: the types that Checkov has rules for. It is
 * for looking at, not for deploying.
 */
export function templateOf(stack: readonly RecordedResource[]): Template {
  const sidesOf =
    ({ id, inputs }: RecordedResource) =>
    (kind: string): readonly Fields[] =>
      stack
        .filter(({ type }) => type.endsWith(`:${kind}`))
        .map((resource) => bare(resource.inputs) as Fields)
        .filter((side) => [id, inputs.bucket, inputs.stageName].includes(side.bucket ?? side.stageName));
  const entries = stack.flatMap((resource) => {
    const render = renders[resource.type];
    if (render === undefined) return [];
    const [Type, properties] = render;
    const name = resource.name
      .replaceAll(/[^A-Za-z0-9]/g, ' ')
      .replaceAll(/ +(\w)/g, (_, letter: string) => letter.toUpperCase());
    return [[name, { Type, Properties: properties(bare(resource.inputs) as Fields, sidesOf(resource)) }] as const];
  });
  return { AWSTemplateFormatVersion: '2010-09-09', Resources: Object.fromEntries(entries) };
}
