import { awsType as aws } from '../../components/guardrails/rules/aws-types';
import { madeUpAccount } from '../../stacks/commands/made-up-outputs';
import { add, flip, type Mutant, restate } from './mutation';

const stranger = '999988887777';
const policyType = aws('iam', 'Policy');
const roleType = aws('iam', 'Role');
const endpoint = aws('ec2', 'VpcEndpoint');
const bucketPolicy = aws('s3', 'BucketPolicy');
const document = (...statements: readonly object[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements });
const allow = (statement: object): string => document({ Effect: 'Allow', ...statement });
const conditionOf = (statement: Record<string, unknown>): string => JSON.stringify(statement.Condition ?? {});

/** The trust of a role with another condition. */
const trusting = (Condition: object): Mutant =>
  restate(roleType, 'assumeRolePolicy', (statement) => ({ ...statement, Condition }));
const acting = (Action: unknown): Mutant => restate(policyType, 'policy', (statement) => ({ ...statement, Action }));
const everyKey = { Principal: { AWS: '*' }, Action: 'kms:*', Resource: '*' };
const reaching = (statement: object): Mutant =>
  flip(endpoint, 'policy', allow({ Principal: '*', Action: 's3:*', ...statement }));
/** The deny that holds a bucket to the account, changed. */
const holding = (condition: string, changed: (statement: Record<string, unknown>) => object): Mutant =>
  restate(bucketPolicy, 'policy', (statement) =>
    conditionOf(statement).includes(condition) ? changed(statement) : statement,
  );

/** The same things said as somebody would say them who knows what the rules look for. */
export const evasiveAwsMutants: readonly (readonly [rule: string, Mutant])[] = [
  ...['*:*', 's3:**', 's?:Get*', ['s3:GetObject', 'S3:*']].map(
    (action) => ['iam-policy-no-wildcard', acting(action)] as const,
  ),
  [
    'iam-policy-no-wildcard',
    flip(policyType, 'policy', { Statement: { Effect: 'Allow', Action: 's3:*', Resource: '*' } }),
  ],
  [
    'iam-policy-no-wildcard',
    add(aws('iam', 'RolePolicyAttachment'), { policyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' }),
  ],
  ['iam-policy-no-wildcard', flip(roleType, 'managedPolicyArns', ['arn:aws:iam::aws:policy/AmazonS3FullAccess'])],
  ['iam-role-trust-named', trusting({ StringNotEquals: { 'aws:SourceAccount': stranger } })],
  ['iam-role-trust-named', trusting({ StringEqualsIfExists: { 'aws:SourceAccount': stranger } })],
  ['iam-role-trust-named', trusting({ StringLike: { 'aws:SourceAccount': '*' } })],
  ['iam-role-trust-named', flip(roleType, 'assumeRolePolicy', '{"Version"')],
  // Named, and a stranger's.
  ['iam-role-trust-named', trusting({ StringEquals: { 'aws:SourceAccount': stranger } })],
  ['iam-role-trust-named', trusting({ ArnLike: { 'aws:SourceArn': `arn:aws:events:eu-west-2:${stranger}:rule/*` } })],
  ...[
    { AWS: stranger },
    { AWS: `arn:aws:iam::${stranger}:role/x` },
    { Federated: `arn:aws:iam::${stranger}:saml-provider/x` },
  ].map(
    (Principal) =>
      [
        'iam-role-trust-named',
        restate(roleType, 'assumeRolePolicy', (statement) => ({ ...statement, Principal })),
      ] as const,
  ),
  ...[
    ['principal', `arn:aws:iam::${stranger}:role/x`],
    ['principal', stranger],
    ['sourceAccount', stranger],
    ['sourceArn', `arn:aws:execute-api:eu-west-2:${stranger}:api/*`],
  ].map(([path = '', value]) => ['lambda-invoked-by-name', flip(aws('lambda', 'Permission'), path, value)] as const),
  [
    'kms-key-own-account',
    flip(
      aws('kms', 'Key'),
      'policy',
      allow({ ...everyKey, Condition: { StringNotEquals: { 'aws:PrincipalAccount': stranger } } }),
    ),
  ],
  [
    'kms-key-own-account',
    flip(aws('kms', 'Key'), 'policy', allow({ ...everyKey, Condition: { ArnLike: { 'aws:PrincipalArn': '*' } } })),
  ],
  [
    'kms-key-own-account',
    flip(aws('kms', 'Key'), 'policy', allow({ NotPrincipal: { AWS: stranger }, Action: 'kms:*', Resource: '*' })),
  ],
  ['sns-topic-closed', flip(aws('sns', 'TopicPolicy'), 'policy', '{"Version"')],
  ['sqs-queue-closed', restate(aws('sqs', 'QueuePolicy'), 'policy', (statement) => narrowed(statement))],
  ['route-no-default', add(aws('ec2', 'DefaultRouteTable'), { routes: [{ cidrBlock: '0.0.0.0/0' }] })],
  ['route-no-default', flip(aws('ec2', 'Route'), 'destinationCidrBlock', '128.0.0.0/1')],
  ['route-no-default', flip(aws('ec2', 'Route'), 'destinationIpv6CidrBlock', '0:0:0:0:0:0:0:0/0')],
  [
    'security-group-no-open-egress',
    add(aws('ec2', 'SecurityGroupRule'), { type: 'egress', ipv6CidrBlocks: ['8000::/1'] }),
  ],
  ['security-group-no-open-egress', add(aws('ec2', 'ManagedPrefixList'), { entries: [{ cidr: '0.0.0.0/0' }] })],
  [
    'security-group-no-open-ingress',
    add(aws('ec2', 'SecurityGroupRule'), { type: 'ingress', cidrBlocks: ['0.0.0.0/1'] }),
  ],
  ['endpoint-policy', reaching({ NotResource: 'arn:aws:s3:::landing/*' })],
  ['endpoint-policy', reaching({ Resource: 'arn:aws:s3:::lan*' })],
  ['endpoint-policy', reaching({ Resource: '*', Condition: { StringNotEquals: { 'aws:ResourceAccount': stranger } } })],
  ['endpoint-policy', reaching({ Resource: '*', Condition: { Null: { 'aws:PrincipalAccount': 'false' } } })],
  ['endpoint-policy', add(aws('ec2', 'VpcEndpointPolicy'), { policy: allow({ Action: '*', Resource: '*' }) })],
  ['uk-resident', flip(aws('secretsmanager', 'Secret'), 'replicas', [{ region: 'us-east-1' }])],
  ...[
    `arn:aws:events:us-east-1:${madeUpAccount}:event-bus/default`,
    `arn:aws:sqs:eu-central-1:${madeUpAccount}:copies`,
  ].map((arn) => ['uk-resident', add(aws('cloudwatch', 'EventTarget'), { rule: 'nightly', arn })] as const),
  [
    'uk-resident',
    add(aws('scheduler', 'Schedule'), {
      kmsKeyArn: `arn:aws:kms:eu-west-2:${madeUpAccount}:key/1`,
      target: { arn: `arn:aws:lambda:us-gov-west-1:${madeUpAccount}:function:copies` },
    }),
  ],
  [
    'uk-resident',
    add(aws('backup', 'Plan'), {
      rules: [{ copyActions: [{ destinationVaultArn: `arn:aws:backup:us-east-1:${stranger}:backup-vault:x` }] }],
    }),
  ],
  [
    's3-bucket-own-account',
    holding('aws:PrincipalAccount', ({ Condition: _, ...statement }) => ({
      ...statement,
      Condition: { StringNotEquals: { 'aws:PrincipalAccount': ['123456789012', stranger] } },
    })),
  ],
  ['s3-bucket-tls', holding('aws:SecureTransport', (statement) => narrowed(statement))],
  // Of one call, or of one folder.
  ...(
    [
      ['s3-bucket-tls', 'aws:SecureTransport'],
      ['s3-bucket-own-account', 'aws:PrincipalAccount'],
    ] as const
  ).flatMap(([rule, condition]) => [
    [rule, holding(condition, (statement) => ({ ...statement, Action: 's3:ListBucket' }))] as const,
    [rule, holding(condition, (statement) => ({ ...statement, Resource: 'arn:aws:s3:::lake/public/*' }))] as const,
  ]),
  [
    's3-delete-reserved',
    holding('aws:PrincipalArn', (statement) => ({ ...statement, Resource: 'arn:aws:s3:::lake/public/*' })),
  ],
  ...[
    { Action: 'kms:Decr*' },
    { Action: 'kms:*crypt' },
    { Resource: 'arn:aws:kms' },
    { Resource: `arn:aws:kms:eu-west-2:${madeUpAccount}:*` },
    { Resource: undefined, NotResource: 'arn:aws:kms:eu-west-2:999988887777:key/1' },
    { Condition: { Null: { 'kms:EncryptionContext:zone': 'true' } } },
    { Condition: { StringNotEquals: { 'kms:EncryptionContext:zone': 'identity' } } },
  ].map(
    (changed) =>
      [
        'iam-policy-decrypt-named',
        flip(policyType, 'policy', allow({ Action: 'kms:Decrypt', Resource: '*', ...changed })),
      ] as const,
  ),
  [
    's3-delete-reserved',
    holding('aws:PrincipalArn', (statement) => ({
      ...statement,
      Condition: { ArnNotLike: { 'aws:PrincipalArn': '*' } },
    })),
  ],
];

/** A deny that concerns people who sign in as users, of whom the account has none. */
function narrowed(statement: Record<string, unknown>): object {
  const condition = statement.Condition as Record<string, unknown> | undefined;
  return { ...statement, Condition: { ...condition, StringEquals: { 'aws:PrincipalType': 'User' } } };
}
