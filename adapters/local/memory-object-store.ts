import { LakeError } from '../ports/errors';
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
import { UnversionedStore } from '../shared/object-capabilities';
import { checkListPrefix, checkObjectKey, compareObjectKeys, foldersAbove, keyClash } from '../shared/object-keys';
import { checkedChunks, checkGetOptions, checkPutOptions, resolveRange, throwIfCancelled } from '../shared/put-body';

const chunkBytes = 256 * 1024;

/** A store in the memory of the process: for tests and for what need not outlive it. It promises no durability. */
export class MemoryObjectStore extends UnversionedStore implements ObjectStore {
  readonly capabilities: ReadonlySet<ObjectStoreCapability> = new Set();
  readonly #objects = new Map<string, { head: ObjectHead; bytes: Uint8Array }>();
  /** How many keys lie under each folder. */
  readonly #folders = new Map<string, number>();
  #sorted: string[] | undefined;
  #puts = 0;

  putIfAbsent(key: string, body: ObjectBody, options: PutOptions = {}): Promise<ObjectInfo> {
    return this.#store(key, body, options, true);
  }

  put(key: string, body: ObjectBody, options: PutOptions = {}): Promise<ObjectInfo> {
    return this.#store(key, body, options, false);
  }

  async read(key: string, options: GetOptions = {}): Promise<Uint8Array> {
    checkGetOptions(options, this.capabilities);
    const { bytes } = this.#get(key);
    const { start, length } = resolveRange(options.range, bytes.byteLength);
    return bytes.slice(start, start + length);
  }

  async *stream(key: string, options: GetOptions = {}): AsyncGenerator<Uint8Array> {
    checkGetOptions(options, this.capabilities);
    const { bytes } = this.#get(key);
    const { start, length } = resolveRange(options.range, bytes.byteLength);
    for (let at = start; at < start + length; at += chunkBytes) {
      throwIfCancelled(options.signal);
      yield bytes.slice(at, Math.min(at + chunkBytes, start + length));
    }
  }

  async head(key: string): Promise<ObjectHead> {
    return this.#get(key).head;
  }

  async *list(prefix: string, options: ListOptions = {}): AsyncGenerator<ObjectInfo> {
    checkListPrefix(prefix);
    const { startAfter } = options;
    this.#sorted ??= [...this.#objects.keys()].sort(compareObjectKeys);
    for (const key of this.#sorted) {
      if (!key.startsWith(prefix) || (startAfter !== undefined && compareObjectKeys(key, startAfter) <= 0)) continue;
      const found = this.#objects.get(key);
      if (found !== undefined) yield infoOf(found.head);
    }
  }

  async delete(key: string): Promise<void> {
    checkObjectKey(key);
    if (!this.#objects.delete(key)) return;
    this.#sorted = undefined;
    for (const folder of foldersAbove(key)) {
      const left = (this.#folders.get(folder) ?? 1) - 1;
      if (left === 0) this.#folders.delete(folder);
      else this.#folders.set(folder, left);
    }
  }

  localPath(_key: string): string {
    throw new LakeError('Unsupported', 'Objects in memory have no path. Read them through the store.');
  }

  async #store(key: string, body: ObjectBody, options: PutOptions, absent: boolean): Promise<ObjectInfo> {
    checkObjectKey(key);
    checkPutOptions(options, this.capabilities);
    const chunks: Uint8Array[] = [];
    for await (const chunk of checkedChunks(body, options)) chunks.push(chunk.slice());
    const bytes = Buffer.concat(chunks);

    const existing = this.#objects.has(key);
    const above = foldersAbove(key);
    if (this.#folders.has(key) || above.some((folder) => this.#objects.has(folder))) throw keyClash();
    if (existing && absent) throw new LakeError('AlreadyExists', 'There is an object under this key already.');

    this.#puts += 1;
    const head: ObjectHead = {
      key,
      size: bytes.byteLength,
      lastModified: new Date(),
      etag: `memory-${this.#puts}`,
      metadata: { ...options.metadata },
    };
    this.#objects.set(key, { head, bytes });
    if (!existing) {
      this.#sorted = undefined;
      for (const folder of above) this.#folders.set(folder, (this.#folders.get(folder) ?? 0) + 1);
    }
    return infoOf(head);
  }

  #get(key: string): { head: ObjectHead; bytes: Uint8Array } {
    checkObjectKey(key);
    const found = this.#objects.get(key);
    if (found === undefined) throw new LakeError('NotFound', 'There is no object under this key.');
    return found;
  }
}

function infoOf({ key, size, lastModified, etag }: ObjectHead): ObjectInfo {
  return { key, size, lastModified, etag };
}
