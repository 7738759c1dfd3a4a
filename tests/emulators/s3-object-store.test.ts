import { randomBytes } from 'node:crypto';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import { openS3Store } from '../../adapters/s3-compatible/open-s3-store';
import { objectStoreContract } from '../contract/object-store.contract';
import { objectStoreFaultsContract } from '../contract/object-store-faults.contract';

/**
 * The contract against any S3 endpoint: LAKE_CONTRACT_S3 is one URL or several, parted by commas; the credentials may
 * stand in the URL, else the SDK finds them as always. `?longest-segment=255` names the gap of POSIX gateways (versitygw).
 */
const endpoints = (process.env.LAKE_CONTRACT_S3 ?? '').split(',').filter((url) => url !== '');

if (endpoints.length === 0) {
  describe('ObjectStore: S3', () => {
    it('is not run: set LAKE_CONTRACT_S3 to the URL of an S3 endpoint', function () {
      this.skip();
    });
  });
}

for (const text of endpoints) {
  const url = new URL(text);
  const region = process.env.AWS_REGION ?? 'eu-west-2';
  const credentials =
    url.username === ''
      ? undefined
      : { accessKeyId: decodeURIComponent(url.username), secretAccessKey: decodeURIComponent(url.password) };
  const access = credentials === undefined ? {} : { credentials };
  const fresh = async () => {
    const client = new S3Client({ endpoint: url.origin, region, forcePathStyle: true, ...access });
    const bucket = `lake-contract-${randomBytes(6).toString('hex')}`;
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    const stop = async () => {
      for (;;) {
        const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
        if (Contents.length === 0) break;
        for (const { Key } of Contents) await client.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
      }
      await client.send(new DeleteBucketCommand({ Bucket: bucket }));
      client.destroy();
    };
    return {
      at: (endpoint: string) => ({ kind: 's3', bucket, region, endpoint, forcePathStyle: true }) as const,
      stop,
    };
  };
  objectStoreContract(`S3 at ${url.host}`, async () => {
    const { at, stop } = await fresh();
    const limit = url.searchParams.get('longest-segment');
    const gap = limit === null ? {} : { longestSegment: Number(limit) };
    return { store: openS3Store(at(url.origin), { ...access, refuseClashes: true }), streams: true, stop, ...gap };
  });
  objectStoreFaultsContract(`S3 at ${url.host}`, async () => {
    const { at, stop } = await fresh();
    const body = '<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>';
    return {
      server: new URL(url.origin),
      openAt: (origin, tryTimeout) => openS3Store(at(origin), { ...access, tryTimeout }),
      expired: { kind: 'answer', status: 400, headers: { 'content-type': 'application/xml' }, body },
      stop,
    };
  });
}
