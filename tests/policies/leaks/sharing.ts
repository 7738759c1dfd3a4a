import {
  account,
  arnOf,
  idOf,
  inZone,
  policy,
  region,
  type Statement,
  stranger,
  written,
} from '../hand-written-stack/written-resource';
import { add, change, inTurn, type Leak } from './leak';

const strangersRoot = { AWS: `arn:aws:iam::${stranger}:root` };

/** One more statement in a policy that is there. */
const also =
  (statement: Statement) =>
  (now: unknown): string => {
    const { Statement } = JSON.parse(String(now)) as { Statement: Statement[] };
    return policy(...Statement, statement);
  };

const without =
  (sid: string) =>
  (now: unknown): string => {
    const { Statement } = JSON.parse(String(now)) as { Statement: Statement[] };
    return policy(...Statement.filter(({ Sid }) => Sid !== sid));
  };

/** Leaks by policies of resources and by things lent to others. */
export const sharingLeaks: readonly Leak[] = [
  {
    name: "a supplier's account may read the curated bucket",
    reaches: `account ${stranger}`,
    through: ['curated'],
    plant: change('aws:s3/bucketPolicy:BucketPolicy', 'curated', (now) => ({
      ...now,
      policy: policy(
        { Effect: 'Allow', Principal: strangersRoot, Action: ['s3:GetObject'], Resource: 'arn:aws:s3:::curated/*' },
        {
          Effect: 'Deny',
          Principal: '*',
          Action: 's3:*',
          Resource: 'arn:aws:s3:::curated/*',
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ),
    })),
  },
  {
    name: 'a signed address of a landed object works from anywhere once the networks are not named',
    reaches: 'internet',
    through: ['landing'],
    plant: change('aws:s3/bucketPolicy:BucketPolicy', 'landing', (now) => ({
      ...now,
      policy: without('OurNetworksAlone')(now.policy),
    })),
  },
  {
    name: 'an exception for a laptop that is one for everybody',
    reaches: 'internet',
    through: ['marts'],
    plant: change('aws:s3/bucketPolicy:BucketPolicy', 'marts', (now) => ({
      ...now,
      policy: String(now.policy).replace(
        '"StringNotEqualsIfExists":{"aws:SourceVpce"',
        '"NotIpAddress":{"aws:SourceIp":["0.0.0.0/0"]},"StringNotEqualsIfExists":{"aws:SourceVpce"',
      ),
    })),
  },
  {
    name: 'an access point of the internet for the marts, to which the bucket leaves everything',
    reaches: 'internet',
    through: ['marts-dashboard'],
    plant: inTurn(
      add(
        written('aws:s3/accessPoint:AccessPoint', 'marts-dashboard', {
          bucket: 'marts',
          policy: policy({
            Effect: 'Allow',
            Principal: { AWS: arnOf('aws:iam/role:Role', 'flu-reader') },
            Action: 's3:GetObject',
            Resource: `${arnOf('aws:s3/accessPoint:AccessPoint', 'marts-dashboard')}/object/*`,
          }),
        }),
      ),
      change('aws:s3/bucketPolicy:BucketPolicy', 'marts', (now) => ({
        ...now,
        policy: policy({
          Effect: 'Allow',
          Principal: '*',
          Action: '*',
          Resource: ['arn:aws:s3:::marts', 'arn:aws:s3:::marts/*'],
          Condition: { StringEquals: { 's3:DataAccessPointAccount': account } },
        }),
      })),
    ),
  },
  {
    name: "the identity key lets a supplier's account decrypt",
    reaches: `account ${stranger}`,
    through: ['identity'],
    plant: change('aws:kms/key:Key', 'identity', (now) => ({
      ...now,
      policy: also({ Effect: 'Allow', Principal: strangersRoot, Action: 'kms:Decrypt', Resource: '*' })(
        // The deny of the zone names the supplier's roles as well.
        String(now.policy).replace('role/identity-*"', `role/identity-*","arn:aws:iam::${stranger}:*"`),
      ),
    })),
  },
  {
    name: 'a grant on the landing key to a role elsewhere',
    reaches: `account ${stranger}`,
    through: ['landing', 'migration'],
    plant: add(
      written('aws:kms/grant:Grant', 'migration', {
        keyId: arnOf('aws:kms/key:Key', 'landing'),
        granteePrincipal: `arn:aws:iam::${stranger}:role/migration`,
        operations: ['Decrypt'],
      }),
    ),
  },
  {
    name: 'a queue anybody may take from',
    reaches: 'any account',
    through: ['curate'],
    plant: change('aws:sqs/queuePolicy:QueuePolicy', 'curate', (now) => ({
      ...now,
      policy: policy({
        Effect: 'Allow',
        Principal: '*',
        Action: ['sqs:SendMessage', 'sqs:ReceiveMessage'],
        Resource: arnOf('aws:sqs/queue:Queue', 'curate'),
      }),
    })),
  },
  {
    name: 'the pseudonym secret shared with an organisation that is not ours',
    reaches: 'any account',
    through: ['pseudonym'],
    plant: add(
      written('aws:secretsmanager/secretPolicy:SecretPolicy', 'pseudonym', {
        secretArn: arnOf('aws:secretsmanager/secret:Secret', 'pseudonym'),
        policy: policy({
          Effect: 'Allow',
          Principal: '*',
          Action: 'secretsmanager:GetSecretValue',
          Resource: '*',
          Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-somebodyelse' } },
        }),
      }),
    ),
  },
  {
    name: 'a snapshot of the identity database shared for a fault report',
    reaches: `account ${stranger}`,
    through: ['identity-database', 'fault-report'],
    plant: add(
      written('aws:rds/clusterSnapshot:ClusterSnapshot', 'fault-report', {
        dbClusterIdentifier: 'identity-database',
        dbClusterSnapshotIdentifier: 'fault-report',
        sharedAccounts: [stranger],
      }),
    ),
  },
  {
    name: 'a disk snapshot others may make volumes of',
    reaches: `account ${stranger}`,
    through: ['spool'],
    plant: add(
      written('aws:ec2/snapshotCreateVolumePermission:SnapshotCreateVolumePermission', 'spool', {
        snapshotId: 'snap-spool',
        accountId: stranger,
      }),
    ),
  },
  {
    name: 'the catalogue of marts open to a stranger',
    reaches: `account ${stranger}`,
    through: ['shared-catalogue'],
    plant: add(
      written('aws:glue/resourcePolicy:ResourcePolicy', 'shared-catalogue', {
        policy: policy({
          Effect: 'Allow',
          Principal: strangersRoot,
          Action: 'glue:GetTable',
          Resource: `arn:aws:glue:${region}:${account}:*`,
        }),
      }),
    ),
  },
  {
    name: 'a role that a supplier may take up, with the curated bucket behind it',
    reaches: `account ${stranger}`,
    through: ['support'],
    plant: add(
      written('aws:iam/role:Role', 'support', {
        assumeRolePolicy: policy({
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${stranger}:role/engineer` },
          Action: 'sts:AssumeRole',
        }),
        tags: inZone('lake'),
      }),
      written('aws:iam/rolePolicy:RolePolicy', 'support', {
        role: 'support',
        policy: policy({ Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::curated/*' }),
      }),
    ),
  },
  {
    name: 'a subnet of the lake lent through a resource share',
    reaches: `account ${stranger}`,
    through: ['lent'],
    plant: add(
      written('aws:ram/resourceShare:ResourceShare', 'lent', { name: 'lent', allowExternalPrincipals: true }),
      written('aws:ram/resourceAssociation:ResourceAssociation', 'lent', {
        resourceShareArn: arnOf('aws:ram/resourceShare:ResourceShare', 'lent'),
        resourceArn: `arn:aws:ec2:${region}:${account}:subnet/lake-a-id`,
      }),
      written('aws:ram/principalAssociation:PrincipalAssociation', 'lent', {
        resourceShareArn: arnOf('aws:ram/resourceShare:ResourceShare', 'lent'),
        principal: stranger,
      }),
    ),
  },
  {
    name: "one project's reader may write where the other project reads",
    reaches: 'project frailty',
    through: ['flu-reader', 'marts-frailty', 'frailty-reader'],
    plant: change('aws:iam/rolePolicy:RolePolicy', 'flu-reader', (now) => ({
      ...now,
      policy: also({
        Effect: 'Allow',
        Action: ['s3:PutObject'],
        Resource: `${arnOf('aws:s3/accessPoint:AccessPoint', 'marts-frailty')}/object/*`,
      })(now.policy),
    })),
  },
  {
    name: 'a container image repository anybody may pull from',
    reaches: 'any account',
    through: ['spark'],
    plant: add(
      written('aws:ecr/repositoryPolicy:RepositoryPolicy', 'spark', {
        repository: 'spark',
        policy: policy({
          Effect: 'Allow',
          Principal: '*',
          Action: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
        }),
      }),
    ),
  },
  {
    name: 'the address of the function is public',
    reaches: 'internet',
    through: ['curate', 'try-out'],
    plant: add(
      written('aws:lambda/functionUrl:FunctionUrl', 'try-out', { functionName: 'curate', authorizationType: 'NONE' }),
    ),
  },
  {
    name: 'a stranger may invoke the identity function',
    reaches: `account ${stranger}`,
    through: ['identity', 'tests-elsewhere'],
    plant: add(
      written('aws:lambda/permission:Permission', 'tests-elsewhere', {
        action: 'lambda:InvokeFunction',
        function: 'identity',
        principal: stranger,
      }),
    ),
  },
  {
    name: 'anybody may subscribe to the topic of landed messages',
    reaches: 'any account',
    through: ['landed'],
    plant: change('aws:sns/topicPolicy:TopicPolicy', 'landed', (now) => ({
      ...now,
      policy: also({
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: ['sns:Subscribe', 'sns:Receive'],
        Resource: idOf('landed'),
        Condition: { StringLike: { 'sns:Endpoint': '*@example.nhs.uk' } },
      })(now.policy),
    })),
  },
];
