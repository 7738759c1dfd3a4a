import { BlobServiceClient, type newPipeline } from '@azure/storage-blob';
import type { ObjectStoreBinding } from '../bindings';
import { BlobObjectStore, type BlobObjectStoreOptions } from './blob-object-store';

export interface BlobAccess extends BlobObjectStoreOptions {
  /** A shared key of the account; a token credential of `@azure/identity` where the host has one. */
  readonly credential: NonNullable<Parameters<typeof newPipeline>[0]>;
}

/** One zone as a binding names it. */
export function openBlobStore(
  { accountUrl, container }: Extract<ObjectStoreBinding, { kind: 'azure-blob' }>,
  { credential, ...options }: BlobAccess,
): BlobObjectStore {
  // The store repeats calls itself: the SDK's own tries have no timeout and leave 429 out.
  const service = new BlobServiceClient(accountUrl, credential, { retryOptions: { maxTries: 1 } });
  return new BlobObjectStore(service.getContainerClient(container), options);
}
