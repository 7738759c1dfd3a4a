import { randomBytes } from 'node:crypto';
import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { openBlobStore } from '../../adapters/azure/open-blob-store';
import { objectStoreContract } from '../contract/object-store.contract';
import { objectStoreFaultsContract } from '../contract/object-store-faults.contract';

/** The contract against Azure Blob: LAKE_CONTRACT_AZURE is the URL of an account, its name and key as user and password. */
const server = process.env.LAKE_CONTRACT_AZURE;

if (server === undefined) {
  describe('ObjectStore: Azure Blob', () => {
    it('is not run: set LAKE_CONTRACT_AZURE to the URL of an account', function () {
      this.skip();
    });
  });
} else {
  const url = new URL(server);
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
  objectStoreContract(`Azure Blob at ${url.host}`, async () => {
    const { at, stop } = await fresh();
    return { store: openBlobStore(at(url.origin), { credential, refuseClashes: true }), streams: true, stop };
  });
  objectStoreFaultsContract(`Azure Blob at ${url.host}`, async () => {
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
