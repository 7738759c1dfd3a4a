import { type AccessRequest, account } from './access-request';
import { type AccountPolicies, everything } from './account-policies';
import { region } from './manifest-cases';
import { accountPolicy } from './organisation';
import { ownName, type Touch } from './touches';

const elsewhere = '999988887777';
const arn = (name: string, owner = account): string => `arn:aws:iam::${owner}:role/${name}`;
type Tried = readonly [name: string, request: Omit<AccessRequest, 'principal' | 'name'>];

/** What was thought of by hand, beside every touch: each is refused. */
export function serviceAttacks(policies: AccountPolicies, touches: readonly Touch[]): readonly AccessRequest[] {
  const touch = (wanted: string): Touch => {
    const found = touches.find(({ name }) => name === wanted);
    if (found === undefined) throw new Error(`Nothing ${wanted}.`);
    return found;
  };
  const role = (wanted: string): string => {
    const found = [...policies.roles].find(([name]) => ownName(name) === wanted);
    if (found === undefined) throw new Error(`No role ${wanted}.`);
    return found[1].arn;
  };
  const by = (principal: string, ...tried: readonly Tried[]): readonly AccessRequest[] =>
    tried.map(([name, request]) => ({ ...request, principal, name }));
  const withEveryRight = { identity: everything };
  const marts = touch('writes marts').resource;
  const staged = (object: string): string => object.replace(/\/p\/[^/]+$/, '/staging/part');
  const deploying = { identity: accountPolicy('deploy') };
  const looking = { identity: accountPolicy('preview') };
  const bounded = { 'iam:PermissionsBoundary': `arn:aws:iam::${account}:policy/lake-boundary` };
  const outside = { resource: 'arn:aws:s3:::elsewhere/object', owner: elsewhere, through: 's3' };
  return [
    ...by(
      role('spark'),
      ['puts a mart where the lake has committed it', { action: 's3:PutObject', resource: marts }],
      ['takes away a mart that the lake has committed', { action: 's3:DeleteObject', resource: marts }],
      ['with every right, puts a mart there', { action: 's3:PutObject', resource: marts, ...withEveryRight }],
      ['with every right, reads a mart', { ...touch('reads marts'), ...withEveryRight }],
      ['with every right, reads landing', { ...touch('reads landing'), ...withEveryRight }],
      ['with every right, writes curated', { ...touch('writes curated'), ...withEveryRight }],
      ["carries rows to a stranger's bucket", { ...outside, ...withEveryRight, action: 's3:PutObject' }],
      [
        'writes without its own key',
        { ...touch('stages in marts'), context: { 's3:x-amz-server-side-encryption': 'AES256' } },
      ],
    ),
    ...by(
      role('curation-runs'),
      [
        'hands spark to a function of its own',
        { ...touch('hands spark to its jobs'), context: { 'iam:PassedToService': 'lambda.amazonaws.com' } },
      ],
      ['with every right, hands identity on', { ...touch('hands identity to a function'), ...withEveryRight }],
      [
        'with every right, asks identity as the erasure',
        { ...touch('invokes identity-erasure as erasure'), ...withEveryRight },
      ],
      [
        'begins an application of a stranger',
        {
          ...touch('starts a job'),
          resource: `arn:aws:emr-serverless:${region}:${elsewhere}:/applications/00f`,
          owner: elsewhere,
        },
      ],
    ),
    ...by(
      role('curation-schedule'),
      ['starts another machine', { ...touch('starts a run'), resource: `${touch('starts a run').resource}-other` }],
      ['with every right, writes landing', { ...touch('writes landing'), ...withEveryRight }],
    ),
    ...by(
      role('gateway-authoriser'),
      ['invokes what is behind the gateway by itself', touch('invokes ingest')],
      ['with every right, asks identity without a name', { ...touch('invokes identity-requests'), ...withEveryRight }],
    ),
    ...by(role('gateway-logs'), [
      'makes the logs go away',
      {
        action: 'logs:DeleteLogGroup',
        resource: touch('reads the log of audit-trail').resource.replace(/:log-stream.*$/, ''),
      },
    ]),
    ...by(role('trail'), ['with every right, writes the audit', { ...touch('writes audit'), ...withEveryRight }]),
    ...by(
      role('warehouse'),
      ['writes marts', touch('writes marts')],
      ['reads what a job has staged', { ...touch('stages in marts'), action: 's3:GetObject', network: 'tre' }],
      ['with every right, reads curated', { ...touch('reads curated'), ...withEveryRight }],
      [
        "with every right, reads the login of identity's first user by its key",
        { ...touch('opens with service-secrets'), ...withEveryRight },
      ],
      ['unloads a mart to a stranger', { ...outside, ...withEveryRight, action: 's3:PutObject', network: 'tre' }],
    ),
    ...by(
      role('catalogue-places'),
      ['with every right, reads identity', { ...touch('reads identity'), ...withEveryRight }],
      ['with every right, writes curated', { ...touch('writes curated'), ...withEveryRight }],
    ),
    ...by(
      role('research-flu'),
      ['reads marts past the access point', { ...touch('reads marts'), network: 'tre' }],
      [
        'reads by the access point what a job has staged',
        { action: 's3:GetObject', resource: staged(touch('reads marts by the access point').resource), network: 'tre' },
      ],
      [
        'writes by the access point',
        { ...touch('reads marts by the access point'), action: 's3:PutObject', network: 'tre' },
      ],
      [
        'with every right, writes by the access point',
        { ...touch('reads marts by the access point'), action: 's3:PutObject', network: 'tre', ...withEveryRight },
      ],
      ['with every right, reads curated', { ...touch('reads curated'), network: 'tre', ...withEveryRight }],
      [
        'with every right, carries a mart to a stranger',
        { ...outside, ...withEveryRight, action: 's3:PutObject', network: 'tre' },
      ],
      ['seals something with the key of marts', { ...touch('seals with store-marts'), network: 'tre' }],
      [
        "opens the catalogue's key without Glue",
        { ...touch('opens with service-catalogue'), network: 'tre', context: {} },
      ],
    ),
    ...by(
      role('backup'),
      ['deletes what it copies', touch('deletes from landing')],
      ['deletes a version of it', { ...touch('deletes from identity'), action: 's3:DeleteObjectVersion' }],
      ['opens a sealed identity', touch('uses key-identity')],
      ['reads the inbox', touch('reads inbox')],
      ['hands itself to a function', { ...touch('hands identity to a function'), resource: role('backup') }],
    ),
    ...by(
      arn('administrator'),
      ['restores the identity database beside it', touch('restores a database with service-state-identity')],
      [
        'says it is a service that restores',
        {
          ...touch('opens with service-state-identity'),
          context: { 'kms:ViaService': `backup.${region}.amazonaws.com` },
        },
      ],
      ["reads the login of identity's first user", touch("reads the login of identity's first user")],
      ['opens that login by its key', touch('opens with service-secrets')],
      ['logs in to identity', touch('logs in to identity')],
      ["gives identity's first user a password", touch("gives identity's first user another password")],
      [
        'shares a snapshot of identity',
        {
          action: 'rds:ModifyDBClusterSnapshotAttribute',
          resource: `arn:aws:rds:${region}:${account}:cluster-snapshot:copy`,
        },
      ],
      ['has the preparation make a role for them', touch('invokes prepare')],
      [
        'reads a mart by the access point of researchers',
        { ...touch('reads marts by the access point'), network: 'tre' },
      ],
      [
        'lets a function in that asks by another way',
        { action: 'lambda:PutResourcePolicy', resource: touch('invokes identity-requests').resource },
      ],
      [
        'makes themselves a role like those of the lake',
        { action: 'iam:CreateRole', resource: arn('lake-prod-aws-mine') },
      ],
    ),
    ...by(
      arn('lake-deploy'),
      [
        'makes a role without the boundary',
        { ...deploying, action: 'iam:CreateRole', resource: arn('lake-prod-aws-mine') },
      ],
      [
        'makes a role that is none of the lake',
        { ...deploying, action: 'iam:CreateRole', resource: arn('mine'), context: bounded },
      ],
      [
        'takes the boundary off',
        { ...deploying, action: 'iam:DeleteRolePermissionsBoundary', resource: role('identity') },
      ],
      [
        'writes the boundary anew',
        { ...deploying, action: 'iam:CreatePolicyVersion', resource: `arn:aws:iam::${account}:policy/lake-boundary` },
      ],
      [
        'lets somebody be the deployer',
        { ...deploying, action: 'iam:UpdateAssumeRolePolicy', resource: arn('lake-deploy') },
      ],
      [
        'makes a user with a key',
        { ...deploying, action: 'iam:CreateAccessKey', resource: `arn:aws:iam::${account}:user/lake-user` },
      ],
      ['is the identity function', { ...deploying, ...touch('is identity') }],
      ['reads identity', { ...deploying, ...touch('reads identity') }],
      ['opens a sealed identity', { ...deploying, ...touch('uses key-identity') }],
      ['logs in to identity', { ...deploying, ...touch('logs in to identity') }],
      [
        'opens the network',
        {
          ...deploying,
          action: 'ec2:CreateInternetGateway',
          resource: `arn:aws:ec2:${region}:${account}:internet-gateway/igw-1`,
        },
      ],
      [
        'makes a key in another country',
        { ...deploying, action: 'kms:CreateKey', resource: '*', context: { 'aws:RequestedRegion': 'us-east-1' } },
      ],
      [
        'deletes a copy',
        {
          ...deploying,
          ...touch('takes the policy of the vault away'),
          action: 'backup:CopyFromBackupVault',
          resource: `${touch('takes the policy of the vault away').resource}`,
        },
      ],
    ),
    ...by(
      arn('lake-preview'),
      ['reads a mart', { ...looking, ...touch('reads marts') }],
      [
        "reads the login of identity's first user",
        { ...looking, ...touch("reads the login of identity's first user") },
      ],
      ['reads a log', { ...looking, ...touch('reads the log of ingest') }],
      ['changes the policy of a bucket', { ...looking, ...touch('changes the policy of landing') }],
      ['is the deployer', { ...looking, action: 'sts:AssumeRole', resource: arn('lake-deploy') }],
      [
        'opens another key than that of the state',
        {
          ...looking,
          action: 'kms:Decrypt',
          resource: touch('uses key-landing').resource,
          encryptionContext: { zone: 'landing' },
        },
      ],
    ),
    ...by(
      arn('lake-break-glass'),
      ['reads identity', touch('reads identity')],
      ['opens a sealed identity', touch('uses key-identity')],
      ['logs in to identity', touch('logs in to identity')],
      ["reads the login of identity's first user", touch("reads the login of identity's first user")],
      ['removes an audit segment', touch('deletes from audit')],
    ),
  ];
}
