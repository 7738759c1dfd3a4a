import { account } from './access-request';
import type { AccountPolicies, PolicyText, StatementText } from './account-policies';
import { bucketArn, type KeyArns, region, roleArn } from './manifest-cases';

/** One control taken away; some case has to come out otherwise. */
export interface Weakening {
  readonly name: string;
  readonly weaken: (policies: AccountPolicies) => AccountPolicies;
  /** The cases that it may turn: action, and what the resource's ARN contains. */
  readonly turns: { readonly action: string; readonly resource: string };
}

const edit = (
  policy: PolicyText,
  statements: (now: readonly StatementText[]) => readonly StatementText[],
): PolicyText => {
  const after = statements(policy.Statement);
  if (JSON.stringify(after) === JSON.stringify(policy.Statement)) throw new Error('The weakening changes nothing.');
  return { ...policy, Statement: after };
};

const onResource =
  (arn: string, change: (now: readonly StatementText[]) => readonly StatementText[]) =>
  (policies: AccountPolicies): AccountPolicies => {
    const policy = policies.resources.get(arn);
    if (policy === undefined) throw new Error('No such resource was recorded.');
    return { ...policies, resources: new Map([...policies.resources, [arn, edit(policy, change)]]) };
  };

const onRole =
  (name: string, change: (now: readonly StatementText[]) => readonly StatementText[]) =>
  (policies: AccountPolicies): AccountPolicies => {
    const of = roleArn(name).replace(/^.*\//, '');
    const role = policies.roles.get(of);
    if (role === undefined) throw new Error('No such role was recorded.');
    return {
      ...policies,
      roles: new Map([...policies.roles, [of, { ...role, identity: edit(role.identity, change) }]]),
    };
  };

/** The function that answers about people, or an alias of it. */
const requestsOf = (alias?: string): string =>
  `arn:aws:lambda:${region}:${account}:function:lake-test-identity-requests${alias === undefined ? '' : `:${alias}`}`;

const without = (sid: RegExp) => (now: readonly StatementText[]) => now.filter(({ Sid = '' }) => !sid.test(Sid));
const acting = (action: string, change: (one: StatementText) => StatementText) => (now: readonly StatementText[]) =>
  now.map((one) => ([one.Action ?? []].flat().includes(action) ? change(one) : one));

export const weakenings = (keys: KeyArns): readonly Weakening[] => {
  const identityKey = keys.get('key-identity') ?? '';
  const storeKey = keys.get('store-landing') ?? '';
  return [
    {
      name: 'the identity key denies nobody',
      weaken: onResource(identityKey, (now) => [
        ...without(/^NobodyElseUsesIt/)(now),
        { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'kms:*', Resource: '*' },
      ]),
      turns: { action: 'kms:Decrypt', resource: identityKey },
    },
    {
      name: 'anybody changes the identity key',
      weaken: onResource(identityKey, (now) => [
        ...without(/^NobodyElseChangesIt/)(now),
        {
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${account}:root` },
          Action: 'kms:PutKeyPolicy',
          Resource: '*',
        },
      ]),
      turns: { action: 'kms:PutKeyPolicy', resource: identityKey },
    },
    {
      name: "a bucket's key is used without S3",
      weaken: onResource(storeKey, without(/^OnlyThroughS3$/)),
      turns: { action: 'kms:GenerateDataKey', resource: storeKey },
    },
    {
      name: 'identity denies no object to anybody',
      weaken: onResource(bucketArn('identity'), without(/^OnlyObjects/)),
      turns: { action: 's3:GetObject', resource: bucketArn('identity') },
    },
    {
      name: 'identity is listed by anybody',
      weaken: onResource(bucketArn('identity'), without(/^OnlyLists/)),
      turns: { action: 's3:ListBucket', resource: bucketArn('identity') },
    },
    {
      name: 'the policy of identity is changed by anybody',
      weaken: onResource(bucketArn('identity'), without(/^NobodyElseChangesIt$/)),
      turns: { action: 's3:PutBucketPolicy', resource: bucketArn('identity') },
    },
    {
      name: 'landing is written from anywhere',
      weaken: onResource(bucketArn('landing'), without(/^OnlyThroughEndpoints$/)),
      turns: { action: 's3:PutObject', resource: bucketArn('landing') },
    },
    {
      name: 'landing is written in the open',
      weaken: onResource(bucketArn('landing'), without(/^NoOpenConnection$/)),
      turns: { action: 's3:PutObject', resource: bucketArn('landing') },
    },
    {
      name: 'landing is written by an old protocol',
      weaken: onResource(bucketArn('landing'), without(/^NoOldConnection$/)),
      turns: { action: 's3:PutObject', resource: bucketArn('landing') },
    },
    {
      name: 'a writer chooses the key',
      weaken: onResource(bucketArn('landing'), without(/^NoOtherEncryption$/)),
      turns: { action: 's3:PutObject', resource: bucketArn('landing') },
    },
    {
      name: 'a writer chooses the encryption',
      weaken: onResource(bucketArn('landing'), without(/^NoWeakerEncryption$/)),
      turns: { action: 's3:PutObject', resource: bucketArn('landing') },
    },
    {
      name: 'a writer brings a key',
      weaken: onResource(bucketArn('landing'), without(/^NoKeyOfACaller$/)),
      turns: { action: 's3:PutObject', resource: bucketArn('landing') },
    },
    {
      name: 'ingest puts anywhere',
      weaken: onRole(
        'ingest',
        acting('s3:PutObject', (one) => ({ ...one, Resource: '*' })),
      ),
      turns: { action: 's3:PutObject', resource: bucketArn('curated') },
    },
    {
      name: 'ingest does with landing what it likes',
      weaken: onRole(
        'ingest',
        acting('s3:PutObject', (one) => ({ ...one, Action: 's3:*' })),
      ),
      turns: { action: 's3:DeleteObject', resource: bucketArn('landing') },
    },
    {
      name: 'ingest has data keys under any context',
      weaken: onRole(
        'ingest',
        acting('kms:GenerateDataKey', ({ Condition: _, ...one }) => one),
      ),
      turns: { action: 'kms:GenerateDataKey', resource: keys.get('key-landing') ?? '' },
    },
    {
      name: 'the code of ingest makes interfaces',
      weaken: onRole('ingest', (now) => now.filter(({ Effect }) => Effect !== 'Deny')),
      turns: { action: 'ec2:CreateNetworkInterface', resource: 'network-interface' },
    },
    {
      name: 'curate logs in as anybody',
      weaken: onRole(
        'curate',
        acting('rds-db:connect', (one) => ({ ...one, Resource: '*' })),
      ),
      turns: { action: 'rds-db:connect', resource: 'cluster-IDENTITY' },
    },
    {
      name: 'identity is asked by whoever the account lets',
      weaken: onResource(requestsOf('marts'), () => []),
      turns: { action: 'lambda:InvokeFunction', resource: requestsOf('marts') },
    },
    {
      name: 'identity is asked without a name',
      weaken: onResource(requestsOf(), () => []),
      turns: { action: 'lambda:InvokeFunction', resource: requestsOf() },
    },
    {
      name: 'marts invokes whatever it likes',
      weaken: onRole(
        'marts',
        acting('lambda:InvokeFunction', (one) => ({ ...one, Resource: '*' })),
      ),
      turns: { action: 'lambda:InvokeFunction', resource: requestsOf('erasure') },
    },
    {
      name: 'the erasure asks nobody',
      weaken: onRole('erasure', (now) =>
        now.filter(({ Action }) => ![Action ?? []].flat().includes('lambda:InvokeFunction')),
      ),
      turns: { action: 'lambda:InvokeFunction', resource: ':erasure' },
    },
    {
      name: 'the inbox takes from outside what nobody signed',
      weaken: onResource(bucketArn('inbox'), without(/^OutsideOnlySigned$/)),
      turns: { action: 's3:PutObject', resource: bucketArn('inbox') },
    },
    {
      name: 'signed uploads are good for ever',
      weaken: onResource(bucketArn('inbox'), without(/^OnlyYoungSignatures$/)),
      turns: { action: 's3:PutObject', resource: bucketArn('inbox') },
    },
    {
      name: 'who reads outcomes reads uploads',
      weaken: onResource(bucketArn('inbox'), without(/^OnlyPart/)),
      turns: { action: 's3:GetObject', resource: bucketArn('inbox') },
    },
    {
      name: 'dispatch publishes nothing',
      weaken: onRole('dispatch', (now) => now.filter(({ Action }) => ![Action ?? []].flat().includes('sns:Publish'))),
      turns: { action: 'sns:Publish', resource: ':sns:' },
    },
    {
      name: 'the endpoint lets everything through',
      weaken: (policies) => ({
        ...policies,
        endpoints: new Map(
          [...policies.endpoints].map(([service, policy]) => [
            service,
            edit(policy, (now) => now.map(({ Condition: _, ...one }) => ({ ...one, Resource: '*' }))),
          ]),
        ),
      }),
      turns: { action: 's3:PutObject', resource: 'elsewhere' },
    },
    {
      name: 'the organisation lets everybody hand on a role',
      weaken: (policies) => ({
        ...policies,
        organisation: edit(policies.organisation, without(/^NobodyHandsOnARole$/)),
      }),
      turns: { action: 'iam:PassRole', resource: ':role/' },
    },
    {
      name: 'roles have no boundary, and the organisation guards nothing',
      weaken: (policies) => ({
        ...policies,
        organisation: edit(policies.organisation, without(/^DeployersAlone$/)),
        boundary: { Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] },
      }),
      turns: { action: 'ec2:CreateInternetGateway', resource: ':internet-gateway/' },
    },
    {
      name: 'a role is taken by whoever asks in the account',
      weaken: (policies) => ({
        ...policies,
        resources: new Map([
          ...policies.resources,
          [
            roleArn('ingest'),
            { Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole', Resource: '*' }] },
          ],
        ]),
      }),
      turns: { action: 'sts:AssumeRole', resource: roleArn('ingest') },
    },
  ];
};
