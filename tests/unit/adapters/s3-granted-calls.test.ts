import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { S3Client } from '@aws-sdk/client-s3';
import { S3ObjectStore } from '../../../adapters/s3-compatible/s3-object-store';
import type { ObjectStoreOperation } from '../../../functions/manifest';
import { objectStoreCalls } from '../../../functions/manifest-bucket-policy';
import { collect, refusedAs } from '../../contract/object-store-harness';
import { closeServer, listenOnLoopback } from '../../support/loopback-server';

const body = Buffer.from('x');

const operations: Readonly<Record<ObjectStoreOperation, (store: S3ObjectStore) => unknown>> = {
  putIfAbsent: (store) => store.putIfAbsent('a', body),
  // Above 5 MiB it goes up in parts.
  put: (store) => store.put('a', Buffer.alloc(6 * 1024 * 1024)),
  read: (store) => store.read('a'),
  stream: (store) => collect(store.stream('a')),
  head: (store) => store.head('a'),
  list: (store) => collect(store.list('')),
  delete: (store) => store.delete('a'),
  versions: (store) => collect(store.versions('a')),
  purgeVersions: (store) => store.purgeVersions('a'),
  purgeVersionsUnder: (store) => store.purgeVersionsUnder(''),
  hold: (store) => store.hold('a', true),
  signUpload: async (store) => {
    const promised = { size: 1, sha256: 'ab'.repeat(32), contentType: 'text/plain', seconds: 60 };
    const { url, headers } = await store.signUpload('a', promised);
    const { status } = await fetch(url, { method: 'PUT', headers, body });
    if (status !== 200) throw new Error(`The upload was answered with ${status}.`);
  },
  // Never a call: refused before any.
  localPath: () => undefined,
};

/** The permission a request needs (Service Authorization Reference, "Actions, resources, and condition keys for Amazon S3"). */
function actionOf(method: string, url: URL): string {
  const asks = (name: string) => url.searchParams.has(name);
  if (url.pathname === '/bucket' || url.pathname === '/bucket/')
    return asks('versions') ? 's3:ListBucketVersions' : 's3:ListBucket';
  if (method === 'GET' || method === 'HEAD') return 's3:GetObject';
  if (method === 'DELETE')
    return asks('uploadId')
      ? 's3:AbortMultipartUpload'
      : asks('versionId')
        ? 's3:DeleteObjectVersion'
        : 's3:DeleteObject';
  return asks('legal-hold') ? 's3:PutObjectLegalHold' : 's3:PutObject';
}

const versions = `<ListVersionsResult>
  <Version><Key>a</Key><VersionId>2</VersionId><IsLatest>true</IsLatest></Version>
  <Version><Key>a</Key><VersionId>1</VersionId></Version>
</ListVersionsResult>`;

function answerTo(action: string, url: URL): string {
  if (action === 's3:ListBucketVersions') return versions;
  if (action === 's3:ListBucket') return '<ListBucketResult><Contents><Key>a</Key></Contents></ListBucketResult>';
  if (url.searchParams.has('uploads'))
    return '<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>';
  if (url.searchParams.has('uploadId'))
    return '<CompleteMultipartUploadResult><ETag>"1"</ETag></CompleteMultipartUploadResult>';
  return action === 's3:GetObject' ? 'x' : '';
}

describe('An operation of the S3 store', () => {
  let granted: ReadonlySet<string>;
  let asked: Set<string>;
  let open: (capabilities: readonly ('holds' | 'signedUpload')[]) => S3ObjectStore;
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://store');
    const action = actionOf(request.method ?? '', url);
    asked.add(action);
    request.resume().on('end', () => {
      if (granted.has(action)) response.writeHead(200, { etag: '"1"' }).end(answerTo(action, url));
      else response.writeHead(403).end('<Error><Code>AccessDenied</Code><Message>x</Message></Error>');
    });
  });
  before(async () => {
    const endpoint = await listenOnLoopback(server);
    const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
    const client = new S3Client({ region: 'eu-west-2', endpoint, credentials, forcePathStyle: true, maxAttempts: 1 });
    const options = { bucket: 'bucket', refuseClashes: false, partBytes: 5 * 1024 * 1024, attempts: 1 };
    open = (capabilities) => new S3ObjectStore(client, { ...options, capabilities: ['versions', ...capabilities] });
  });
  beforeEach(() => {
    asked = new Set();
  });
  after(() => closeServer(server));

  for (const [operation, call] of Object.entries(operations)) {
    const { objects = [], bucket } = objectStoreCalls[operation as ObjectStoreOperation];
    const capabilities = operation === 'hold' ? (['holds'] as const) : (['signedUpload'] as const);
    const named = bucket === undefined ? objects : [...objects, bucket];
    it(`${operation} gets by with what a grant of it names`, async () => {
      granted = new Set(named);
      await call(open(capabilities));
      assert.deepEqual(
        [...asked].filter((action) => !granted.has(action)),
        [],
      );
    });
    for (const lacking of named.filter((action) => action !== 's3:AbortMultipartUpload'))
      it(`${operation} is refused without ${lacking}`, async () => {
        granted = new Set(named.filter((action) => action !== lacking));
        await assert.rejects(async () => call(open(capabilities)));
      });
  }

  it('delete is not sent unseen where objects are locked', async () => {
    granted = new Set(['s3:DeleteObject']);
    await assert.rejects(open(['holds']).delete('a'), refusedAs('PermissionDenied'));
    assert.deepEqual([...asked], ['s3:GetObject']);
  });
});
