import { BlobServiceClient, type newPipeline, type StoragePipelineOptions } from '@azure/storage-blob';
import type { ObjectStoreBinding } from '../bindings';
import { BlobObjectStore, type BlobObjectStoreOptions } from './blob-object-store';

export interface BlobAccess {
  /** A shared key of the account; a token credential of `@azure/identity` where the host has one. */
  readonly credential: NonNullable<Parameters<typeof newPipeline>[0]>;
  readonly options?: BlobObjectStoreOptions;
  /** Milliseconds a try may take. @default 30000 */
  readonly tryTimeout?: number;
}

/** Four tries with growing pauses: what passes is not seen, what lasts is told within two minutes. */
const pipelineOptions = (tryTimeout: number): StoragePipelineOptions => ({
  retryOptions: { maxTries: 4, tryTimeoutInMs: tryTimeout, retryDelayInMs: 200, maxRetryDelayInMs: 5000 },
});

/** One zone as a binding names it. */
export function openBlobStore(
  { accountUrl, container }: Extract<ObjectStoreBinding, { kind: 'azure-blob' }>,
  { credential, options, tryTimeout = 30_000 }: BlobAccess,
): BlobObjectStore {
  const service = new BlobServiceClient(accountUrl, credential, pipelineOptions(tryTimeout));
  return new BlobObjectStore(service.getContainerClient(container), options);
}
