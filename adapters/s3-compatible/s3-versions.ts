import {
  DeleteObjectCommand,
  type HeadObjectCommandOutput,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  PutObjectLegalHoldCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { isLakeError, LakeError } from '../ports/errors';
import type { ObjectVersion } from '../ports/object-store';
import type { Retry } from '../shared/retry';
import { reach } from './s3-errors';

/** One state of a key: bytes, or the marker a delete left. */
interface KeyState {
  readonly key: string;
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
    for await (const { version } of this.#statesOf(key)) if (version !== undefined) yield version;
  }

  /**
   * Everything but the current object, also where nobody has said that the bucket keeps versions: a site may have switched them
   * on. A store that cannot list any keeps none.
   */
  purge(key: string): Promise<void> {
    return this.#purge(() => this.#statesOf(key));
  }

  purgeUnder(prefix: string): Promise<void> {
    return this.#purge(() => this.#statesUnder(prefix));
  }

  /**
   * Bytes first, then the markers of keys that have none left: without its marker the newest bytes of a deleted key would be its
   * current object again, after a crash or when somebody deletes it meanwhile.
   */
  async #purge(states: () => AsyncIterable<KeyState>): Promise<void> {
    try {
      for await (const { key, versionId, latest, version } of states())
        if (version !== undefined && !latest) await this.#delete(key, versionId);
      const withBytes = new Set<string>();
      const markers: KeyState[] = [];
      for await (const state of states()) {
        if (state.version !== undefined) withBytes.add(state.key);
        else markers.push(state);
      }
      for (const { key, versionId, latest } of markers)
        if (!latest || !withBytes.has(key)) await this.#delete(key, versionId);
    } catch (error) {
      if (!isLakeError(error, 'Unsupported')) throw error;
    }
  }

  async hold(key: string, held: boolean): Promise<void> {
    const LegalHold = { Status: held ? ('ON' as const) : ('OFF' as const) };
    const request = { Bucket: this.#bucket, Key: key, LegalHold };
    // The service checks this body by its MD5 or a checksum, which the SDK adds.
    await this.#retry.run(() => reach((options) => this.#client.send(new PutObjectLegalHoldCommand(request), options)));
  }

  async #delete(key: string, VersionId: string): Promise<void> {
    const request = { Bucket: this.#bucket, Key: key, VersionId };
    await this.#retry.run(() => reach((options) => this.#client.send(new DeleteObjectCommand(request), options)));
  }

  async *#statesOf(key: string): AsyncGenerator<KeyState> {
    for await (const page of this.#pages(key)) {
      const own = page.filter((state) => state.key === key);
      yield* own;
      // Keys come in order: a page with others is the last that has states of this one.
      if (own.length < page.length) return;
    }
  }

  async *#statesUnder(prefix: string): AsyncGenerator<KeyState> {
    for await (const page of this.#pages(prefix)) yield* page;
  }

  async *#pages(prefix: string): AsyncGenerator<readonly KeyState[]> {
    let next: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {};
    while (next !== undefined) {
      const request = { Bucket: this.#bucket, Prefix: prefix, ...next };
      const page: ListObjectVersionsCommandOutput = await this.#retry.run(() =>
        reach((options) => this.#client.send(new ListObjectVersionsCommand(request), options)),
      );
      const bytes = (page.Versions ?? []).map(
        ({ Key: key = '', VersionId = '', IsLatest = false, Size = 0, LastModified, ETag = '' }): KeyState => {
          const info = { key, size: Size, lastModified: LastModified ?? new Date(0), etag: ETag };
          return { key, versionId: VersionId, latest: IsLatest, version: { ...info, version: VersionId } };
        },
      );
      const markers = (page.DeleteMarkers ?? []).map(
        ({ Key: key = '', VersionId = '', IsLatest = false }): KeyState => ({
          key,
          versionId: VersionId,
          latest: IsLatest,
          version: undefined,
        }),
      );
      yield [...bytes, ...markers];
      next = page.IsTruncated
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
