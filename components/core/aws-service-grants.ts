import { type Input, interpolate } from '@pulumi/pulumi';
import type { AwsStateHome, AwsStoreHome } from './aws-homes';
import { allow, deny, type PolicyStatement } from './aws-policy';
import { type AwsTarget, awsArn, awsFunctionArn } from './aws-target';

/** Grants of services and people that act for the lake, beside those of functions (aws-grants.ts, aws-runtime-grants.ts). */

/** To begin something that the lake runs at a time. */
export const invokeStatements = (functionArn: Input<string>): readonly PolicyStatement[] => [
  allow('lambda:InvokeFunction', functionArn),
];

/** To ask functions by the one alias that stands for whoever asks (components/function/aws-callers.ts). */
export const askStatements = (
  target: AwsTarget,
  functions: readonly string[],
  alias: string,
): readonly PolicyStatement[] => [
  allow(
    'lambda:InvokeFunction',
    functions.map((name) => awsFunctionArn(target, name, alias)),
  ),
];

/** To put what was given up with the dead letters of a queue that is encrypted. */
export const setAsideStatements = (
  { region }: AwsTarget,
  queueArn: Input<string>,
  keyArn: Input<string>,
): readonly PolicyStatement[] => [
  allow('sqs:SendMessage', queueArn),
  allow(['kms:Decrypt', 'kms:GenerateDataKey'], keyArn, {
    StringEquals: { 'kms:ViaService': `sqs.${region}.amazonaws.com` },
  }),
];

/** What an encrypted schedule says of itself when its input is opened: every schedule of the account. */
export const scheduleContext = (target: Omit<AwsTarget, 'provider'>): NonNullable<PolicyStatement['Condition']> => ({
  StringLike: { 'kms:EncryptionContext:aws:scheduler:schedule:arn': awsArn(target, 'scheduler', 'schedule/*') },
});

/**
 * To open the input of an encrypted schedule: Scheduler does it as the schedule's own role at every beat, and begins nothing where
 * it may not (EventBridge Scheduler User Guide, "Encryption at rest").
 */
export const openScheduleStatements = (target: AwsTarget, keyArn: Input<string>): readonly PolicyStatement[] => [
  allow('kms:Decrypt', keyArn, scheduleContext(target)),
];

/** To write traces: these calls know no resources (Service Authorization Reference, AWS X-Ray). */
export const traceStatements = (): readonly PolicyStatement[] => [
  allow(['xray:PutTelemetryRecords', 'xray:PutTraceSegments'], '*'),
];

/** To read the login of a database's first user: for what sets a lake up. */
export const firstUserStatements = (
  { region }: AwsTarget,
  { secretArn, secretKeyArn }: Pick<AwsStateHome, 'secretArn' | 'secretKeyArn'>,
): readonly PolicyStatement[] => [
  allow('secretsmanager:GetSecretValue', secretArn),
  allow('kms:Decrypt', secretKeyArn, { StringEquals: { 'kms:ViaService': `secretsmanager.${region}.amazonaws.com` } }),
];

/** API Gateway's logs: their groups are its own to name (API Gateway Developer Guide, "Set up CloudWatch logging"). */
export const gatewayLogStatements = (): readonly PolicyStatement[] => [
  allow(
    [
      'logs:CreateLogGroup',
      'logs:CreateLogStream',
      'logs:DescribeLogGroups',
      'logs:DescribeLogStreams',
      'logs:FilterLogEvents',
      'logs:GetLogEvents',
      'logs:PutLogEvents',
    ],
    '*',
  ),
];

const throughStore = ({ region }: AwsTarget): NonNullable<PolicyStatement['Condition']> => ({
  StringEquals: { 'kms:ViaService': `s3.${region}.amazonaws.com` },
});

/** To read what lies under a prefix of a bucket, and open it. */
const readStatements = (
  target: AwsTarget,
  { bucket, keyArn }: AwsStoreHome,
  prefix = '',
): readonly PolicyStatement[] => {
  const arn = awsArn(target, 's3', bucket);
  return [
    allow('s3:GetObject', `${arn}/${prefix}*`),
    allow('s3:ListBucket', arn, prefix === '' ? undefined : { StringLike: { 's3:prefix': `${prefix}*` } }),
    allow('kms:Decrypt', keyArn, throughStore(target)),
  ];
};

/** What engines look up: databases of the Glue Data Catalog, and the key that its data is encrypted with. */
export interface LookedUpTables {
  readonly databases: readonly string[];
  readonly keyArn: Input<string>;
}

/**
 * To look up databases and tables, and nothing else of the catalogue. Whoever comes to an encrypted one uses its key in their own
 * name, by way of Glue (AWS Glue User Guide, "Setting up encryption"): to open it, and to seal where they write.
 */
const lookUpStatements = (
  target: AwsTarget,
  { databases, keyArn }: LookedUpTables,
  keyCalls: readonly string[] = ['kms:Decrypt'],
): readonly PolicyStatement[] => [
  allow(
    [
      'glue:GetDatabase',
      'glue:GetDatabases',
      'glue:GetPartition',
      'glue:GetPartitions',
      'glue:GetTable',
      'glue:GetTables',
    ],
    [
      awsArn(target, 'glue', 'catalog'),
      ...databases.flatMap((name) => [
        awsArn(target, 'glue', `database/${name}`),
        awsArn(target, 'glue', `table/${name}/*`),
      ]),
    ],
  ),
  allow(keyCalls, keyArn, { StringEquals: { 'kms:ViaService': `glue.${target.region}.amazonaws.com` } }),
];

/** Lake Formation reads the places that it gives credentials for. */
export const registeredPlaceStatements = (target: AwsTarget, store: AwsStoreHome): readonly PolicyStatement[] =>
  readStatements(target, store);

/** A crawler reads under its prefix and writes into its own database. */
export const crawlerStatements = (
  target: AwsTarget,
  store: AwsStoreHome,
  prefix: string,
  { database, keyArn }: { readonly database: string; readonly keyArn: Input<string> },
): readonly PolicyStatement[] => [
  ...readStatements(target, store, prefix),
  ...lookUpStatements(target, { databases: [database], keyArn }, ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey']),
  allow(
    ['glue:BatchCreatePartition', 'glue:CreateTable', 'glue:UpdateTable'],
    [
      awsArn(target, 'glue', 'catalog'),
      awsArn(target, 'glue', `database/${database}`),
      awsArn(target, 'glue', `table/${database}/*`),
    ],
  ),
  allow(['glue:GetClassifier', 'glue:GetClassifiers', 'glue:GetConnection', 'glue:GetSecurityConfiguration'], '*'),
  // Its groups are Glue's to name, and it gives them the key of the security configuration.
  allow(
    ['logs:AssociateKmsKey', 'logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
    awsArn(target, 'logs', 'log-group:/aws-glue/crawlers*'),
  ),
  // Its interface in the network, as the policy that AWS maintains has it (AWSGlueServiceRole); most calls know no resources.
  allow(
    [
      'ec2:CreateNetworkInterface',
      'ec2:DeleteNetworkInterface',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeRouteTables',
      'ec2:DescribeSecurityGroups',
      'ec2:DescribeSubnets',
      'ec2:DescribeVpcAttribute',
      'ec2:DescribeVpcEndpoints',
    ],
    '*',
  ),
  allow(['ec2:CreateTags', 'ec2:DeleteTags'], awsArn(target, 'ec2', 'network-interface/*'), {
    'ForAllValues:StringEquals': { 'aws:TagKeys': ['aws-glue-service-resource'] },
  }),
];

/** A Spark job reads its scripts and looks tables up, beside what its manifest lets it do with the lake's stores. */
export const sparkStatements = (
  target: AwsTarget,
  artefacts: AwsStoreHome,
  tables: LookedUpTables,
): readonly PolicyStatement[] => [...readStatements(target, artefacts), ...lookUpStatements(target, tables)];

/** The state machine begins jobs of one application, hands them one role, and tells failures. */
export const runJobsStatements = (
  target: AwsTarget,
  arns: Readonly<Record<'application' | 'jobRole' | 'failureTopic' | 'topicKey', Input<string>>>,
): readonly PolicyStatement[] => [
  allow('emr-serverless:StartJobRun', arns.application),
  allow(['emr-serverless:CancelJobRun', 'emr-serverless:GetJobRun'], interpolate`${arns.application}/jobruns/*`),
  allow('iam:PassRole', arns.jobRole, { StringEquals: { 'iam:PassedToService': 'emr-serverless.amazonaws.com' } }),
  allow('sns:Publish', arns.failureTopic),
  allow(['kms:Decrypt', 'kms:GenerateDataKey'], arns.topicKey, {
    StringEquals: { 'kms:ViaService': `sns.${target.region}.amazonaws.com` },
  }),
  // `.sync` is done by a rule that Step Functions keeps (Step Functions Developer Guide, "IAM policies for EMR Serverless").
  allow(
    ['events:DescribeRule', 'events:PutRule', 'events:PutTargets'],
    awsArn(target, 'events', 'rule/StepFunctionsGetEventsForEMRServerlessJobRule'),
  ),
  // Delivery of logs and traces knows no resources.
  allow(
    [
      'logs:CreateLogDelivery',
      'logs:DeleteLogDelivery',
      'logs:DescribeLogGroups',
      'logs:DescribeResourcePolicies',
      'logs:GetLogDelivery',
      'logs:ListLogDeliveries',
      'logs:PutResourcePolicy',
      'logs:UpdateLogDelivery',
    ],
    '*',
  ),
  ...traceStatements(),
];

/** What runs and jobs leave behind with a service is encrypted in the name of the role (Step Functions, "Data at rest encryption"). */
export const keptStatements = (
  { region }: AwsTarget,
  keyArn: Input<string>,
  services: readonly string[],
): readonly PolicyStatement[] => [
  allow(['kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKey'], keyArn, {
    StringEquals: { 'kms:ViaService': services.map((service) => `${service}.${region}.amazonaws.com`) },
  }),
];

export const startRunStatements = (stateMachineArn: Input<string>): readonly PolicyStatement[] => [
  allow('states:StartExecution', stateMachineArn),
];

interface FederatedLogin {
  readonly secretArn: Input<string>;
  readonly secretKeyArn: Input<string>;
}

/** The warehouse reads marts and what the catalogue says of them, and one login of another database where one is federated. */
export const warehouseStatements = (
  target: AwsTarget,
  marts: AwsStoreHome,
  tables: LookedUpTables,
  federation?: FederatedLogin,
): readonly PolicyStatement[] => [
  ...readStatements(target, marts),
  ...lookUpStatements(target, tables),
  // Lake Formation lends it what its grants let it to, where the catalogue is Lake Formation's.
  allow('lakeformation:GetDataAccess', '*'),
  ...(federation === undefined ? [] : firstUserStatements(target, federation)),
];

/** A researcher's role reads marts through the access point, looks them up, and is refused every other object and every write. */
export const researcherStatements = (
  target: AwsTarget,
  args: { readonly accessPointArn: Input<string>; readonly marts: AwsStoreHome; readonly tables: LookedUpTables },
): readonly PolicyStatement[] => {
  const objects = interpolate`${args.accessPointArn}/object/*`;
  return [
    allow('s3:GetObject', objects),
    allow('s3:ListBucket', args.accessPointArn),
    allow('kms:Decrypt', args.marts.keyArn, throughStore(target)),
    ...lookUpStatements(target, args.tables),
    // Sessions of Systems Manager: its agent's calls know no resources.
    allow(
      [
        'ssm:UpdateInstanceInformation',
        'ssmmessages:CreateControlChannel',
        'ssmmessages:CreateDataChannel',
        'ssmmessages:OpenControlChannel',
        'ssmmessages:OpenDataChannel',
      ],
      '*',
    ),
    { Effect: 'Deny', Action: 's3:*', NotResource: [args.accessPointArn, objects] },
    deny(['kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*', 's3:Delete*', 's3:Put*'], '*'),
  ];
};

/** The interfaces of a connection into the network: these calls know no resources. */
export const businessIntelligenceStatements = (): readonly PolicyStatement[] => [
  allow(
    [
      'ec2:CreateNetworkInterface',
      'ec2:DeleteNetworkInterface',
      'ec2:DescribeSecurityGroups',
      'ec2:DescribeSubnets',
      'ec2:ModifyNetworkInterfaceAttribute',
    ],
    '*',
  ),
];
