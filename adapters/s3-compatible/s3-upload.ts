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
import { cancellation, reach } from './s3-errors';

/** What is the same for an object put at once and in parts. */
export interface UploadTarget {
  readonly Bucket: string;
  readonly Key: string;
  readonly Metadata: Record<string, string>;
  readonly ObjectLockMode?: 'COMPLIANCE' | 'GOVERNANCE';
  readonly ObjectLockRetainUntilDate?: Date;
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
  options: { ifNoneMatch: boolean; partBytes: number; signal: AbortSignal | undefined },
): Promise<Uploaded> {
  const condition = options.ifNoneMatch ? { IfNoneMatch: '*' } : {};
  const parts = bodyParts(chunks, options.partBytes);
  try {
    const first = await parts.next();
    if (first.done) throw new RangeError('a body has at least one part');
    if (first.value.last) {
      const Body = first.value.bytes;
      const put = new PutObjectCommand({ ...target, ...condition, Body, ChecksumSHA256: sha256(Body) });
      const { ETag = '' } = await reach(client.send(put, cancellation(options.signal)));
      return { size: Body.length, etag: ETag };
    }
    return await uploadParts(client, target, first.value, parts, condition, options.signal);
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
  signal: AbortSignal | undefined,
): Promise<Uploaded> {
  const { Bucket, Key } = target;
  const create = new CreateMultipartUploadCommand({ ...target, ChecksumAlgorithm: 'SHA256' });
  const { UploadId } = await reach(client.send(create, cancellation(signal)));
  try {
    const Parts: CompletedPart[] = [];
    let size = 0;
    for (let part: BodyPart = first; ; ) {
      const { bytes: Body, number: PartNumber } = part;
      const ChecksumSHA256 = sha256(Body);
      const uploadPart = new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body, ChecksumSHA256 });
      const { ETag } = await reach(client.send(uploadPart, cancellation(signal)));
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
    const { ETag = '' } = await reach(client.send(complete, cancellation(signal)));
    return { size, etag: ETag };
  } catch (error) {
    // Without the caller's signal, which may be what ended the upload. A lifecycle rule takes what this cannot.
    await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId })).catch(() => undefined);
    throw error;
  }
}
