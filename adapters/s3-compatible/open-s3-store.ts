import { S3Client } from '@aws-sdk/client-s3';
import type { ObjectStoreBinding } from '../bindings';
import type { ObjectStore } from '../ports/object-store';
import { S3ObjectStore } from './s3-object-store';

/**
 * One zone as a binding names it. Credentials come as the SDK finds them: environment or mounted file, never the binding.
 *
 * @public loaded by name when a binding asks for it
 */
export function openS3Store(binding: Extract<ObjectStoreBinding, { kind: 's3' }>): ObjectStore {
  const { bucket, region, endpoint, forcePathStyle } = binding;
  const client = new S3Client({
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(forcePathStyle === undefined ? {} : { forcePathStyle }),
  });
  // The lake's own keys (zone layout, Delta folders) never clash; the guard would cost a listing a put.
  return new S3ObjectStore(client, { bucket, refuseClashes: false });
}
