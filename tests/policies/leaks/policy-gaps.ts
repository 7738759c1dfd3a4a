import {
  account,
  arnOf,
  idOf,
  policy,
  type Statement,
  stranger,
  written,
} from '../hand-written-stack/written-resource';
import { add, change, type Leak } from './leak';

const theirs = { AWS: `arn:aws:iam::${stranger}:root` };
const onlyOurs = { StringNotEquals: { 'aws:PrincipalAccount': account } };
const landing = 'arn:aws:s3:::landing';
const bucketPolicy = (...statements: readonly Statement[]) =>
  change('aws:s3/bucketPolicy:BucketPolicy', 'curated', (now) => ({
    ...now,
    policy: policy(...statements).replaceAll(landing, 'arn:aws:s3:::curated'),
  }));
const deny = (Resource: string, changes: Partial<Statement> = {}): Statement => ({
  Effect: 'Deny',
  Principal: '*',
  Action: 's3:*',
  Resource,
  Condition: onlyOurs,
  ...changes,
});
/** A queue of the stack that everybody may use who meets a condition. */
const queueFor = (changes: Partial<Statement>) =>
  add(
    written('aws:sqs/queuePolicy:QueuePolicy', 'loose', {
      queueUrl: idOf('curate'),
      policy: policy({ Effect: 'Allow', Principal: '*', Action: 'sqs:ReceiveMessage', Resource: '*', ...changes }),
    }),
  );
const taken = (statement: Record<string, unknown>) =>
  change('aws:iam/role:Role', 'curate', (now) => ({
    ...now,
    assumeRolePolicy: policy({ Effect: 'Allow', ...statement } as Statement),
  }));
const allowed = (statement: Partial<Statement>) =>
  add(
    written('aws:iam/rolePolicy:RolePolicy', 'curate-more', {
      role: 'curate',
      policy: policy({ Effect: 'Allow', ...statement }),
    }),
  );
const github = 'token.actions.githubusercontent.com';
const cognito = 'cognito-identity.amazonaws.com';

/** Leaks by policies that read as if they held. */
export const policyGapLeaks: readonly Leak[] = [
  {
    name: 'strangers denied a folder and allowed the bucket',
    reaches: `account ${stranger}`,
    through: ['curated'],
    plant: bucketPolicy(deny(`${landing}/secret/*`), {
      Effect: 'Allow',
      Principal: theirs,
      Action: 's3:GetObject',
      Resource: `${landing}/*`,
    }),
  },
  {
    name: 'strangers denied objects and allowed the list of them',
    reaches: `account ${stranger}`,
    through: ['curated'],
    plant: bucketPolicy(deny(`${landing}/*`), {
      Effect: 'Allow',
      Principal: theirs,
      Action: 's3:ListBucket',
      Resource: landing,
    }),
  },
  {
    name: 'a call in other letters, denied on the bucket and not on its objects',
    reaches: `account ${stranger}`,
    through: ['curated'],
    plant: bucketPolicy(deny(landing), { Effect: 'Allow', Principal: theirs, Action: 'S3:getobject', Resource: '*' }),
  },
  {
    name: 'strangers denied everything but the one call they are allowed',
    reaches: `account ${stranger}`,
    through: ['curated'],
    plant: bucketPolicy(
      { Effect: 'Deny', Principal: '*', NotAction: 's3:GetObject*', Resource: '*', Condition: onlyOurs },
      { Effect: 'Allow', Principal: theirs, Action: 's3:GetObject', Resource: '*' },
    ),
  },
  {
    name: 'everybody, held by values of a key that a request need not have',
    reaches: 'any account',
    through: ['curate', 'loose'],
    plant: queueFor({ Condition: { 'ForAllValues:StringEquals': { 'aws:TagKeys': [account] } } }),
  },
  {
    name: 'everybody, held by a source account where there is one',
    reaches: 'any account',
    through: ['curate', 'loose'],
    plant: queueFor({ Condition: { StringEqualsIfExists: { 'aws:SourceAccount': account } } }),
  },
  {
    name: 'a service of anybody, its call in capitals',
    reaches: 'any account',
    through: ['curate', 'loose'],
    plant: queueFor({ Principal: { Service: 'events.amazonaws.com' }, Action: 'SQS:*' }),
  },
  {
    name: 'a role for the pipeline of any repository',
    reaches: 'internet',
    through: ['curate'],
    plant: taken({
      Principal: { Federated: `arn:aws:iam::${account}:oidc-provider/${github}` },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: {
        StringEquals: { [`${github}:aud`]: 'sts.amazonaws.com' },
        StringLike: { [`${github}:sub`]: 'repo:*' },
      },
    }),
  },
  {
    name: 'a role for visitors of an identity pool',
    reaches: 'internet',
    through: ['curate'],
    plant: taken({
      Principal: { Federated: cognito },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: { StringEquals: { [`${cognito}:aud`]: 'eu-west-2:of-the-pool' } },
    }),
  },
  {
    name: 'a role for machines elsewhere that hold a certificate',
    reaches: 'internet',
    through: ['curate'],
    plant: taken({
      Principal: { Service: 'rolesanywhere.amazonaws.com' },
      Action: ['sts:AssumeRole', 'sts:TagSession'],
    }),
  },
  {
    name: 'a role that may put everywhere but into a bucket of ours',
    reaches: 'any account',
    through: ['curate-more'],
    plant: allowed({ Action: 's3:PutObject', NotResource: `${landing}/*` }),
  },
  {
    name: 'a role that may do everything but look at people',
    reaches: 'any account',
    through: ['curate-more'],
    plant: allowed({ NotAction: 'iam:*', Resource: '*' }),
  },
  {
    name: 'a role with a policy of AWS for every bucket',
    reaches: 'any account',
    through: ['curate-full'],
    plant: add(
      written('aws:iam/rolePolicyAttachment:RolePolicyAttachment', 'curate-full', {
        role: arnOf('aws:iam/role:Role', 'curate'),
        policyArn: 'arn:aws:iam::aws:policy/AmazonS3FullAccess',
      }),
    ),
  },
  {
    name: 'a role that names the policy of an administrator in itself',
    reaches: 'any account',
    through: ['curate'],
    plant: change('aws:iam/role:Role', 'curate', (now) => ({
      ...now,
      managedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'],
    })),
  },
];
