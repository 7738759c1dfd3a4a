import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import type { ObjectStoreBinding } from '../bindings';
import { s3Capabilities } from '../capabilities';
import { S3ObjectStore } from './s3-object-store';

export interface S3Access {
  /** Without them they come as the SDK finds them: environment or mounted file, never the binding. */
  readonly credentials?: NonNullable<S3ClientConfig['credentials']>;
  /** The lake's own keys (zone layout, Delta folders) never clash; the guard would cost a listing a put. @default false */
  readonly refuseClashes?: boolean;
  /** Milliseconds until a try must be answered, and a connection may be idle in one. @default 30000 */
  readonly tryTimeout?: number;
}

/**
 * One zone as a binding names it.
 *
 * @public loaded by name when a binding asks for it
 */
export function openS3Store(
  {
    bucket,
    region,
    endpoint,
    forcePathStyle,
    objectLock = false,
    retainDays,
    signedUploads = false,
  }: Extract<ObjectStoreBinding, { kind: 's3' }>,
  { credentials, refuseClashes = false, tryTimeout = 30_000 }: S3Access = {},
): S3ObjectStore {
  const client = new S3Client({
    region,
    // The store repeats calls itself, and also reads whose body ended early, which the SDK does not.
    maxAttempts: 1,
    // Without these a connection that stays silent is waited for without end.
    requestHandler: {
      connectionTimeout: Math.min(tryTimeout, 5000),
      requestTimeout: tryTimeout,
      throwOnRequestTimeout: true,
      socketTimeout: tryTimeout,
    },
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(forcePathStyle === undefined ? {} : { forcePathStyle }),
    ...(credentials === undefined ? {} : { credentials }),
  });
  const capabilities = s3Capabilities({ objectLock, signedUploads });
  const retention = retainDays === undefined ? {} : { retainDays };
  return new S3ObjectStore(client, { bucket, refuseClashes, capabilities, ...retention });
}
