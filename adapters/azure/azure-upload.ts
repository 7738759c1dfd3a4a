import { createHash } from 'node:crypto';
import type { BlockBlobClient } from '@azure/storage-blob';
import { type BodyPart, bodyParts } from '../shared/body-parts';
import type { Retry } from '../shared/retry';
import { reach } from './azure-errors';

export interface UploadSettings {
  /** Names this upload: its blocks, and the object it made. */
  readonly id: string;
  readonly metadata: Record<string, string>;
  readonly ifNoneMatch: boolean;
  readonly partBytes: number;
  readonly retry: Retry;
  readonly signal: AbortSignal | undefined;
}

export interface Uploaded {
  readonly size: number;
  readonly etag: string;
}

const md5 = (bytes: Uint8Array): Uint8Array => createHash('md5').update(bytes).digest();

/**
 * Uploads a body in one call when it fits one part, else in blocks that become an object only when the list of them is
 * committed. Each carries its MD5, the one checksum that every Blob service checks; the MD5 of the whole is kept with the blob.
 */
export async function upload(
  blob: BlockBlobClient,
  chunks: AsyncIterable<Uint8Array>,
  settings: UploadSettings,
): Promise<Uploaded> {
  const parts = bodyParts(chunks, settings.partBytes);
  try {
    const first = await parts.next();
    if (first.done) throw new RangeError('a body has at least one part');
    if (!first.value.last) return await uploadBlocks(blob, first.value, parts, settings);
    const { bytes } = first.value;
    const { etag = '' } = await settings.retry.run((abortSignal) => {
      const options = { ...optionsOf(settings), abortSignal, transactionalContentMD5: md5(bytes) };
      return reach(blob.upload(bytes, bytes.length, options));
    }, settings.signal);
    return { size: bytes.length, etag };
  } finally {
    await parts.return(undefined);
  }
}

/** What an upload that fails leaves are blocks without a list: no listing shows them, the service drops them in a week. */
async function uploadBlocks(
  blob: BlockBlobClient,
  first: BodyPart,
  rest: AsyncGenerator<BodyPart>,
  settings: UploadSettings,
): Promise<Uploaded> {
  const whole = createHash('md5');
  const ids: string[] = [];
  let size = 0;
  for (let part: BodyPart = first; ; ) {
    const { bytes, number } = part;
    // The ids of a blob's blocks are equally long; two uploads of one key must not share any.
    const id = Buffer.from(`${settings.id}-${String(number).padStart(6, '0')}`).toString('base64');
    const transactionalContentMD5 = md5(bytes);
    await settings.retry.run(
      (abortSignal) => reach(blob.stageBlock(id, bytes, bytes.length, { abortSignal, transactionalContentMD5 })),
      settings.signal,
    );
    ids.push(id);
    whole.update(bytes);
    size += bytes.length;
    const next = await rest.next();
    if (next.done) break;
    part = next.value;
  }
  const blobHTTPHeaders = { blobContentMD5: whole.digest() };
  const { etag = '' } = await settings.retry.run(
    (abortSignal) => reach(blob.commitBlockList(ids, { ...optionsOf(settings), abortSignal, blobHTTPHeaders })),
    settings.signal,
  );
  return { size, etag };
}

function optionsOf({ metadata, ifNoneMatch }: UploadSettings) {
  return {
    metadata,
    ...(ifNoneMatch ? { conditions: { ifNoneMatch: '*' } } : {}),
  };
}
