import { awsType as aws } from '../../../components/guardrails/rules/aws-types';
import type { RecordedResource } from '../resource-graph';
import { functionCost, queueCost } from './aws-message-work';
import { amountAt, type CostModel, line, monthDays, monthHours } from './cost-line';

const kibibytesOfGibibyte = 1024 * 1024;
const bucket = aws('s3', 'Bucket');
/** What one request writes to a log, KiB. */
const logOfRequest = 1;
/** Calls of each service that one message makes: written, and its key asked for. */
const callsOf = { key: 2, dataEvents: 4, put: 2 };
/** Resources that change in a month, each an item of the recorder. */
const configurationItems = 2000;

/** Each has the same part of what all hold. */
const partOf = (stack: readonly RecordedResource[], type: string): number => {
  const count = stack.filter((resource) => resource.type === type).length;
  return count === 0 ? 0 : 1 / count;
};
const lengthAt = (inputs: unknown, key: string): number => {
  const found = (inputs as Readonly<Record<string, unknown>>)[key];
  return Array.isArray(found) ? found.length : 0;
};

/** Processors of a size of instance: `large` has 2, `xlarge` 4, `NxLarge` four times as many (Amazon EC2, "Instance types"). */
const processorsOf = (instanceType: string): number => {
  const size = instanceType.split('.')[1] ?? '';
  const times = /^([0-9]*)xlarge$/.exec(size);
  return times === null ? 2 : 4 * Number(times[1] === '' ? 1 : times[1]);
};

/**
 * What each resource of a lake on AWS costs: an estimate that errs on the high side where it errs. Data between services of one
 * region is counted with the requests.
 */
export const awsCosts: CostModel = {
  costs: {
    [aws('apigateway', 'RestApi')]: (_api, { messages, tokens }) => [
      line('api request', messages, 'messages'),
      line('api request', tokens, 'tokens'),
    ],
    [aws('apigateway', 'Stage')]: ({ inputs }) => [
      line(
        'api cache hour',
        inputs.cacheClusterEnabled === true ? monthHours * 2 * (amountAt(inputs, 'cacheClusterSize') ?? 0.5) : 0,
      ),
    ],
    [aws('backup', 'Vault')]: (_vault, { storedGibibytes }, stack) => [
      line('backup GiB', storedGibibytes * partOf(stack, aws('backup', 'Vault')), 'storedGibibytes'),
    ],
    [aws('cfg', 'Recorder')]: () => [line('configuration item', configurationItems)],
    [aws('cloudtrail', 'Trail')]: (_trail, { messages }) => [
      line('data event', messages * callsOf.dataEvents, 'messages'),
    ],
    [aws('cloudwatch', 'LogGroup')]: (_group, { messages }) => [
      line('log GiB', (messages * logOfRequest) / kibibytesOfGibibyte, 'messages'),
    ],
    [aws('cloudwatch', 'MetricAlarm')]: () => [line('alarm', 1)],
    [aws('cognito', 'UserPool')]: (_pool, { tokens }) => [line('token', tokens, 'tokens')],
    [aws('ec2', 'FlowLog')]: (_log, { messages }) => [
      line('flow log GiB', (messages * logOfRequest) / kibibytesOfGibibyte, 'messages'),
    ],
    // Switched on all month: nobody has said when it sleeps.
    [aws('ec2', 'Instance')]: ({ inputs }) => [
      line('workspace vCPU hour', processorsOf(String(inputs.instanceType)) * monthHours),
      line('disk GiB', amountAt(inputs, 'rootBlockDevice.volumeSize') ?? 8),
    ],
    [aws('ec2', 'VpcEndpoint')]: ({ inputs }) => [
      line(
        'endpoint hour',
        inputs.vpcEndpointType === 'Interface' ? monthHours * Math.max(1, lengthAt(inputs, 'subnetIds')) : 0,
      ),
    ],
    [aws('ec2', 'VpcEncryptionControl')]: () => [line('network encryption hour', monthHours)],
    [aws('ec2', 'VpnConnection')]: () => [line('vpn hour', monthHours)],
    // Hours of people who are connected come on top.
    [aws('ec2clientvpn', 'NetworkAssociation')]: () => [line('client vpn hour', monthHours)],
    [aws('emrserverless', 'Application')]: ({ inputs }, { jobHours }) => [
      line('job vCPU hour', (amountAt(inputs, 'maximumCapacity.cpu') ?? 16) * jobHours * monthDays, 'jobHours'),
      line('job GiB hour', (amountAt(inputs, 'maximumCapacity.memory') ?? 64) * jobHours * monthDays, 'jobHours'),
    ],
    [aws('glue', 'Crawler')]: (_crawler, { jobHours }) => [line('crawler hour', jobHours * monthDays, 'jobHours')],
    [aws('guardduty', 'Detector')]: (_detector, { messages }) => [line('detector event', messages, 'messages')],
    [aws('kms', 'Key')]: (_key, { messages }, stack) => [
      line('key', 1),
      line('key request', messages * callsOf.key * partOf(stack, aws('kms', 'Key')), 'messages'),
    ],
    [aws('lambda', 'Function')]: functionCost,
    [aws('macie2', 'Account')]: (_account, _use, stack) => [
      line('watched bucket', stack.filter(({ type }) => type === bucket).length),
    ],
    [aws('rds', 'Cluster')]: (_cluster, { storedGibibytes }, stack) => [
      // The ledger and the identity records are about a twentieth of what the zones hold.
      line('database GiB', (storedGibibytes / 20) * partOf(stack, aws('rds', 'Cluster')), 'storedGibibytes'),
    ],
    [aws('rds', 'ClusterInstance')]: (_instance, _use, stack) => {
      const least = stack
        .filter(({ type }) => type === aws('rds', 'Cluster'))
        .map(({ inputs }) => amountAt(inputs, 'serverlessv2ScalingConfiguration.minCapacity') ?? 0.5);
      return [line('database capacity hour', Math.max(0.5, ...least) * monthHours)];
    },
    [aws('redshiftserverless', 'Namespace')]: (_namespace, { storedGibibytes }) => [
      // Marts that were copied in; the rest is read where it lies.
      line('warehouse GiB', storedGibibytes / 10, 'storedGibibytes'),
    ],
    [aws('redshiftserverless', 'Workgroup')]: ({ inputs }, { warehouseHours }) => [
      line(
        'warehouse capacity hour',
        (amountAt(inputs, 'baseCapacity') ?? 8) * warehouseHours * monthDays,
        'warehouseHours',
      ),
    ],
    [aws('route53', 'ResolverFirewallRuleGroupAssociation')]: (_association, { messages }) => [
      line('name question', messages, 'messages'),
    ],
    [bucket]: (_bucket, { storedGibibytes, messages, messageKibibytes }, stack) => [
      line('object GiB', storedGibibytes * partOf(stack, bucket), 'storedGibibytes'),
      line(
        'object GiB',
        ((messages * messageKibibytes) / kibibytesOfGibibyte) * partOf(stack, bucket),
        'messageKibibytes',
      ),
      line('object put', messages * callsOf.put * partOf(stack, bucket), 'messages'),
    ],
    [aws('secretsmanager', 'Secret')]: () => [line('secret', 1)],
    [aws('sfn', 'StateMachine')]: (_machine, { jobHours }) => [
      line('state transition', jobHours * monthDays * 100, 'jobHours'),
    ],
    [aws('sns', 'Topic')]: (_topic, { messages }) => [line('topic request', messages, 'messages')],
    [aws('sqs', 'Queue')]: queueCost,
    [aws('wafv2', 'WebAcl')]: ({ inputs }, { messages }) => [
      line('web acl', 1),
      line('web acl rule', lengthAt(inputs, 'rules')),
      line('web acl request', messages, 'messages'),
    ],
  },
  free: [
    // Whoever reads reports is paid for with the account's subscription of Amazon Quick Sight.
    aws('quicksight', 'VpcConnection'),
    'aws:accessanalyzer/*',
    ...[
      'Account',
      'Authorizer',
      'BasePathMapping',
      'Deployment',
      'DocumentationPart',
      'DocumentationVersion',
      'DomainName',
      'MethodSettings',
      'Model',
      'RequestValidator',
      'Response',
      'UsagePlan',
      'UsagePlanKey',
      'ApiKey',
    ].map((kind) => aws('apigateway', kind)),
    ...[
      'Plan',
      'Selection',
      'VaultLockConfiguration',
      'VaultPolicy',
      'RestoreTestingPlan',
      'RestoreTestingSelection',
      'VaultNotifications',
    ].map((kind) => aws('backup', kind)),
    'aws:budgets/*',
    ...['DeliveryChannel', 'RecorderStatus'].map((kind) => aws('cfg', kind)),
    ...[
      'EventRule',
      'EventTarget',
      'LogMetricFilter',
      'LogResourcePolicy',
      'LogDataProtectionPolicy',
      'QueryDefinition',
    ].map((kind) => aws('cloudwatch', kind)),
    ...[
      'IdentityProvider',
      'ManagedLoginBranding',
      'ResourceServer',
      'UserGroup',
      'UserPoolClient',
      'UserPoolDomain',
      'RiskConfiguration',
    ].map((kind) => aws('cognito', kind)),
    ...[
      'CustomerGateway',
      'DefaultNetworkAcl',
      'DefaultRouteTable',
      'DefaultSecurityGroup',
      'ManagedPrefixList',
      'ManagedPrefixListEntry',
      'NetworkAcl',
      'NetworkAclAssociation',
      'NetworkAclRule',
      'PeeringConnectionOptions',
      'Route',
      'RouteTable',
      'RouteTableAssociation',
      'SecurityGroup',
      'Subnet',
      'Vpc',
      'VpcBlockPublicAccessOptions',
      'VpcDhcpOptions',
      'VpcDhcpOptionsAssociation',
      'VpcEndpointRouteTableAssociation',
      'VpcPeeringConnection',
      'VpcPeeringConnectionAccepter',
      'VpnConnectionRoute',
      'VpnGateway',
      'VpnGatewayAttachment',
      'VpnGatewayRoutePropagation',
    ].map((kind) => aws('ec2', kind)),
    ...[
      'CatalogDatabase',
      'CatalogTable',
      'Classifier',
      'Connection',
      'DataCatalogEncryptionSettings',
      'ResourcePolicy',
      'SecurityConfiguration',
    ].map((kind) => aws('glue', kind)),
    aws('guardduty', 'DetectorFeature'),
    'aws:iam/*',
    ...['Alias', 'KeyPolicy'].map((kind) => aws('kms', kind)),
    'aws:lakeformation/*',
    ...[
      'CodeSigningConfig',
      'LayerVersion',
      'EventSourceMapping',
      'FunctionEventInvokeConfig',
      'Permission',
      'ResourcePolicy',
      'Alias',
    ].map((kind) => aws('lambda', kind)),
    ...['ClusterParameterGroup', 'ParameterGroup', 'SubnetGroup'].map((kind) => aws('rds', kind)),
    // Held by the limits of the workgroup that they belong to.
    ...['UsageLimit', 'EndpointAccess'].map((kind) => aws('redshiftserverless', kind)),
    'aws:redshiftdata/*',
    ...[
      'ResolverFirewallConfig',
      'ResolverFirewallDomainList',
      'ResolverFirewallRule',
      'ResolverFirewallRuleGroup',
      'ResolverQueryLogConfig',
      'ResolverQueryLogConfigAssociation',
      'ResolverDnsSecConfig',
      'ResolverRule',
      'ResolverRuleAssociation',
    ].map((kind) => aws('route53', kind)),
    ...[
      'AccessPoint',
      'AccountPublicAccessBlock',
      'BucketLifecycleConfiguration',
      'BucketLogging',
      'BucketNotification',
      'BucketObjectLockConfiguration',
      'BucketOwnershipControls',
      'BucketPolicy',
      'BucketPublicAccessBlock',
      'BucketServerSideEncryptionConfiguration',
      'BucketVersioning',
      'BucketIntelligentTieringConfiguration',
      'IntelligentTieringConfiguration',
    ].map((kind) => aws('s3', kind)),
    'aws:s3control/*',
    'aws:scheduler/*',
    ...['SecretPolicy', 'SecretRotation', 'SecretVersion'].map((kind) => aws('secretsmanager', kind)),
    // Findings are counted with the recorder's items.
    'aws:securityhub/*',
    ...['TopicPolicy', 'TopicSubscription'].map((kind) => aws('sns', kind)),
    ...['QueuePolicy', 'RedrivePolicy', 'RedriveAllowPolicy'].map((kind) => aws('sqs', kind)),
    ...['SecurityGroupIngressRule', 'SecurityGroupEgressRule'].map((kind) => aws('vpc', kind)),
    ...['WebAclAssociation', 'WebAclLoggingConfiguration'].map((kind) => aws('wafv2', kind)),
    'aws:acm/*',
    'aws:cloudformation/*',
    'aws:costexplorer/*',
    ...['AuthorizationRule', 'Endpoint', 'Route'].map((kind) => aws('ec2clientvpn', kind)),
    aws('apigateway', 'DomainNameAccessAssociation'),
    aws('lambda', 'Invocation'),
  ],
};
