import {
  CreateBucketCommand,
  GetObjectLockConfigurationCommand,
  PutBucketPolicyCommand,
  PutObjectLockConfigurationCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { LakeError } from '../ports/errors';
import { toLakeError } from './s3-errors';

/** A bucket, and who may do what in it: JSON in the policy language of S3. Without a policy its owner alone may. */
export interface BucketSettings {
  readonly name: string;
  readonly policy?: string;
  /** Made with Object Lock: whatever anybody puts there is kept for so many days. */
  readonly lockDays?: number;
}

/**
 * Makes buckets unless they are there, and sets their locks and policies, as whoever deploys a lake to a store of its own; no
 * function may.
 *
 * @throws LakeError `PreconditionFailed` for a bucket that is there without the lock it is to have
 * @public loaded by name when a stack brings its own store
 */
export async function ensureBuckets(
  place: { readonly region: string; readonly endpoint: string },
  buckets: readonly BucketSettings[],
): Promise<void> {
  const client = new S3Client({ ...place, forcePathStyle: true });
  try {
    for (const { name: Bucket, policy: Policy, lockDays } of buckets) {
      const create = new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: lockDays !== undefined });
      await client.send(create).catch((error: unknown) => {
        if (!['BucketAlreadyOwnedByYou', 'BucketAlreadyExists'].includes(nameOf(error))) throw toLakeError(error);
      });
      if (lockDays !== undefined) await lock(client, Bucket, lockDays);
      if (Policy !== undefined) await client.send(new PutBucketPolicyCommand({ Bucket, Policy })).catch(rethrow);
    }
  } finally {
    client.destroy();
  }
}

/** The default of the bucket holds for those who name no retention of their own: collectors of logs. */
async function lock(client: S3Client, Bucket: string, Days: number): Promise<void> {
  await client.send(new GetObjectLockConfigurationCommand({ Bucket })).catch((cause: unknown) => {
    if (nameOf(cause) !== 'ObjectLockConfigurationNotFoundError') throw toLakeError(cause);
    throw new LakeError(
      'PreconditionFailed',
      'The bucket of the audit is there and was made without Object Lock. Move its objects into one that has it, or set auditLockDays to 0.',
      { cause },
    );
  });
  const ObjectLockConfiguration = {
    ObjectLockEnabled: 'Enabled',
    Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days } },
  } as const;
  await client.send(new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration })).catch(rethrow);
}

const nameOf = (error: unknown): string => (error as { readonly name?: string }).name ?? '';

function rethrow(error: unknown): never {
  throw toLakeError(error);
}
