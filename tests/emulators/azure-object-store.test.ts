import { randomBytes } from 'node:crypto';
import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { openBlobStore } from '../../adapters/azure/open-blob-store';
import { objectStoreContract } from '../contract/object-store.contract';

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
  objectStoreContract(`Azure Blob at ${url.host}`, async () => {
    const accountUrl = `${url.origin}${url.pathname}`;
    const container = `lake-contract-${randomBytes(6).toString('hex')}`;
    const made = new BlobServiceClient(accountUrl, credential).getContainerClient(container);
    await made.create();
    const stop = async () => {
      await made.delete();
    };
    return { store: openBlobStore({ kind: 'azure-blob', accountUrl, container }, { credential }), streams: true, stop };
  });
}
