import { randomBytes } from 'node:crypto';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import { openS3Store } from '../../adapters/s3-compatible/open-s3-store';
import { deltaTableContract } from '../contract/delta-table.contract';
import { objectStoreContract } from '../contract/object-store.contract';
import { objectStoreFaultsContract } from '../contract/object-store-faults.contract';
import { contractEndpoints } from './contract-endpoints';

/**
 * `longest-segment=255`: the named gap of a gateway that keeps keys as file names. `object-lock=yes`: the suite runs a second time
 * in a bucket with Object Lock; what it locks for half a minute stays behind with its bucket.
 */
for (const { url, name, facts } of contractEndpoints('ObjectStore', 'S3', 'LAKE_CONTRACT_S3')) {
  const region = process.env.AWS_REGION ?? 'eu-west-2';
  const credentials =
    url.username === ''
      ? undefined
      : { accessKeyId: decodeURIComponent(url.username), secretAccessKey: decodeURIComponent(url.password) };
  const access = credentials === undefined ? {} : { credentials };
  const fresh = async (objectLock = false) => {
    const client = new S3Client({ endpoint: url.origin, region, forcePathStyle: true, ...access });
    const bucket = `lake-contract-${randomBytes(6).toString('hex')}`;
    await client.send(new CreateBucketCommand({ Bucket: bucket, ObjectLockEnabledForBucket: objectLock }));
    const stop = async () => {
      if (objectLock) return client.destroy();
      for (;;) {
        const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
        if (Contents.length === 0) break;
        await client.send(
          new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: Contents as { Key: string }[] } }),
        );
      }
      await client.send(new DeleteBucketCommand({ Bucket: bucket }));
      client.destroy();
    };
    const leftBehind = async () =>
      ((await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }))).Uploads ?? []).map(
        ({ Key = '' }) => Key,
      );
    return {
      leftBehind,
      at: (endpoint: string) =>
        ({ kind: 's3', bucket, region, endpoint, forcePathStyle: true, objectLock, signedUploads: true }) as const,
      stop,
    };
  };
  const harness = async (objectLock: boolean) => {
    const { at, stop, leftBehind } = await fresh(objectLock);
    const limit = facts.get('longest-segment');
    const gap = limit === null ? {} : { longestSegment: Number(limit) };
    const store = openS3Store(at(url.origin), { ...access, refuseClashes: true });
    return { store, streams: true, leftBehind, stop, ...gap };
  };
  const kinds = [
    { called: name, objectLock: false, capabilities: ['signedUpload'] as const },
    ...(facts.get('object-lock') === 'yes'
      ? [
          {
            called: `${name} with Object Lock`,
            objectLock: true,
            capabilities: ['versions', 'retention', 'holds', 'signedUpload'] as const,
          },
        ]
      : []),
  ];
  deltaTableContract(name, () => harness(false));
  for (const { called, objectLock, capabilities } of kinds) {
    objectStoreContract(called, () => harness(objectLock), capabilities);
    objectStoreFaultsContract(
      called,
      async () => {
        const { at, stop } = await fresh(objectLock);
        const body = '<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>';
        return {
          server: new URL(url.origin),
          openAt: (origin, tryTimeout) => openS3Store(at(origin), { ...access, tryTimeout }),
          expired: { kind: 'answer', status: 400, headers: { 'content-type': 'application/xml' }, body },
          stop,
        };
      },
      capabilities,
    );
  }
}
