import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { type BodyPart, bodyParts } from '../shared/body-parts';
import type { Retry } from '../shared/retry';
import { reach } from './s3-errors';

/** What is the same for an object put at once and in parts. */
export interface UploadTarget {
  readonly Bucket: string;
  readonly Key: string;
  readonly Metadata: Record<string, string>;
  readonly ObjectLockMode?: 'COMPLIANCE' | 'GOVERNANCE';
  readonly ObjectLockRetainUntilDate?: Date;
}

export interface UploadOptions {
  readonly ifNoneMatch: boolean;
  readonly partBytes: number;
  readonly retry: Retry;
  readonly signal: AbortSignal | undefined;
}

export interface Uploaded {
  readonly size: number;
  readonly etag: string;
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('base64');

/**
 * Uploads a body in one call when it fits one part, else in parts that become an object only when all are there. Each
 * carries its SHA-256, which the store checks.
 */
export async function upload(
  client: S3Client,
  target: UploadTarget,
  chunks: AsyncIterable<Uint8Array>,
  options: UploadOptions,
): Promise<Uploaded> {
  const condition = options.ifNoneMatch ? { IfNoneMatch: '*' } : {};
  const { retry, signal } = options;
  const parts = bodyParts(chunks, options.partBytes);
  try {
    const first = await parts.next();
    if (first.done) throw new RangeError('a body has at least one part');
    if (first.value.last) {
      const Body = first.value.bytes;
      const checksum = { ChecksumAlgorithm: 'SHA256' as const, ChecksumSHA256: sha256(Body) };
      const put = new PutObjectCommand({ ...target, ...condition, ...checksum, Body });
      const { ETag = '' } = await retry.run(() => reach((options) => client.send(put, options), signal), signal);
      return { size: Body.length, etag: ETag };
    }
    return await uploadParts(client, target, first.value, parts, condition, options);
  } finally {
    await parts.return(undefined);
  }
}

async function uploadParts(
  client: S3Client,
  target: UploadTarget,
  first: BodyPart,
  rest: AsyncGenerator<BodyPart>,
  condition: { IfNoneMatch?: string },
  { retry, signal }: UploadOptions,
): Promise<Uploaded> {
  const { Bucket, Key } = target;
  const create = new CreateMultipartUploadCommand({ ...target, ChecksumAlgorithm: 'SHA256' });
  const { UploadId } = await retry.run(() => reach((options) => client.send(create, options), signal), signal);
  try {
    const Parts: CompletedPart[] = [];
    let size = 0;
    for (let part: BodyPart = first; ; ) {
      const { bytes: Body, number: PartNumber } = part;
      const ChecksumSHA256 = sha256(Body);
      const uploadPart = new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body, ChecksumSHA256 });
      const { ETag } = await retry.run(() => reach((options) => client.send(uploadPart, options), signal), signal);
      Parts.push({ PartNumber, ETag, ChecksumSHA256 });
      size += Body.length;
      const next = await rest.next();
      if (next.done) break;
      part = next.value;
    }
    const complete = new CompleteMultipartUploadCommand({
      Bucket,
      Key,
      UploadId,
      MultipartUpload: { Parts },
      ...condition,
    });
    const { ETag = '' } = await retry.run(() => reach((options) => client.send(complete, options), signal), signal);
    return { size, etag: ETag };
  } catch (error) {
    // Without the caller's signal, which may be what ended the upload. A lifecycle rule takes what this cannot.
    const abort = new AbortMultipartUploadCommand({ Bucket, Key, UploadId });
    await reach((options) => client.send(abort, options)).catch(() => undefined);
    throw error;
  }
}
