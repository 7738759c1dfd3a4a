import { awsType as aws } from '../../components/guardrails/rules/aws-types';
import { evasiveAwsMutants } from './aws-evasions';
import { add, drop, flip, type Mutant, restate } from './mutation';

const bucket = aws('s3', 'Bucket');
const lambda = aws('lambda', 'Function');
const trail = aws('cloudtrail', 'Trail');
const stage = aws('apigateway', 'Stage');
const methods = aws('apigateway', 'MethodSettings');
const cluster = aws('rds', 'Cluster');
const namespace = aws('redshiftserverless', 'Namespace');
const workgroup = aws('redshiftserverless', 'Workgroup');
const side = (kind: string): string => aws('s3', kind);
const region = ({ inputs }: { readonly inputs: Readonly<Record<string, unknown>> }): boolean =>
  inputs.region !== undefined;

/** Takes a condition's key out of the statements that have it. */
const without = (key: string) => (statement: Record<string, unknown>) =>
  JSON.stringify(statement.Condition ?? {}).includes(key) ? undefined : statement;

/** For each rule about AWS one argument flipped, which it must find and no other rule may. */
export const awsMutants: Readonly<Record<string, Mutant>> = {
  'account-named': flip('pulumi:providers:aws', 'allowedAccountIds', undefined),
  'alarm-tells-somebody': flip(aws('cloudwatch', 'MetricAlarm'), 'alarmActions', []),
  'api-access-logged': flip(stage, 'accessLogSettings.format', '$context.tlsVersion $context.path'),
  'api-authorised': flip(aws('apigateway', 'RestApi'), 'body', '{"paths":{"/FHIR/R4/Patient":{"post":{}}}}'),
  'api-behind-firewall': drop(aws('wafv2', 'WebAclAssociation')),
  'api-cache-encrypted': flip(methods, 'settings.cacheDataEncrypted', false, ({ inputs }) =>
    JSON.stringify(inputs).includes('"cachingEnabled":true'),
  ),
  'api-no-content-logged': flip(methods, 'settings.dataTraceEnabled', true),
  'api-throttled': flip(methods, 'settings.throttlingRateLimit', undefined),
  'api-tls': flip(aws('apigateway', 'RestApi'), 'securityPolicy', 'SecurityPolicy_TLS13_1_2_2021_06'),
  'api-traced': flip(stage, 'xrayTracingEnabled', false),
  'audit-services-there': drop(trail),
  'backup-encrypted': flip(aws('backup', 'Vault'), 'kmsKeyArn', undefined),
  'backup-locked': flip(aws('backup', 'VaultLockConfiguration'), 'minRetentionDays', undefined),
  'cognito-mfa': flip(aws('cognito', 'UserPool'), 'mfaConfiguration', 'OPTIONAL'),
  'cognito-protected': flip(aws('cognito', 'UserPool'), 'deletionProtection', 'INACTIVE'),
  'config-recorded': flip(aws('cfg', 'RecorderStatus'), 'isEnabled', false),
  'endpoint-policy': flip(aws('ec2', 'VpcEndpoint'), 'policy', undefined),
  'iam-no-inline-policy': flip(aws('iam', 'Role'), 'inlinePolicies', [{ name: 'more' }]),
  'iam-no-users': add(aws('iam', 'User'), {}),
  'iam-policy-decrypt-named': restate(
    aws('iam', 'Policy'),
    'policy',
    (statement) =>
      JSON.stringify(statement.Action).includes('kms:Decrypt')
        ? { Effect: 'Allow', Action: 'kms:Decrypt', Resource: '*' }
        : statement,
    ({ inputs }) => String(inputs.policy).includes('kms:Decrypt'),
  ),
  'iam-policy-no-wildcard': restate(aws('iam', 'Policy'), 'policy', (statement) => ({ ...statement, Action: 's3:*' })),
  'iam-role-trust-named': restate(
    aws('iam', 'Role'),
    'assumeRolePolicy',
    ({ Condition: _condition, ...statement }) => statement,
  ),
  'kms-key-deletion-window': flip(aws('kms', 'Key'), 'deletionWindowInDays', 7),
  'kms-key-own-account': flip(
    aws('kms', 'Key'),
    'policy',
    JSON.stringify({ Statement: [{ Effect: 'Allow', Principal: '*', Action: 'kms:*', Resource: '*' }] }),
  ),
  'kms-key-rotated': flip(
    aws('kms', 'Key'),
    'enableKeyRotation',
    false,
    ({ inputs }) => inputs.enableKeyRotation === true,
  ),
  'lambda-environment-encrypted': flip(lambda, 'kmsKeyArn', undefined),
  'lambda-failures-kept': flip(lambda, 'deadLetterConfig', undefined),
  'lambda-in-network': flip(lambda, 'vpcConfig.subnetIds', ['subnet-a']),
  'lambda-invoked-by-name': flip(aws('lambda', 'Permission'), 'sourceAccount', undefined),
  'lambda-runtime-supported': flip(lambda, 'runtime', 'nodejs18.x'),
  'lambda-traced': flip(lambda, 'tracingConfig.mode', 'PassThrough'),
  'log-group-encrypted': flip(aws('cloudwatch', 'LogGroup'), 'kmsKeyId', undefined),
  'log-group-kept': flip(aws('cloudwatch', 'LogGroup'), 'retentionInDays', 0),
  'rds-backed-up': flip(cluster, 'deletionProtection', false),
  'rds-encrypted': flip(cluster, 'storageEncrypted', false),
  'rds-identity-login': flip(cluster, 'iamDatabaseAuthenticationEnabled', false),
  'rds-logged': flip(cluster, 'enabledCloudwatchLogsExports', []),
  'rds-private': flip(aws('rds', 'ClusterInstance'), 'publiclyAccessible', true),
  'rds-tls': flip(aws('rds', 'ClusterParameterGroup'), 'parameters', [{ name: 'rds.force_ssl', value: '0' }]),
  'redshift-encrypted': flip(namespace, 'kmsKeyId', undefined),
  'redshift-logged': flip(namespace, 'logExports', ['userlog']),
  'redshift-own-names': flip(namespace, 'adminUsername', 'admin'),
  'redshift-private': flip(workgroup, 'publiclyAccessible', true),
  'redshift-tls': flip(workgroup, 'configParameters', []),
  'route-no-default': flip(aws('ec2', 'Route'), 'destinationCidrBlock', '0.0.0.0/0'),
  's3-access-point-private': flip(aws('s3', 'AccessPoint'), 'vpcConfiguration', undefined),
  's3-account-closed': flip(side('AccountPublicAccessBlock'), 'blockPublicPolicy', false),
  's3-audit-locked': flip(side('BucketObjectLockConfiguration'), 'rule.defaultRetention.mode', 'GOVERNANCE'),
  's3-bucket-closed': flip(side('BucketPublicAccessBlock'), 'restrictPublicBuckets', false),
  's3-bucket-encrypted': flip(
    side('BucketServerSideEncryptionConfiguration'),
    'rules.0.applyServerSideEncryptionByDefault.sseAlgorithm',
    'AES256',
  ),
  's3-bucket-lifecycle': flip(side('BucketLifecycleConfiguration'), 'rules', []),
  's3-bucket-own-account': restate(side('BucketPolicy'), 'policy', without('aws:PrincipalAccount')),
  's3-bucket-owner-enforced': flip(side('BucketOwnershipControls'), 'rule.objectOwnership', 'ObjectWriter'),
  's3-bucket-tls': restate(side('BucketPolicy'), 'policy', without('aws:SecureTransport')),
  's3-bucket-versioned': flip(side('BucketVersioning'), 'versioningConfiguration.status', 'Suspended'),
  's3-clinical-erasable': (stack) => {
    const clinical = stack.find(
      ({ type, inputs }) =>
        type === bucket &&
        ['identifiable', 'pseudonymised'].includes(String((inputs.tags as Record<string, unknown>).Classification)),
    );
    return add(side('BucketObjectLockConfiguration'), {
      bucket: clinical?.inputs.bucket,
      rule: { defaultRetention: { mode: 'COMPLIANCE', days: 1 } },
    })(stack);
  },
  's3-copies-in-uk': (stack) =>
    add(side('BucketReplicationConfig'), { bucket: stack.find(({ type }) => type === bucket)?.inputs.bucket })(stack),
  's3-delete-reserved': restate(
    side('BucketPolicy'),
    'policy',
    (statement) => (JSON.stringify(statement).includes('s3:DeleteObjectVersion') ? undefined : statement),
    ({ inputs }) =>
      /s3:::[^"]*landing|Principal":"\*"/.test(String(inputs.policy)) &&
      String(inputs.policy).includes('s3:DeleteObjectVersion'),
  ),
  'secret-encrypted': flip(aws('secretsmanager', 'Secret'), 'kmsKeyId', undefined),
  'security-group-no-open-egress': flip(aws('vpc', 'SecurityGroupEgressRule'), 'cidrIpv4', '0.0.0.0/0'),
  'security-group-no-open-ingress': flip(aws('vpc', 'SecurityGroupIngressRule'), 'cidrIpv4', '0.0.0.0/0'),
  'sns-topic-closed': restate(aws('sns', 'TopicPolicy'), 'policy', without('aws:SecureTransport')),
  'sns-topic-encrypted': flip(aws('sns', 'Topic'), 'kmsMasterKeyId', 'alias/aws/sns'),
  'sqs-queue-closed': restate(aws('sqs', 'QueuePolicy'), 'policy', without('aws:SecureTransport')),
  'sqs-queue-encrypted': flip(aws('sqs', 'Queue'), 'kmsMasterKeyId', undefined),
  'state-machine-logged': flip(aws('sfn', 'StateMachine'), 'loggingConfiguration.includeExecutionData', true),
  'stateful-protected': (stack) => {
    const target = stack.find(({ type }) => type === cluster);
    return stack.map((resource) => (resource === target ? { ...resource, protect: false } : resource));
  },
  'subnet-no-public-address': flip(aws('ec2', 'Subnet'), 'mapPublicIpOnLaunch', true),
  tagged: flip(aws('sqs', 'Queue'), 'tags.Owner', undefined),
  'threats-detected': flip(aws('guardduty', 'Detector'), 'enable', false),
  'trail-complete': flip(trail, 'enableLogFileValidation', false),
  'trail-data-events': flip(trail, 'advancedEventSelectors', []),
  'trail-encrypted': flip(trail, 'kmsKeyId', undefined),
  'trail-watched': flip(trail, 'cloudWatchLogsGroupArn', undefined),
  'uk-resident': flip('pulumi:providers:aws', 'region', 'eu-west-1', region),
  'vpc-attached-by-name': flip(aws('ec2', 'VpcPeeringConnection'), 'peerVpcId', undefined),
  'vpc-default-group-empty': flip(aws('ec2', 'DefaultSecurityGroup'), 'ingress', [{ protocol: '-1', self: true }]),
  'vpc-flow-logged': flip(aws('ec2', 'FlowLog'), 'trafficType', 'ACCEPT'),
  'vpc-names-guarded': drop(aws('route53', 'ResolverFirewallRuleGroupAssociation')),
  'vpc-no-way-out': add(aws('ec2', 'InternetGateway'), {}),
  'vpc-public-access-blocked': flip(aws('ec2', 'VpcBlockPublicAccessOptions'), 'internetGatewayBlockMode', 'off'),
  'vpn-logged': flip(aws('ec2', 'VpnConnection'), 'tunnel2IkeVersions', ['ikev1', 'ikev2']),
  'waf-logged': drop(aws('wafv2', 'WebAclLoggingConfiguration')),
  'workspace-closed': flip(aws('ec2', 'Instance'), 'metadataOptions.httpTokens', 'optional'),
  'workspace-encrypted': flip(aws('ec2', 'Instance'), 'rootBlockDevice.kmsKeyId', undefined),
};

/** Further ways to break a rule, each of which it must find too. */
export const furtherAwsMutants: readonly (readonly [rule: string, Mutant])[] = [
  ...evasiveAwsMutants,
  ['lambda-invoked-by-name', add(aws('lambda', 'FunctionUrl'), { authorizationType: 'AWS_IAM' })],
  ['lambda-invoked-by-name', flip(aws('lambda', 'Permission'), 'principal', '*')],
  ['lambda-failures-kept', flip(lambda, 'reservedConcurrentExecutions', undefined)],
  ['iam-no-inline-policy', add(aws('iam', 'RolePolicy'), { policy: '{}' })],
  ['iam-no-users', add(aws('iam', 'AccessKey'), {})],
  [
    'iam-policy-no-wildcard',
    restate(aws('iam', 'Policy'), 'policy', ({ Action: _action, ...statement }) => ({
      ...statement,
      NotAction: 'iam:*',
    })),
  ],
  ['s3-bucket-closed', drop(side('BucketPublicAccessBlock'))],
  ['s3-bucket-encrypted', drop(side('BucketServerSideEncryptionConfiguration'))],
  ['s3-bucket-tls', restate(side('BucketPolicy'), 'policy', without('s3:TlsVersion'))],
  [
    's3-bucket-own-account',
    restate(side('BucketPolicy'), 'policy', (statement) =>
      JSON.stringify(statement).includes('s3:TlsVersion')
        ? [
            statement,
            {
              Effect: 'Allow',
              Principal: { AWS: 'arn:aws:iam::999988887777:root' },
              Action: 's3:GetObject',
              Resource: '*',
            },
          ]
        : statement,
    ),
  ],
  ['s3-audit-locked', drop(side('BucketObjectLockConfiguration'))],
  ['vpc-no-way-out', add(aws('ec2', 'NatGateway'), {})],
  ['vpc-no-way-out', add(aws('ec2', 'EgressOnlyInternetGateway'), {})],
  ['route-no-default', flip(aws('ec2', 'Route'), 'destinationIpv6CidrBlock', '::/0')],
  ['route-no-default', flip(aws('ec2', 'RouteTable'), 'routes', [{ cidrBlock: '0.0.0.0/0' }])],
  ['security-group-no-open-egress', flip(aws('ec2', 'SecurityGroup'), 'egress', [{ cidrBlocks: ['0.0.0.0/0'] }])],
  ['security-group-no-open-ingress', flip(aws('ec2', 'SecurityGroup'), 'ingress', [{ ipv6CidrBlocks: ['::/0'] }])],
  ['vpc-flow-logged', drop(aws('ec2', 'FlowLog'))],
  ['vpc-names-guarded', drop(aws('route53', 'ResolverQueryLogConfigAssociation'))],
  ['api-tls', flip(aws('apigateway', 'RestApi'), 'endpointAccessMode', undefined)],
  // Only mutual TLS excuses a domain.
  ['api-tls', add(aws('apigateway', 'DomainName'), { domainName: 'lake.example.nhs.uk', securityPolicy: 'TLS_1_2' })],
  [
    'api-authorised',
    flip(aws('apigateway', 'RestApi'), 'body', '{"paths":{"/FHIR/R4/Patient":{"post":{"security":[{}]}}}}'),
  ],
  ['api-access-logged', flip(stage, 'accessLogSettings', undefined)],
  ['rds-backed-up', flip(cluster, 'backupRetentionPeriod', 1)],
  ['rds-encrypted', flip(cluster, 'kmsKeyId', undefined)],
  ['redshift-private', flip(workgroup, 'enhancedVpcRouting', undefined)],
  ['redshift-own-names', flip(namespace, 'dbName', 'dev')],
  [
    'trail-data-events',
    flip(trail, 'advancedEventSelectors', [
      {
        fieldSelectors: [
          { field: 'eventCategory', equals: ['Data'] },
          { field: 'resources.type', equals: ['AWS::S3::Object'] },
          { field: 'readOnly', equals: ['false'] },
        ],
      },
    ]),
  ],
  ['uk-resident', flip(aws('sqs', 'Queue'), 'region', 'us-east-1')],
  ['log-group-kept', flip(aws('cloudwatch', 'LogGroup'), 'retentionInDays', 4)],
  [
    'endpoint-policy',
    flip(
      aws('ec2', 'VpcEndpoint'),
      'policy',
      JSON.stringify({ Statement: [{ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }] }),
    ),
  ],
];
