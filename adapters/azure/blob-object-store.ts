import { createHash, randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import type {
  BlobDownloadResponseParsed,
  BlobGetPropertiesResponse,
  BlockBlobClient,
  ContainerClient,
} from '@azure/storage-blob';
import { isLakeError, LakeError } from '../ports/errors';
import type {
  GetOptions,
  ListOptions,
  ObjectBody,
  ObjectHead,
  ObjectInfo,
  ObjectStore,
  ObjectStoreCapability,
  PutOptions,
} from '../ports/object-store';
import { holdsAmbiguous, inByteOrder } from '../shared/byte-order';
import { KeyClashGuard } from '../shared/key-clash-guard';
import { UnversionedStore } from '../shared/object-capabilities';
import { checkListPrefix, checkObjectKey, compareObjectKeys } from '../shared/object-keys';
import { checkedChunks, checkGetOptions, checkPutOptions, throwIfCancelled } from '../shared/put-body';
import { Retry } from '../shared/retry';
import { untilIdle } from '../shared/until-idle';
import { reach, toLakeError } from './azure-errors';
import { type Uploaded, upload } from './azure-upload';

export interface BlobObjectStoreOptions {
  /**
   * Asks before each put whether the key is another's folder, one listing a put. Off only where the layout of the keys
   * cannot clash. @default true
   */
  readonly refuseClashes?: boolean;
  /** Bodies above this go up in blocks. @default 4 MiB */
  readonly partBytes?: number;
  /** Milliseconds until a try must be answered, and a body may be idle. @default 30000 */
  readonly tryTimeout?: number;
  /** How often a call is sent until it gets through. @default 4 */
  readonly attempts?: number;
}

/** Which call wrote an object: how a repeated request finds that its first try, whose answer was lost, had succeeded. */
const putId = 'lakeputid';
/** https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata */
const mostSegments = 254;

/** One zone as a container of Azure Blob storage: block blobs, flat namespace. */
export class BlobObjectStore extends UnversionedStore implements ObjectStore {
  readonly capabilities: ReadonlySet<ObjectStoreCapability> = new Set();
  readonly #container: ContainerClient;
  readonly #options: BlobObjectStoreOptions;
  readonly #guard: KeyClashGuard | undefined;
  readonly #tryTimeout: number;
  readonly #retry: Retry;

  constructor(container: ContainerClient, options: BlobObjectStoreOptions = {}) {
    super();
    this.#container = container;
    this.#options = options;
    this.#tryTimeout = options.tryTimeout ?? 30_000;
    const attempts = options.attempts ?? 4;
    this.#retry = new Retry({ attempts, firstPause: 100, attemptTimeout: this.#tryTimeout, deadline: 120_000 });
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

  read(key: string, options: GetOptions = {}): Promise<Uint8Array> {
    return this.#retry.run(async () => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of this.#body(await this.#get(key, options), options)) chunks.push(chunk);
      return Buffer.concat(chunks);
    }, options.signal);
  }

  async *stream(key: string, options: GetOptions = {}): AsyncGenerator<Uint8Array> {
    yield* this.#body(await this.#retry.run(() => this.#get(key, options), options.signal), options);
  }

  async head(key: string): Promise<ObjectHead> {
    checkObjectKey(key);
    const found = await this.#properties(key);
    const { [putId]: _, ...metadata } = found.metadata ?? {};
    return { ...infoOf(key, found.contentLength, found), metadata };
  }

  async *list(prefix: string, options: ListOptions = {}): AsyncGenerator<ObjectInfo> {
    checkListPrefix(prefix);
    const { startAfter } = options;
    for await (const info of inByteOrder(this.#blobs(prefix, startAfter))) {
      // `startFrom` gives the key itself too, and older services leave it out of account.
      if (startAfter === undefined || compareObjectKeys(info.key, startAfter) > 0) yield info;
    }
  }

  async *#blobs(prefix: string, startFrom: string | undefined): AsyncGenerator<ObjectInfo> {
    // In UTF-16 order the first key after a key beyond the basic plane may stand before it.
    const from = startFrom === undefined || holdsAmbiguous(startFrom) ? {} : { startFrom };
    let continuationToken: string | undefined;
    do {
      const settings = continuationToken === undefined ? {} : { continuationToken };
      const page = await this.#retry.run((abortSignal) =>
        reach(
          this.#container
            .listBlobsFlat({ prefix, ...from, abortSignal })
            .byPage(settings)
            .next(),
        ),
      );
      if (page.done) return;
      for (const { name, properties } of page.value.segment.blobItems)
        yield infoOf(name, properties.contentLength, properties);
      continuationToken = page.value.continuationToken;
    } while (continuationToken);
  }

  async delete(key: string): Promise<void> {
    checkObjectKey(key);
    await this.#retry.run((abortSignal) => reach(this.#blob(key).deleteIfExists({ abortSignal })));
    this.#guard?.forget(key);
  }

  localPath(_key: string): string {
    throw new LakeError('Unsupported', 'Objects of an object store have no path. Read them through the store.');
  }

  async #store(key: string, body: ObjectBody, options: PutOptions, ifNoneMatch: boolean): Promise<ObjectInfo> {
    checkObjectKey(key);
    if (key.split('/').length > mostSegments)
      throw new LakeError('InvalidArgument', `Azure Blob takes keys of at most ${mostSegments} segments. Use fewer.`);
    checkPutOptions(options, this.capabilities);
    await this.#guard?.check(key);
    const id = randomUUID();
    try {
      const uploaded: Uploaded = await upload(this.#blob(key), checkedChunks(body, options), {
        id,
        metadata: { ...options.metadata, [putId]: id },
        ifNoneMatch,
        partBytes: this.#options.partBytes ?? 4 * 1024 * 1024,
        retry: this.#retry,
        signal: options.signal,
      });
      return { key, lastModified: new Date(), ...uploaded };
    } catch (error) {
      if (!isLakeError(error, 'AlreadyExists') && !isLakeError(error, 'PreconditionFailed')) throw error;
      const there = await this.#find(key);
      if (there?.id === id) return there.info;
      if (ifNoneMatch && there !== undefined)
        throw new LakeError('AlreadyExists', 'There is an object under this key already.', { cause: error });
      // Another upload of this key took the blocks of this one with it.
      throw new LakeError('Unavailable', 'Another call wrote this key at the same moment. Repeat the call.', {
        cause: error,
      });
    }
  }

  /** What lies under a key and which call wrote it: the SDK repeats a request whose answer was lost, and meets its own object. */
  async #find(key: string): Promise<{ readonly info: ObjectInfo; readonly id: string | undefined } | undefined> {
    try {
      const found = await this.#properties(key);
      return { info: infoOf(key, found.contentLength, found), id: found.metadata?.[putId] };
    } catch (error) {
      if (isLakeError(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  #properties(key: string): Promise<BlobGetPropertiesResponse> {
    return this.#retry.run((abortSignal) => reach(this.#blob(key).getProperties({ abortSignal })));
  }

  /** One try, until the head of the answer is there. */
  async #get(key: string, options: GetOptions): Promise<BlobDownloadResponseParsed> {
    checkObjectKey(key);
    checkGetOptions(options, this.capabilities);
    const { range, signal } = options;
    const { start = 0, end } = range ?? {};
    const count = end === undefined ? undefined : end - start + 1;
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), this.#tryTimeout);
    const abortSignal = signal === undefined ? late.signal : AbortSignal.any([late.signal, signal]);
    try {
      const answer = await reach(this.#blob(key).download(start, count, { abortSignal }));
      // Azurite gives nothing where the service answers 416.
      if (range !== undefined && answer.contentLength === 0)
        throw new LakeError('InvalidArgument', 'The byte range begins behind the end of the object.');
      return answer;
    } finally {
      clearTimeout(timer);
    }
  }

  async *#body(
    { readableStreamBody, contentLength, contentMD5 }: BlobDownloadResponseParsed,
    { range, signal }: GetOptions,
  ): AsyncGenerator<Uint8Array> {
    if (readableStreamBody === undefined) throw new LakeError('Unknown', 'The object store answered without a body.');
    // The MD5 of a range would be that of the whole blob.
    const hash = contentMD5 === undefined || range !== undefined ? undefined : createHash('md5');
    let size = 0;
    try {
      for await (const chunk of untilIdle(readableStreamBody as Readable, this.#tryTimeout)) {
        throwIfCancelled(signal);
        size += chunk.length;
        hash?.update(chunk);
        yield chunk;
      }
    } catch (error) {
      throw toLakeError(error);
    }
    const whole = contentLength === undefined || size === contentLength;
    if (!whole || (hash !== undefined && !hash.digest().equals(contentMD5!)))
      throw new LakeError('Unavailable', 'The bytes that came are not those of the object. Read it again.');
  }

  #blob(key: string): BlockBlobClient {
    return this.#container.getBlockBlobClient(key);
  }

  async #exists(key: string): Promise<boolean> {
    return (await this.#find(key)) !== undefined;
  }

  async #anyUnder(prefix: string): Promise<boolean> {
    // One byte of a longest key cannot have anything under it, and no store takes such a prefix.
    if (Buffer.byteLength(prefix) > 1024) return false;
    const page = await this.#retry.run((abortSignal) =>
      reach(this.#container.listBlobsFlat({ prefix, abortSignal }).byPage({ maxPageSize: 1 }).next()),
    );
    return !page.done && page.value.segment.blobItems.length > 0;
  }
}

function infoOf(
  key: string,
  size = 0,
  { lastModified = new Date(0), etag = '' }: { lastModified?: Date | undefined; etag?: string | undefined },
): ObjectInfo {
  return { key, size, lastModified, etag };
}
