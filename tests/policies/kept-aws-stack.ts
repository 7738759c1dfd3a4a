import { awsType } from '../../components/guardrails/rules/aws-types';
import { madeUpAccount, madeUpOutputs } from '../../stacks/commands/made-up-outputs';
import type { RecordedResource } from '../../stacks/commands/resource-graph';

type Inputs = Readonly<Record<string, unknown>>;

const tags = {
  Application: 'nhs-data-lake',
  Owner: 'platform-team',
  CostCentre: 'NHS-1',
  Environment: 'production',
  Zone: 'lake',
  Classification: 'none',
};
const standing = { parent: '', component: '', provider: 'p::p', custom: true, protect: false, read: false };

function made(type: string, name: string, inputs: Inputs, protect = false): RecordedResource {
  const urn = `urn:pulumi:test::nhs-data-lake::${type}::${name}`;
  return { ...standing, type, name, urn, inputs, ...madeUpOutputs(type, name, inputs), protect };
}
const aws = (module: string, kind: string, name: string, inputs: Inputs): RecordedResource =>
  made(awsType(module, kind), name, inputs);
const tagged = (module: string, kind: string, name: string, inputs: Inputs, changes: Inputs = {}): RecordedResource =>
  aws(module, kind, name, { ...inputs, tags: { ...tags, ...changes } });
/** What holds data: the engine may not delete it. */
const kept = (module: string, kind: string, name: string, inputs: Inputs, changes: Inputs = {}): RecordedResource => ({
  ...tagged(module, kind, name, inputs, changes),
  protect: true,
});
const policy = (...statements: readonly Inputs[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements });

const keyArn = `arn:aws:kms:eu-west-2:${madeUpAccount}:key/of-the-zone`;
const open = {
  Effect: 'Deny',
  Principal: '*',
  Action: '*',
  Resource: '*',
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
};
const old = { ...open, Condition: { NumericLessThan: { 's3:TlsVersion': '1.3' } } };
const foreign = {
  ...open,
  Condition: {
    StringNotEquals: { 'aws:PrincipalAccount': madeUpAccount },
    BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' },
  },
};
const deletes = {
  Effect: 'Deny',
  Principal: '*',
  Action: ['s3:DeleteObject', 's3:DeleteObjectVersion'],
  Resource: '*',
  Condition: { ArnNotEquals: { 'aws:PrincipalArn': [`arn:aws:iam::${madeUpAccount}:role/lake-erasure`] } },
};
const flags = { blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true };

function bucket(name: string, changes: Inputs): readonly RecordedResource[] {
  const side = (kind: string, inputs: Inputs) => aws('s3', kind, `${name}-${kind}`, { bucket: name, ...inputs });
  return [
    kept('s3', 'Bucket', name, { bucket: name }, changes),
    side('BucketPublicAccessBlock', flags),
    side('BucketPolicy', { policy: policy(open, old, foreign, deletes) }),
    side('BucketOwnershipControls', { rule: { objectOwnership: 'BucketOwnerEnforced' } }),
    side('BucketVersioning', { versioningConfiguration: { status: 'Enabled' } }),
    side('BucketLifecycleConfiguration', {
      rules: [{ id: 'housekeeping', status: 'Enabled', abortIncompleteMultipartUpload: { daysAfterInitiation: 7 } }],
    }),
    side('BucketServerSideEncryptionConfiguration', {
      rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyId: keyArn } }],
    }),
  ];
}

const vpcId = madeUpOutputs(awsType('ec2', 'Vpc'), 'vpc', {}).id;
const stageArn = 'arn:aws:apigateway:eu-west-2::/restapis/of-the-lake/stages/r4';
const webAclArn = madeUpOutputs(awsType('wafv2', 'WebAcl'), 'firewall', {}).outputs.arn;
const own = { StringEquals: { 'aws:SourceAccount': madeUpAccount } };
const tunnel = (name: string): Inputs => ({
  [`${name}LogOptions`]: { cloudwatchLogOptions: { logEnabled: true } },
  [`${name}IkeVersions`]: ['ikev2'],
});

/** A little of everything that the rules about AWS look at, as each must be. */
export const keptAwsStack: readonly RecordedResource[] = [
  made('pulumi:providers:aws', 'aws', { region: 'eu-west-2', allowedAccountIds: JSON.stringify([madeUpAccount]) }),
  aws('s3', 'AccountPublicAccessBlock', 'account', flags),
  ...bucket('landing', { Zone: 'landing', Classification: 'pseudonymised' }),
  ...bucket('audit', { Zone: 'audit', Classification: 'audit' }),
  aws('s3', 'BucketObjectLockConfiguration', 'audit-lock', {
    bucket: 'audit',
    rule: { defaultRetention: { mode: 'COMPLIANCE', days: 3653 } },
  }),
  aws('s3', 'AccessPoint', 'marts', { vpcConfiguration: { vpcId }, publicAccessBlockConfiguration: flags }),
  kept('kms', 'Key', 'landing-key', {
    enableKeyRotation: true,
    deletionWindowInDays: 30,
    policy: policy({
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${madeUpAccount}:root` },
      Action: 'kms:*',
      Resource: '*',
    }),
  }),
  aws('secretsmanager', 'Secret', 'staff', { kmsKeyId: keyArn }),
  tagged('sns', 'Topic', 'landed', { kmsMasterKeyId: keyArn }),
  aws('sns', 'TopicPolicy', 'landed-policy', { policy: policy(open, foreign) }),
  tagged('sqs', 'Queue', 'landed-queue', { kmsMasterKeyId: keyArn }),
  aws('sqs', 'QueuePolicy', 'landed-queue-policy', { policy: policy(open, foreign) }),
  tagged('lambda', 'Function', 'ingest', {
    runtime: 'nodejs24.x',
    vpcConfig: { subnetIds: ['subnet-a', 'subnet-b'], securityGroupIds: ['sg-ingest'] },
    deadLetterConfig: { targetArn: `arn:aws:sqs:eu-west-2:${madeUpAccount}:dead` },
    reservedConcurrentExecutions: 10,
    kmsKeyArn: keyArn,
    tracingConfig: { mode: 'Active' },
  }),
  aws('lambda', 'Permission', 'gateway', {
    principal: 'apigateway.amazonaws.com',
    sourceArn: `arn:aws:execute-api:eu-west-2:${madeUpAccount}:api/*`,
    sourceAccount: madeUpAccount,
  }),
  tagged('iam', 'Role', 'ingest-role', {
    assumeRolePolicy: policy({
      Effect: 'Allow',
      Principal: { Service: 'lambda.amazonaws.com' },
      Action: 'sts:AssumeRole',
      Condition: own,
    }),
  }),
  aws('iam', 'Policy', 'ingest-policy', {
    policy: policy(
      { Effect: 'Allow', Action: ['s3:PutObject'], Resource: 'arn:aws:s3:::landing/*' },
      { Effect: 'Allow', Action: ['kms:Decrypt'], Resource: keyArn },
    ),
  }),
  kept('cognito', 'UserPool', 'staff-pool', {
    mfaConfiguration: 'ON',
    deletionProtection: 'ACTIVE',
    adminCreateUserConfig: { allowAdminCreateUserOnly: true },
  }),
  tagged('ec2', 'Vpc', 'vpc', { cidrBlock: '10.20.0.0/16' }),
  tagged('ec2', 'Subnet', 'subnet-a', { vpcId, cidrBlock: '10.20.0.0/20', mapPublicIpOnLaunch: false }),
  tagged('ec2', 'RouteTable', 'routes', { vpcId }),
  aws('ec2', 'Route', 'to-the-team', { destinationCidrBlock: '10.90.0.0/16' }),
  aws('ec2', 'DefaultSecurityGroup', 'default-group', { vpcId, ingress: [], egress: [] }),
  tagged('ec2', 'SecurityGroup', 'functions', { vpcId }),
  aws('vpc', 'SecurityGroupEgressRule', 'functions-to-keys', {
    cidrIpv4: '10.20.0.0/20',
    ipProtocol: 'tcp',
    fromPort: 443,
    toPort: 443,
  }),
  aws('vpc', 'SecurityGroupIngressRule', 'keys-from-functions', {
    cidrIpv4: '10.20.0.0/20',
    ipProtocol: 'tcp',
    fromPort: 443,
    toPort: 443,
  }),
  aws('ec2', 'FlowLog', 'flow-log', { vpcId, trafficType: 'ALL' }),
  aws('ec2', 'VpcBlockPublicAccessOptions', 'no-internet', { internetGatewayBlockMode: 'block-bidirectional' }),
  tagged('ec2', 'VpcEndpoint', 'keys', {
    vpcId,
    policy: policy({
      Effect: 'Allow',
      Principal: '*',
      Action: 'kms:*',
      Resource: '*',
      Condition: { StringEquals: { 'aws:PrincipalAccount': madeUpAccount, 'aws:ResourceAccount': madeUpAccount } },
    }),
  }),
  aws('ec2', 'VpcPeeringConnection', 'analytics', { vpcId, peerVpcId: 'vpc-of-the-team' }),
  aws('ec2', 'VpnConnection', 'site', { ...tunnel('tunnel1'), ...tunnel('tunnel2') }),
  aws('route53', 'ResolverFirewallRuleGroupAssociation', 'names', { vpcId }),
  aws('route53', 'ResolverQueryLogConfigAssociation', 'questions', { resourceId: vpcId }),
  tagged('apigateway', 'RestApi', 'api', {
    body: JSON.stringify({
      paths: {
        '/FHIR/R4/metadata': { get: {} },
        '/FHIR/R4/Patient': { post: { security: [{ bearer: [] }] } },
      },
    }),
    securityPolicy: 'SecurityPolicy_TLS13_1_3_2025_09',
    endpointAccessMode: 'STRICT',
  }),
  aws('apigateway', 'Stage', 'stage', {
    restApi: 'of-the-lake',
    stageName: 'r4',
    accessLogSettings: { destinationArn: 'arn', format: '{"id":"$context.requestId","tls":"$context.tlsVersion"}' },
    xrayTracingEnabled: true,
  }),
  aws('apigateway', 'MethodSettings', 'methods', {
    settings: {
      cachingEnabled: true,
      cacheDataEncrypted: true,
      dataTraceEnabled: false,
      loggingLevel: 'ERROR',
      throttlingRateLimit: 100,
      throttlingBurstLimit: 200,
    },
  }),
  aws('wafv2', 'WebAcl', 'firewall', {}),
  aws('wafv2', 'WebAclAssociation', 'before-the-api', { resourceArn: stageArn, webAclArn }),
  aws('wafv2', 'WebAclLoggingConfiguration', 'refused', { resourceArn: webAclArn }),
  kept('rds', 'Cluster', 'state', {
    storageEncrypted: true,
    kmsKeyId: keyArn,
    backupRetentionPeriod: 35,
    deletionProtection: true,
    iamDatabaseAuthenticationEnabled: true,
    enabledCloudwatchLogsExports: ['postgresql'],
  }),
  aws('rds', 'ClusterInstance', 'state-a', { publiclyAccessible: false }),
  aws('rds', 'ClusterParameterGroup', 'state-parameters', { parameters: [{ name: 'rds.force_ssl', value: '1' }] }),
  kept('redshiftserverless', 'Namespace', 'warehouse', {
    kmsKeyId: keyArn,
    adminUsername: 'lakekeeper',
    dbName: 'marts',
    logExports: ['userlog', 'connectionlog', 'useractivitylog'],
  }),
  tagged('redshiftserverless', 'Workgroup', 'warehouse-group', {
    publiclyAccessible: false,
    enhancedVpcRouting: true,
    configParameters: [{ parameterKey: 'require_ssl', parameterValue: 'true' }],
  }),
  aws('cloudtrail', 'Trail', 'trail', {
    isMultiRegionTrail: true,
    enableLogFileValidation: true,
    kmsKeyId: keyArn,
    cloudWatchLogsGroupArn: 'arn',
    cloudWatchLogsRoleArn: 'arn',
    advancedEventSelectors: [
      {
        fieldSelectors: [
          { field: 'eventCategory', equals: ['Data'] },
          { field: 'resources.type', equals: ['AWS::S3::Object'] },
        ],
      },
    ],
  }),
  aws('cfg', 'RecorderStatus', 'recorder', { isEnabled: true }),
  aws('guardduty', 'Detector', 'detector', { enable: true }),
  tagged('cloudwatch', 'LogGroup', 'ingest-log', { retentionInDays: 365, kmsKeyId: keyArn }),
  aws('cloudwatch', 'MetricAlarm', 'dead-letters', { alarmActions: ['arn'] }),
  kept('ec2', 'Instance', 'workspace', {
    associatePublicIpAddress: false,
    subnetId: 'subnet-a',
    iamInstanceProfile: 'research-flu',
    metadataOptions: { httpTokens: 'required' },
    rootBlockDevice: { encrypted: true, kmsKeyId: keyArn },
  }),
  tagged('emrserverless', 'Application', 'spark', { maximumCapacity: { cpu: '64 vCPU', memory: '256 GB' } }),
  tagged('sfn', 'StateMachine', 'curation', { loggingConfiguration: { level: 'ERROR', includeExecutionData: false } }),
  kept('backup', 'Vault', 'vault', { name: 'vault', kmsKeyArn: keyArn }),
  aws('backup', 'VaultLockConfiguration', 'vault-lock', { backupVaultName: 'vault', minRetentionDays: 7 }),
].map((resource) =>
  resource.name === 'stage' ? { ...resource, outputs: { ...resource.outputs, arn: stageArn } } : resource,
);
