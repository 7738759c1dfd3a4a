import {
  Bucket,
  BucketLifecycleConfiguration,
  BucketObjectLockConfiguration,
  BucketOwnershipControls,
  BucketPolicy,
  BucketPublicAccessBlock,
  BucketServerSideEncryptionConfiguration,
  BucketVersioning,
} from '@pulumi/aws/s3';
import type { Input } from '@pulumi/pulumi';
import type { AwsParts, PartPlace } from './aws-parts';
import { type PolicyStatement, policyText } from './aws-policy';
import { type AwsTarget, awsArn } from './aws-target';

/** What becomes of objects with time; days count from when an object, or its noncurrent version, came to be. */
export interface AwsLifecycle {
  readonly id: string;
  /** Only keys that begin so. */
  readonly prefix?: string;
  /** Days until an object moves to a cheaper class, each of which answers at once. */
  readonly transitions?: readonly {
    readonly days: number;
    readonly storageClass: 'INTELLIGENT_TIERING' | 'GLACIER_IR' | 'DEEP_ARCHIVE';
  }[];
  readonly expireDays?: number;
  /** Days until an earlier version is removed for good. */
  readonly noncurrentDays?: number;
}

export interface AwsBucketArgs {
  readonly name: string;
  readonly place: PartPlace;
  readonly keyArn: Input<string>;
  readonly statements: readonly PolicyStatement[];
  /** Nobody deletes or shortens under COMPLIANCE, the account's root included; production alone, or no stack could be removed. */
  readonly lockDays?: number;
  readonly lifecycle: readonly AwsLifecycle[];
  /** Days until parts of an upload that never ended are removed. */
  readonly abortDays: number;
}

export interface AwsBucket {
  readonly bucket: Bucket;
  /** What a service delivers there waits for it: the service tries at once, and is refused before. */
  readonly policy: BucketPolicy;
}

/** Nothing of a bucket is ever public: on the account, on every bucket and on every access point. */
export const publicAccessBlocked = {
  blockPublicAcls: true,
  blockPublicPolicy: true,
  ignorePublicAcls: true,
  restrictPublicBuckets: true,
};

/** One private bucket of the account: versioned, encrypted with its own key, without ACLs, closed to the public. */
export function addBucket(parts: AwsParts, role: string, args: AwsBucketArgs): AwsBucket {
  const { target } = parts;
  const { name, place, keyArn, statements, lockDays, lifecycle, abortDays } = args;
  const bucket = parts.keep(
    Bucket,
    role,
    {
      bucket: name,
      bucketNamespace: 'account-regional',
      forceDestroy: false,
      // It can be set when the bucket is made and never after.
      ...(lockDays === undefined ? {} : { objectLockEnabled: true }),
    },
    { place },
  );
  const versions = parts.add(BucketVersioning, `${role}-versions`, {
    bucket: bucket.id,
    versioningConfiguration: { status: 'Enabled' },
  });
  parts.add(BucketOwnershipControls, `${role}-ownership`, {
    bucket: bucket.id,
    rule: { objectOwnership: 'BucketOwnerEnforced' },
  });
  const closed = parts.add(BucketPublicAccessBlock, `${role}-public-access`, {
    bucket: bucket.id,
    ...publicAccessBlocked,
  });
  parts.add(BucketServerSideEncryptionConfiguration, `${role}-encryption`, {
    bucket: bucket.id,
    rules: [
      {
        applyServerSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyId: keyArn },
        bucketKeyEnabled: true,
        blockedEncryptionTypes: ['SSE-C'],
      },
    ],
  });
  if (lockDays !== undefined)
    parts.keep(
      BucketObjectLockConfiguration,
      `${role}-lock`,
      {
        bucket: bucket.id,
        rule: {
          defaultRetention: { mode: target.environment === 'production' ? 'COMPLIANCE' : 'GOVERNANCE', days: lockDays },
        },
      },
      { dependsOn: [versions] },
    );
  parts.add(
    BucketLifecycleConfiguration,
    `${role}-lifecycle`,
    { bucket: bucket.id, rules: [...lifecycle.map(ruleOf), housekeeping(abortDays)] },
    { dependsOn: [versions] },
  );
  // While the bucket is being closed no policy can be put.
  const policy = parts.add(
    BucketPolicy,
    `${role}-policy`,
    { bucket: bucket.id, policy: policyText(statements) },
    { dependsOn: [closed] },
  );
  return { bucket, policy };
}

const ruleOf = ({ id, prefix = '', transitions = [], expireDays, noncurrentDays }: AwsLifecycle) => ({
  id,
  status: 'Enabled',
  filter: { prefix },
  ...(transitions.length === 0 ? {} : { transitions: [...transitions] }),
  ...(expireDays === undefined ? {} : { expiration: { days: expireDays } }),
  ...(noncurrentDays === undefined ? {} : { noncurrentVersionExpiration: { noncurrentDays } }),
});

/** Parts of uploads that never ended, and markers of deletes that nothing lies behind. */
const housekeeping = (abortDays: number) => ({
  id: 'housekeeping',
  status: 'Enabled',
  filter: { prefix: '' },
  abortIncompleteMultipartUpload: { daysAfterInitiation: abortDays },
  expiration: { expiredObjectDeleteMarker: true },
});

const both = (target: Named, bucket: string): string[] => {
  const arn = awsArn(target, 's3', bucket);
  return [arn, `${arn}/*`];
};

type Named = Omit<AwsTarget, 'provider'>;
const notAService = { Bool: { 'aws:PrincipalIsAWSService': 'false' } };

export type TlsVersion = '1.2' | '1.3';

/** What every bucket refuses, whoever asks: open and old connections, other accounts, a key of the caller's choice. */
export function bucketGuards(target: Named, bucket: string, leastTls: TlsVersion): readonly PolicyStatement[] {
  const everything = { Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: both(target, bucket) } as const;
  const puts = {
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:PutObject',
    Resource: `${awsArn(target, 's3', bucket)}/*`,
  } as const;
  return [
    { Sid: 'NoOpenConnection', ...everything, Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
    { Sid: 'NoOldConnection', ...everything, Condition: { NumericLessThan: { 's3:TlsVersion': leastTls } } },
    {
      Sid: 'NoOtherAccount',
      ...everything,
      Condition: {
        StringNotEquals: { 'aws:PrincipalAccount': target.accountId },
        BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' },
      },
    },
    // The bucket's own encryption always: a writer that names none gets it, and one that names another is refused. Services that
    // deliver logs name the key they were given.
    {
      Sid: 'NoOtherEncryption',
      ...puts,
      Condition: { Null: { 's3:x-amz-server-side-encryption-aws-kms-key-id': 'false' }, ...notAService },
    },
    {
      Sid: 'NoWeakerEncryption',
      ...puts,
      Condition: {
        StringNotEqualsIfExists: { 's3:x-amz-server-side-encryption': 'aws:kms' },
        Null: { 's3:x-amz-server-side-encryption': 'false' },
        ...notAService,
      },
    },
    {
      Sid: 'NoKeyOfACaller',
      ...puts,
      Condition: { Null: { 's3:x-amz-server-side-encryption-customer-algorithm': 'false' } },
    },
    // What guards the bucket is changed by those who deploy.
    {
      Sid: 'NobodyElseChangesIt',
      Effect: 'Deny',
      Principal: '*',
      Action: [
        's3:BypassGovernanceRetention',
        's3:DeleteBucket',
        's3:DeleteBucketPolicy',
        's3:PutBucketAcl',
        's3:PutBucketObjectLockConfiguration',
        's3:PutBucketOwnershipControls',
        's3:PutBucketPolicy',
        's3:PutBucketPublicAccessBlock',
        's3:PutBucketVersioning',
        's3:PutEncryptionConfiguration',
        's3:PutLifecycleConfiguration',
        's3:PutReplicationConfiguration',
      ],
      Resource: both(target, bucket),
      Condition: { ArnNotLike: { 'aws:PrincipalArn': [...target.deployers, ...target.breakGlass] }, ...notAService },
    },
  ];
}
