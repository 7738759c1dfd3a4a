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

type S3Binding = Extract<ObjectStoreBinding, { kind: 's3' }>;

/** Opens zones as bindings name them; those of one place share a client, which takes a millisecond to make, and its connections. */
export function s3Stores({
  credentials,
  refuseClashes = false,
  tryTimeout = 30_000,
}: S3Access = {}): (binding: S3Binding) => S3ObjectStore {
  const clients = new Map<string, S3Client>();
  const clientOf = ({ region, endpoint, forcePathStyle }: S3Binding): S3Client => {
    const place = JSON.stringify([region, endpoint, forcePathStyle]);
    const made =
      clients.get(place) ??
      new S3Client({
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
    clients.set(place, made);
    return made;
  };
  return (binding) => {
    const { bucket, objectLock = false, retainDays, signedUploads = false } = binding;
    const capabilities = s3Capabilities({ objectLock, signedUploads });
    const retention = retainDays === undefined ? {} : { retainDays };
    return new S3ObjectStore(clientOf(binding), { bucket, refuseClashes, capabilities, ...retention });
  };
}

/**
 * One zone by itself.
 *
 * @public loaded by name when a binding asks for it
 */
export const openS3Store = (binding: S3Binding, access?: S3Access): S3ObjectStore => s3Stores(access)(binding);
