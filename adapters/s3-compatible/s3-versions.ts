import {
  DeleteObjectCommand,
  type HeadObjectCommandOutput,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  PutObjectLegalHoldCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { LakeError } from '../ports/errors';
import type { ObjectVersion } from '../ports/object-store';
import type { Retry } from '../shared/retry';
import { reach } from './s3-errors';

/** One state of a key: bytes, or the marker a delete left. */
interface KeyState {
  readonly versionId: string;
  readonly latest: boolean;
  /** Undefined for a delete marker. */
  readonly version: ObjectVersion | undefined;
}

/** Earlier states of keys and legal holds, in a bucket with versioning and Object Lock. */
export class S3Versions {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #retry: Retry;

  constructor(client: S3Client, bucket: string, retry: Retry) {
    this.#client = client;
    this.#bucket = bucket;
    this.#retry = retry;
  }

  async *list(key: string): AsyncGenerator<ObjectVersion> {
    for await (const { version } of this.#states(key)) if (version !== undefined) yield version;
  }

  /** Everything but the current object; a delete marker goes last, so that a crash before leaves the rest unseen. */
  async purge(key: string): Promise<void> {
    const markers: string[] = [];
    for await (const { versionId, latest, version } of this.#states(key)) {
      if (version === undefined) markers.push(versionId);
      else if (!latest) await this.#delete(key, versionId);
    }
    for (const versionId of markers) await this.#delete(key, versionId);
  }

  async hold(key: string, held: boolean): Promise<void> {
    const LegalHold = { Status: held ? ('ON' as const) : ('OFF' as const) };
    const request = { Bucket: this.#bucket, Key: key, LegalHold };
    // The service checks this body by its MD5 or a checksum, which the SDK adds.
    await this.#retry.run(() => reach(this.#client.send(new PutObjectLegalHoldCommand(request))));
  }

  async #delete(key: string, VersionId: string): Promise<void> {
    const request = { Bucket: this.#bucket, Key: key, VersionId };
    await this.#retry.run(() => reach(this.#client.send(new DeleteObjectCommand(request))));
  }

  async *#states(key: string): AsyncGenerator<KeyState> {
    let next: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {};
    while (next !== undefined) {
      const request = { Bucket: this.#bucket, Prefix: key, ...next };
      const page: ListObjectVersionsCommandOutput = await this.#retry.run(() =>
        reach(this.#client.send(new ListObjectVersionsCommand(request))),
      );
      let beyond = false;
      for (const { Key, VersionId = '', IsLatest = false, Size = 0, LastModified, ETag = '' } of page.Versions ?? []) {
        if (Key !== key) beyond = true;
        else {
          const info = { key, size: Size, lastModified: LastModified ?? new Date(0), etag: ETag };
          yield { versionId: VersionId, latest: IsLatest, version: { ...info, version: VersionId } };
        }
      }
      for (const { Key, VersionId = '', IsLatest = false } of page.DeleteMarkers ?? []) {
        if (Key !== key) beyond = true;
        else yield { versionId: VersionId, latest: IsLatest, version: undefined };
      }
      // Keys come in order: after the first that only begins alike there are no more states of this one.
      next =
        page.IsTruncated && !beyond
          ? {
              ...(page.NextKeyMarker === undefined ? {} : { KeyMarker: page.NextKeyMarker }),
              ...(page.NextVersionIdMarker === undefined ? {} : { VersionIdMarker: page.NextVersionIdMarker }),
            }
          : undefined;
    }
  }
}

/** What Object Lock says of an object, in the words of the port. */
export function lockOf({ ObjectLockRetainUntilDate, ObjectLockLegalHoldStatus }: HeadObjectCommandOutput): {
  retainUntil?: Date;
  held?: boolean;
} {
  return {
    ...(ObjectLockRetainUntilDate === undefined ? {} : { retainUntil: ObjectLockRetainUntilDate }),
    ...(ObjectLockLegalHoldStatus === undefined ? {} : { held: ObjectLockLegalHoldStatus === 'ON' }),
  };
}

/**
 * S3 protects the bytes of a locked version, yet takes a delete marker or a newer version over it, which hides them; the port
 * refuses that too.
 */
export function refuseLocked(head: HeadObjectCommandOutput): void {
  const { retainUntil, held } = lockOf(head);
  if (held === true || (retainUntil !== undefined && retainUntil.getTime() > Date.now()))
    throw new LakeError(
      'PermissionDenied',
      'The object is under retention or a hold. Nobody can replace or delete it until that ends.',
    );
}
