import {
  account,
  idOf,
  inZone,
  policy,
  type Statement,
  stranger,
  written,
} from '../hand-written-stack/written-resource';
import { add, change, type Leak } from './leak';

type Conditions = NonNullable<Statement['Condition']>;

/** Everybody may take from a queue of the stack who meets a condition. */
const queueFor = (Condition: Conditions, changes: Partial<Statement> = {}) =>
  add(
    written('aws:sqs/queuePolicy:QueuePolicy', 'loose', {
      queueUrl: idOf('curate'),
      policy: policy({
        Effect: 'Allow',
        Principal: '*',
        Action: 'sqs:ReceiveMessage',
        Resource: '*',
        Condition,
        ...changes,
      }),
    }),
  );
/** The same, for everybody whom a deny leaves over. */
const queueBut = (Condition: Conditions) =>
  add(
    written('aws:sqs/queuePolicy:QueuePolicy', 'loose', {
      queueUrl: idOf('curate'),
      policy: policy(
        { Effect: 'Allow', Principal: '*', Action: 'sqs:ReceiveMessage', Resource: '*' },
        { Effect: 'Deny', Principal: '*', Action: '*', Resource: '*', Condition },
      ),
    }),
  );
const takenBy = (statement: Partial<Statement>) =>
  change('aws:iam/role:Role', 'curate', (now) => ({
    ...now,
    assumeRolePolicy: policy({ Effect: 'Allow', ...statement }),
  }));
const through = (...statements: readonly Statement[]) =>
  change('aws:ec2/vpcEndpoint:VpcEndpoint', 'lake-s3', (now) => ({ ...now, policy: policy(...statements) }));
/** The policy of a bucket of which one statement reads otherwise. */
const rewritten = (bucket: string, sid: string, Condition: Conditions) =>
  change('aws:s3/bucketPolicy:BucketPolicy', bucket, (now) => {
    const { Statement: all } = JSON.parse(String(now.policy)) as { readonly Statement: readonly Statement[] };
    return { ...now, policy: policy(...all.map((one) => (one.Sid === sid ? { ...one, Condition } : one))) };
  });
/** A peering with a supplier's network, a route of one project to it, and a rule that names somebody there. */
const peeredTo = (whom: { readonly prefixListId?: string; readonly referencedSecurityGroupId?: string }) =>
  add(
    written('aws:ec2/vpcPeeringConnection:VpcPeeringConnection', 'supplier', {
      vpcId: idOf('tre'),
      peerVpcId: 'vpc-supplier',
      peerOwnerId: stranger,
    }),
    written('aws:ec2/route:Route', 'flu-to-supplier', {
      routeTableId: idOf('flu-routes'),
      destinationCidrBlock: '10.90.0.0/16',
      vpcPeeringConnectionId: idOf('supplier'),
    }),
    written('aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule', 'flu-to-them', {
      securityGroupId: idOf('flu-workspace'),
      ...whom,
      ipProtocol: 'tcp',
      fromPort: 443,
      toPort: 443,
    }),
  );
const theirBucket = 'arn:aws:s3:::a-stranger/*';
const everybody = { Effect: 'Allow', Principal: '*' } as const;

/** Leaks by conditions, patterns and lists that hold less than a quick reader takes them to. */
export const looseReadingLeaks: readonly Leak[] = [
  {
    name: 'strangers denied but for either way to sign, as a list',
    reaches: 'any account',
    through: ['curate', 'loose'],
    plant: queueBut({ StringNotEquals: { 'aws:SecureTransport': ['false', 'true'] } }),
  },
  {
    name: 'everybody but one stranger',
    reaches: 'any account',
    through: ['curate', 'loose'],
    plant: queueBut({ StringEquals: { 'aws:PrincipalAccount': stranger } }),
  },
  {
    name: 'everybody but who comes by no endpoint, of whomever',
    reaches: 'any account',
    through: ['curate', 'loose'],
    plant: queueBut({ Null: { 'aws:SourceVpce': 'true' } }),
  },
  {
    name: 'strangers denied but for what a pattern of everything leaves',
    reaches: 'any account',
    through: ['curate', 'loose'],
    plant: queueBut({ StringNotLike: { 'aws:SecureTransport': 't*' } }),
  },
  {
    name: 'everybody, held by a pattern that every request meets',
    reaches: 'any account',
    through: ['curate', 'loose'],
    plant: queueFor({ StringLike: { 'aws:SecureTransport': '*' } }),
  },
  {
    name: 'strangers denied but from two halves of the internet',
    reaches: 'any account',
    through: ['curate', 'loose'],
    plant: queueBut({ NotIpAddress: { 'aws:SourceIp': ['0.0.0.0/1', '128.0.0.0/1'] } }),
  },
  {
    name: 'a role for everybody who says our account number',
    reaches: 'any account',
    through: ['curate'],
    plant: takenBy({
      Principal: { AWS: '*' },
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'sts:ExternalId': account } },
    }),
  },
  {
    name: 'a role for the pipelines of everybody at a forge, whose tokens name their audience alone',
    reaches: 'internet',
    through: ['curate'],
    plant: takenBy({
      Principal: { Federated: `arn:aws:iam::${account}:oidc-provider/gitlab.com` },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: { StringEquals: { 'gitlab.com:aud': 'https://gitlab.com' } },
    }),
  },
  {
    name: 'a role for the pipelines of everybody whose name begins like ours',
    reaches: 'internet',
    through: ['curate'],
    plant: takenBy({
      Principal: { Federated: `arn:aws:iam::${account}:oidc-provider/token.actions.githubusercontent.com` },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: {
        StringEquals: { 'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com' },
        StringLike: { 'token.actions.githubusercontent.com:sub': 'repo:the-lake*:ref:refs/heads/main' },
      },
    }),
  },
  {
    name: 'a service of anybody, its call cut short by a star',
    reaches: 'any account',
    through: ['curate', 'loose'],
    plant: queueFor({}, { Principal: { Service: 'events.amazonaws.com' }, Action: 'sqs:Rec*' }),
  },
  {
    name: 'a service of anybody, everything but sending',
    reaches: 'any account',
    through: ['curate', 'loose'],
    plant: add(
      written('aws:sqs/queuePolicy:QueuePolicy', 'loose', {
        queueUrl: idOf('curate'),
        policy: policy({
          Effect: 'Allow',
          Principal: { Service: 'events.amazonaws.com' },
          NotAction: 'sqs:SendMessage',
          Resource: '*',
        }),
      }),
    ),
  },
  {
    name: 'an ARN cut short: every queue of every account',
    reaches: 'any account',
    through: ['curate-more'],
    plant: add(
      written('aws:iam/rolePolicy:RolePolicy', 'curate-more', {
        role: 'curate',
        policy: policy({ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: 'arn:aws:sqs' }),
      }),
    ),
  },
  {
    name: "a stranger's bucket in an endpoint, everything but deleting",
    reaches: 'any account',
    through: ['lake-functions', 'lake-s3'],
    plant: through({ ...everybody, NotAction: 's3:DeleteObject', Resource: theirBucket }),
  },
  {
    name: 'objects of every bucket with a name of at least one letter read through an endpoint',
    reaches: 'any account',
    through: ['lake-functions', 'lake-s3'],
    plant: through({ ...everybody, Action: 's3:GetObject', Resource: 'arn:aws:s3:::?*/*' }),
  },
  {
    name: 'an endpoint that denies what is not ours, of one bucket',
    reaches: 'any account',
    through: ['lake-functions', 'lake-s3'],
    plant: through(
      { ...everybody, Action: '*', Resource: '*' },
      {
        Effect: 'Deny',
        Principal: '*',
        Action: '*',
        Resource: 'arn:aws:s3:::landing/*',
        Condition: { StringNotEquals: { 'aws:ResourceAccount': account } },
      },
    ),
  },
  {
    name: 'an endpoint held to our account for resources that have one',
    reaches: 'any account',
    through: ['lake-functions', 'lake-s3'],
    plant: through({
      ...everybody,
      Action: '*',
      Resource: '*',
      Condition: { 'ForAllValues:StringEquals': { 'aws:ResourceAccount': account } },
    }),
  },
  {
    name: 'signed addresses held to the endpoints of anybody',
    reaches: 'internet',
    through: ['curated'],
    plant: rewritten('curated', 'OurNetworksAlone', { StringNotLikeIfExists: { 'aws:SourceVpce': 'vpce-*' } }),
  },
  {
    name: "signed addresses held to our endpoint or a stranger's",
    reaches: 'internet',
    through: ['curated'],
    plant: rewritten('curated', 'OurNetworksAlone', {
      StringNotEqualsIfExists: { 'aws:SourceVpce': [idOf('lake-s3'), 'vpce-0123456789abcdef0'] },
    }),
  },
  {
    name: 'names that end like those of AWS, whoever registers them',
    reaches: 'internet',
    through: ['lake', 'lake-known'],
    plant: change('aws:route53/resolverFirewallDomainList:ResolverFirewallDomainList', 'lake-known', (now) => ({
      ...now,
      domains: ['*amazonaws.com.', '*.lake.internal.'],
    })),
  },
  {
    name: "addresses of a stranger's list, through a peering",
    reaches: `account ${stranger}`,
    through: ['flu-workspace', 'flu-to-supplier'],
    plant: peeredTo({ prefixListId: 'pl-0123456789abcdef0' }),
  },
  {
    name: 'a security group of the account behind a peering, by its name',
    reaches: `account ${stranger}`,
    through: ['flu-workspace', 'flu-to-supplier'],
    plant: peeredTo({ referencedSecurityGroupId: `${stranger}/sg-0123456789abcdef0` }),
  },
  {
    name: "a stranger's bucket that is called as the program calls one of ours",
    reaches: 'any account',
    through: ['own-trail'],
    plant: add(
      written('aws:s3/bucket:Bucket', 'own', { bucket: 'own-1a2b3c', tags: inZone('audit') }),
      written('aws:cloudtrail/trail:Trail', 'own-trail', { s3BucketName: 'own' }),
    ),
  },
];
