import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { toLakeError } from './s3-errors';

/**
 * Makes buckets unless they are there, as whoever deploys a lake to a store of its own; no function may.
 *
 * @public loaded by name when a stack brings its own store
 */
export async function ensureBuckets(
  place: { readonly region: string; readonly endpoint: string },
  names: readonly string[],
): Promise<void> {
  const client = new S3Client({ ...place, forcePathStyle: true });
  try {
    for (const name of names) {
      await client.send(new CreateBucketCommand({ Bucket: name })).catch((error: unknown) => {
        const known = ['BucketAlreadyOwnedByYou', 'BucketAlreadyExists'];
        if (!known.includes((error as { readonly name?: string }).name ?? '')) throw toLakeError(error);
      });
    }
  } finally {
    client.destroy();
  }
}
