import { randomBytes } from 'node:crypto';
import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { openBlobStore } from '../../adapters/azure/open-blob-store';
import { deltaTableContract } from '../contract/delta-table.contract';
import { objectStoreContract } from '../contract/object-store.contract';
import { objectStoreFaultsContract } from '../contract/object-store-faults.contract';
import { contractEndpoints } from './contract-endpoints';

/** The URL of an account, its name and key as user and password. */
for (const { url, name } of contractEndpoints('ObjectStore', 'Azure Blob', 'LAKE_CONTRACT_AZURE')) {
  const credential = new StorageSharedKeyCredential(decodeURIComponent(url.username), decodeURIComponent(url.password));
  const fresh = async () => {
    const container = `lake-contract-${randomBytes(6).toString('hex')}`;
    const made = new BlobServiceClient(`${url.origin}${url.pathname}`, credential).getContainerClient(container);
    await made.create();
    return {
      at: (origin: string) => ({ kind: 'azure-blob', accountUrl: `${origin}${url.pathname}`, container }) as const,
      stop: async () => {
        await made.delete();
      },
    };
  };
  const harness = async () => {
    const { at, stop } = await fresh();
    return { store: openBlobStore(at(url.origin), { credential, refuseClashes: true }), streams: true, stop };
  };
  objectStoreContract(name, harness);
  deltaTableContract(name, harness);
  objectStoreFaultsContract(name, async () => {
    const { at, stop } = await fresh();
    const headers = { 'content-type': 'application/xml', 'x-ms-error-code': 'AuthenticationFailed' };
    const body = '<?xml version="1.0"?><Error><Code>AuthenticationFailed</Code></Error>';
    return {
      server: new URL(url.origin),
      openAt: (origin, tryTimeout) => openBlobStore(at(origin), { credential, tryTimeout, refuseClashes: false }),
      expired: { kind: 'answer', status: 403, headers, body },
      stop,
    };
  });
}
