import { randomUUID } from 'node:crypto';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  ListObjectsV2Command,
  type S3Client,
} from '@aws-sdk/client-s3';
import { isLakeError, LakeError } from '../ports/errors';
import type {
  GetOptions,
  ListOptions,
  ObjectBody,
  ObjectHead,
  ObjectInfo,
  ObjectStore,
  ObjectStoreCapability,
  ObjectVersion,
  PromisedUpload,
  PutOptions,
  SignedUpload,
} from '../ports/object-store';
import { KeyClashGuard } from '../shared/key-clash-guard';
import { requireCapability } from '../shared/object-capabilities';
import { checkListPrefix, checkObjectKey } from '../shared/object-keys';
import { checkedChunks, checkGetOptions, checkPutOptions, throwIfCancelled } from '../shared/put-body';
import { Retry } from '../shared/retry';
import { reach, toLakeError } from './s3-errors';
import { signUpload } from './s3-signed-upload';
import { type UploadTarget, upload } from './s3-upload';
import { lockOf, refuseLocked, S3Versions } from './s3-versions';

export interface S3ObjectStoreOptions {
  readonly bucket: string;
  /** What this endpoint holds of versions, retention and holds; asserted by the contract suite. @default none */
  readonly capabilities?: readonly Exclude<ObjectStoreCapability, 'localPath'>[];
  /** @default COMPLIANCE */
  readonly retentionMode?: 'COMPLIANCE' | 'GOVERNANCE';
  /** Days of retention of a put that names no time of its own; needs the capability `retention`. @default none */
  readonly retainDays?: number;
  /**
   * Asks before each put whether the key is another's folder, one listing a put. Off only where the layout of the keys
   * cannot clash. @default true
   */
  readonly refuseClashes?: boolean;
  /** Bodies above this go up in parts; at least 5 MiB, as S3 demands. @default 8 MiB */
  readonly partBytes?: number;
  /** How often a call is sent until it gets through. @default 4 */
  readonly attempts?: number;
}

/** A try ends by the timeouts of the client, which {@link openS3Store} sets; no try begins after two minutes. */
const retries = { firstPause: 100, attemptTimeout: 120_000, deadline: 120_000 };

/** Which call wrote an object: how a repeated request finds that its first try, whose answer was lost, had succeeded. */
const putId = 'lake-put-id';

/** One zone as a bucket of any S3 endpoint that honours `If-None-Match: *` (AWS, versitygw, MinIO, Ceph and others). */
export class S3ObjectStore implements ObjectStore {
  readonly capabilities: ReadonlySet<ObjectStoreCapability>;
  readonly #client: S3Client;
  readonly #options: S3ObjectStoreOptions;
  readonly #guard: KeyClashGuard | undefined;
  readonly #retry: Retry;
  readonly #versions: S3Versions;

  constructor(client: S3Client, options: S3ObjectStoreOptions) {
    this.#client = client;
    this.#options = options;
    this.capabilities = new Set(options.capabilities);
    if (options.retainDays !== undefined) requireCapability(this.capabilities, 'retention');
    this.#retry = new Retry({ ...retries, attempts: options.attempts ?? 4 });
    this.#versions = new S3Versions(client, options.bucket, this.#retry);
    this.#guard =
      options.refuseClashes === false
        ? undefined
        : new KeyClashGuard({ exists: (key) => this.#exists(key), anyUnder: (prefix) => this.#anyUnder(prefix) });
  }

  putIfAbsent(key: string, body: ObjectBody, options: PutOptions = {}): Promise<ObjectInfo> {
    return this.#store(key, body, options, true);
  }

  put(key: string, body: ObjectBody, options: PutOptions = {}): Promise<ObjectInfo> {
    return this.#store(key, body, options, false);
  }

  async read(key: string, options: GetOptions = {}): Promise<Uint8Array> {
    return this.#retry.run(async () => {
      const { Body, ContentLength } = await this.#get(key, options);
      const body = Body ?? noBody();
      const bytes = await body.transformToByteArray().catch((error: unknown) => {
        throw toLakeError(error);
      });
      if (ContentLength !== undefined && bytes.length !== ContentLength) throw cutShort();
      return bytes;
    }, options.signal);
  }

  async *stream(key: string, options: GetOptions = {}): AsyncGenerator<Uint8Array> {
    const { Body, ContentLength } = await this.#retry.run(() => this.#get(key, options), options.signal);
    let size = 0;
    try {
      for await (const chunk of (Body ?? noBody()) as unknown as AsyncIterable<Uint8Array>) {
        throwIfCancelled(options.signal);
        size += chunk.length;
        yield chunk;
      }
    } catch (error) {
      throw toLakeError(error);
    }
    if (ContentLength !== undefined && size !== ContentLength) throw cutShort();
  }

  async head(key: string): Promise<ObjectHead> {
    checkObjectKey(key);
    const head = await this.#head(key);
    const metadata: Record<string, string> = {};
    for (const [name, value] of Object.entries(head.Metadata ?? {})) {
      // Proxies drop headers with "_", so the names of the port travel with "-".
      if (name !== putId) metadata[name.replaceAll('-', '_')] = value;
    }
    return { ...infoOf(key, head), metadata, ...lockOf(head) };
  }

  async *list(prefix: string, options: ListOptions = {}): AsyncGenerator<ObjectInfo> {
    checkListPrefix(prefix);
    const request = {
      Bucket: this.#options.bucket,
      Prefix: prefix,
      ...(options.startAfter === undefined ? {} : { StartAfter: options.startAfter }),
    };
    let ContinuationToken: string | undefined;
    do {
      const next = ContinuationToken === undefined ? request : { ...request, ContinuationToken };
      const page = await this.#retry.run(() =>
        reach((options) => this.#client.send(new ListObjectsV2Command(next), options)),
      );
      for (const { Key, Size = 0, LastModified = new Date(0), ETag = '' } of page.Contents ?? []) {
        if (Key !== undefined) yield { key: Key, size: Size, lastModified: LastModified, etag: ETag };
      }
      ContinuationToken = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (ContinuationToken !== undefined);
  }

  async delete(key: string): Promise<void> {
    checkObjectKey(key);
    await this.#refuseLocked(key);
    const request = { Bucket: this.#options.bucket, Key: key };
    await this.#retry.run(() => reach((options) => this.#client.send(new DeleteObjectCommand(request), options)));
    this.#guard?.forget(key);
  }

  async *versions(key: string): AsyncGenerator<ObjectVersion> {
    checkObjectKey(key);
    requireCapability(this.capabilities, 'versions');
    yield* this.#versions.list(key);
  }

  async purgeVersions(key: string): Promise<void> {
    checkObjectKey(key);
    await this.#versions.purge(key);
  }

  async purgeVersionsUnder(prefix: string): Promise<void> {
    checkListPrefix(prefix);
    await this.#versions.purgeUnder(prefix);
  }

  async hold(key: string, held: boolean): Promise<void> {
    checkObjectKey(key);
    requireCapability(this.capabilities, 'holds');
    await this.#head(key);
    await this.#versions.hold(key, held);
  }

  async signUpload(key: string, upload: PromisedUpload): Promise<SignedUpload> {
    checkObjectKey(key);
    requireCapability(this.capabilities, 'signedUpload');
    return signUpload(this.#client, { bucket: this.#options.bucket, key }, upload);
  }

  localPath(_key: string): string {
    throw new LakeError('Unsupported', 'Objects of an object store have no path. Read them through the store.');
  }

  async #store(key: string, body: ObjectBody, options: PutOptions, ifNoneMatch: boolean): Promise<ObjectInfo> {
    checkObjectKey(key);
    checkPutOptions(options, this.capabilities);
    await this.#guard?.check(key);
    if (!ifNoneMatch) await this.#refuseLocked(key);
    const id = randomUUID();
    const retainUntil = options.retainUntil ?? this.#retainUntil();
    const target: UploadTarget = {
      Bucket: this.#options.bucket,
      Key: key,
      Metadata: { ...metadataHeaders(options.metadata), [putId]: id },
      ...(retainUntil === undefined
        ? {}
        : {
            ObjectLockMode: this.#options.retentionMode ?? 'COMPLIANCE',
            ObjectLockRetainUntilDate: retainUntil,
          }),
    };
    const { partBytes = 8 * 1024 * 1024 } = this.#options;
    try {
      const uploaded = await upload(this.#client, target, checkedChunks(body, options), {
        ifNoneMatch,
        partBytes,
        retry: this.#retry,
        signal: options.signal,
      });
      return { key, lastModified: new Date(), ...uploaded };
    } catch (error) {
      if (!isLakeError(error, 'PreconditionFailed')) throw error;
      const exists = () =>
        new LakeError('AlreadyExists', 'There is an object under this key already.', { cause: error });
      const there = await this.#find(key).catch((refusal) => {
        // A role that may put and not read, as ingest's, cannot look whose object it is: it is taken for another's.
        throw ifNoneMatch && isLakeError(refusal, 'PermissionDenied') ? exists() : refusal;
      });
      // A repeated request whose first answer was lost meets its own object.
      if (there?.id === id) return there.info;
      if (ifNoneMatch && there !== undefined) throw exists();
      throw new LakeError('Unavailable', 'Another call changed this key at the same moment. Repeat the call.', {
        cause: error,
      });
    }
  }

  #retainUntil(): Date | undefined {
    const { retainDays } = this.#options;
    return retainDays === undefined ? undefined : new Date(Date.now() + retainDays * 86_400_000);
  }

  async #refuseLocked(key: string): Promise<void> {
    if (!this.capabilities.has('retention') && !this.capabilities.has('holds')) return;
    const there = await this.#find(key);
    if (there !== undefined) refuseLocked(there.head);
  }

  #head(key: string): Promise<HeadObjectCommandOutput> {
    const request = { Bucket: this.#options.bucket, Key: key };
    return this.#retry.run(() => reach((options) => this.#client.send(new HeadObjectCommand(request), options)));
  }

  /** What lies under a key, and which call wrote it. */
  async #find(
    key: string,
  ): Promise<
    { readonly info: ObjectInfo; readonly id: string | undefined; readonly head: HeadObjectCommandOutput } | undefined
  > {
    try {
      const head = await this.#head(key);
      return { info: infoOf(key, head), id: head.Metadata?.[putId], head };
    } catch (error) {
      if (isLakeError(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  async #get(key: string, options: GetOptions): Promise<GetObjectCommandOutput> {
    checkObjectKey(key);
    checkGetOptions(options, this.capabilities);
    const { range, version, signal } = options;
    const request = new GetObjectCommand({
      Bucket: this.#options.bucket,
      Key: key,
      ...(version === undefined ? {} : { VersionId: version }),
      ...(range === undefined ? { ChecksumMode: 'ENABLED' } : { Range: `bytes=${range.start}-${range.end ?? ''}` }),
    });
    return await reach((options) => this.#client.send(request, options), signal);
  }

  async #exists(key: string): Promise<boolean> {
    return (await this.#find(key)) !== undefined;
  }

  async #anyUnder(prefix: string): Promise<boolean> {
    // One byte of a longest key cannot have anything under it, and no store takes such a prefix.
    if (Buffer.byteLength(prefix) > 1024) return false;
    const request = { Bucket: this.#options.bucket, Prefix: prefix, MaxKeys: 1 };
    const page = await this.#retry.run(() =>
      reach((options) => this.#client.send(new ListObjectsV2Command(request), options)),
    );
    return (page.Contents ?? []).length > 0;
  }
}

function infoOf(key: string, { ContentLength = 0, LastModified, ETag = '' }: HeadObjectCommandOutput): ObjectInfo {
  return { key, size: ContentLength, lastModified: LastModified ?? new Date(0), etag: ETag };
}

function metadataHeaders(metadata: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name.replaceAll('_', '-'), value]));
}

function noBody(): never {
  throw new LakeError('Unknown', 'The object store answered without a body.');
}

function cutShort(): LakeError {
  return new LakeError('Unavailable', 'The object store ended its answer before the end of the object. Read it again.');
}
