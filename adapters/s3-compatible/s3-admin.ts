import { CreateBucketCommand, PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import { toLakeError } from './s3-errors';

/** A bucket, and who may do what in it: JSON in the policy language of S3. Without a policy its owner alone may. */
export interface BucketSettings {
  readonly name: string;
  readonly policy?: string;
}

/**
 * Makes buckets unless they are there, and sets their policies, as whoever deploys a lake to a store of its own; no function may.
 *
 * @public loaded by name when a stack brings its own store
 */
export async function ensureBuckets(
  place: { readonly region: string; readonly endpoint: string },
  buckets: readonly BucketSettings[],
): Promise<void> {
  const client = new S3Client({ ...place, forcePathStyle: true });
  try {
    for (const { name, policy } of buckets) {
      await client.send(new CreateBucketCommand({ Bucket: name })).catch((error: unknown) => {
        const known = ['BucketAlreadyOwnedByYou', 'BucketAlreadyExists'];
        if (!known.includes((error as { readonly name?: string }).name ?? '')) throw toLakeError(error);
      });
      if (policy === undefined) continue;
      await client.send(new PutBucketPolicyCommand({ Bucket: name, Policy: policy })).catch((error: unknown) => {
        throw toLakeError(error);
      });
    }
  } finally {
    client.destroy();
  }
}
