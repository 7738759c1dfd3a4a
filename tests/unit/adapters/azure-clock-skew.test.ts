import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { BlobObjectStore } from '../../../adapters/azure/blob-object-store';
import { isLakeError } from '../../../adapters/ports/errors';
import { closeServer, listenOnLoopback } from '../../support/loopback-server';

const quarter = 15 * 60_000;

describe('The adapter of Azure Blob on a machine whose clock is wrong', () => {
  let puts = 0;
  // The service's clock is two hours ahead; a request may be 15 minutes old (Azure Storage, "Authorize with Shared Key").
  const server = createServer((request, response) => {
    puts += Number(request.method === 'PUT');
    request.resume();
    const now = Date.now() + 8 * quarter;
    const old = now - Date.parse(String(request.headers['x-ms-date'])) > quarter;
    response.setHeader('date', new Date(now).toUTCString());
    if (old) response.setHeader('x-ms-error-code', 'AuthenticationFailed');
    response.writeHead(old ? 403 : request.method === 'PUT' ? 201 : 404, { etag: '"1"' }).end();
  });
  let store: BlobObjectStore;
  before(async () => {
    const credential = new StorageSharedKeyCredential('lake', Buffer.alloc(32).toString('base64'));
    const service = new BlobServiceClient(await listenOnLoopback(server), credential);
    store = new BlobObjectStore(service.getContainerClient('landing'), { refuseClashes: false });
  });
  after(() => closeServer(server));

  it('is refused at once and told to look at its clock; a put is not repeated and none is taken for done', async () => {
    for (const call of [() => store.putIfAbsent('a', Buffer.from('x')), () => store.read('a'), () => store.head('a')])
      await assert.rejects(call, (error) => {
        assert.ok(isLakeError(error, 'PermissionDenied'), String(error));
        assert.match(error.message, /the clock/);
        return true;
      });
    assert.equal(puts, 1);
  });
});
