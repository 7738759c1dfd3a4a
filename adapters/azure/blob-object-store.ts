import { createHash, randomUUID } from 'node:crypto';
import type { BlobDownloadResponseParsed, BlockBlobClient, ContainerClient } from '@azure/storage-blob';
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
import { checkListPrefix, checkObjectKey, compareObjectKeys } from '../shared/object-keys';
import { checkedChunks, checkPutOptions, checkRange, throwIfCancelled } from '../shared/put-body';
import { reach, toLakeError } from './azure-errors';
import { cancellation, type Uploaded, upload } from './azure-upload';

export interface BlobObjectStoreOptions {
  /** `retention` needs a container with version-level immutability. @default none */
  readonly capabilities?: readonly Extract<ObjectStoreCapability, 'versions' | 'retention'>[];
  /**
   * Asks before each put whether the key is another's folder, one listing a put. Off only where the layout of the keys
   * cannot clash. @default true
   */
  readonly refuseClashes?: boolean;
  /** Bodies above this go up in blocks. @default 4 MiB */
  readonly partBytes?: number;
}

/** Which call wrote an object: how a repeated request finds that its first try, whose answer was lost, had succeeded. */
const putId = 'lakeputid';
/** https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata */
const mostSegments = 254;

/** One zone as a container of Azure Blob storage: block blobs, flat namespace. */
export class BlobObjectStore implements ObjectStore {
  readonly capabilities: ReadonlySet<ObjectStoreCapability>;
  readonly #container: ContainerClient;
  readonly #options: BlobObjectStoreOptions;
  readonly #guard: KeyClashGuard | undefined;

  constructor(container: ContainerClient, options: BlobObjectStoreOptions = {}) {
    this.#container = container;
    this.#options = options;
    this.capabilities = new Set(options.capabilities);
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
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.stream(key, options)) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  async *stream(key: string, options: GetOptions = {}): AsyncGenerator<Uint8Array> {
    const { readableStreamBody, contentLength, contentMD5 } = await this.#get(key, options);
    if (readableStreamBody === undefined) throw new LakeError('Unknown', 'The object store answered without a body.');
    // The MD5 of a range would be that of the whole blob.
    const hash = contentMD5 === undefined || options.range !== undefined ? undefined : createHash('md5');
    let size = 0;
    try {
      for await (const chunk of readableStreamBody as AsyncIterable<Buffer>) {
        throwIfCancelled(options.signal);
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

  async head(key: string): Promise<ObjectHead> {
    checkObjectKey(key);
    const found = await reach(this.#blob(key).getProperties());
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
    try {
      for await (const { name, properties } of this.#container.listBlobsFlat({ prefix, ...from })) {
        yield infoOf(name, properties.contentLength, properties);
      }
    } catch (error) {
      throw toLakeError(error);
    }
  }

  async delete(key: string): Promise<void> {
    checkObjectKey(key);
    await reach(this.#blob(key).delete());
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
    const { retainUntil } = options;
    try {
      const uploaded: Uploaded = await upload(this.#blob(key), checkedChunks(body, options), {
        id,
        metadata: { ...options.metadata, [putId]: id },
        ifNoneMatch,
        partBytes: this.#options.partBytes ?? 4 * 1024 * 1024,
        immutabilityPolicy: retainUntil === undefined ? undefined : { expiriesOn: retainUntil, policyMode: 'Locked' },
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
      const found = await reach(this.#blob(key).getProperties());
      return { info: infoOf(key, found.contentLength, found), id: found.metadata?.[putId] };
    } catch (error) {
      if (isLakeError(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  async #get(key: string, { range, signal }: GetOptions): Promise<BlobDownloadResponseParsed> {
    checkObjectKey(key);
    throwIfCancelled(signal);
    if (range !== undefined) checkRange(range);
    const { start = 0, end } = range ?? {};
    const count = end === undefined ? undefined : end - start + 1;
    const answer = await reach(this.#blob(key).download(start, count, cancellation(signal)));
    // Azurite gives nothing where the service answers 416.
    if (range !== undefined && answer.contentLength === 0)
      throw new LakeError('InvalidArgument', 'The byte range begins behind the end of the object.');
    return answer;
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
    const pages = this.#container.listBlobsFlat({ prefix }).byPage({ maxPageSize: 1 });
    const page = await reach(pages.next());
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
