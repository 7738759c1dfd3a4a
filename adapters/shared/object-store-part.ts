import type {
  GetOptions,
  ListOptions,
  ObjectBody,
  ObjectHead,
  ObjectInfo,
  ObjectStore,
  ObjectVersion,
  PromisedUpload,
  PutOptions,
  SignedUpload,
} from '../ports/object-store';
import { checkListPrefix, checkObjectKey } from './object-keys';

/**
 * A part of a zone as a store by itself: keys are relative to its prefix, and whoever holds it cannot name one outside.
 */
export class ObjectStorePart implements ObjectStore {
  readonly capabilities: ObjectStore['capabilities'];
  readonly #store: ObjectStore;
  readonly #prefix: string;

  /** @param prefix ends in `/` */
  constructor(store: ObjectStore, prefix: string) {
    this.capabilities = store.capabilities;
    this.#store = store;
    this.#prefix = prefix;
  }

  async putIfAbsent(key: string, body: ObjectBody, options?: PutOptions): Promise<ObjectInfo> {
    return this.#inside(await this.#store.putIfAbsent(this.#outside(key), body, options));
  }

  async put(key: string, body: ObjectBody, options?: PutOptions): Promise<ObjectInfo> {
    return this.#inside(await this.#store.put(this.#outside(key), body, options));
  }

  read(key: string, options?: GetOptions): Promise<Uint8Array> {
    return this.#store.read(this.#outside(key), options);
  }

  stream(key: string, options?: GetOptions): AsyncIterable<Uint8Array> {
    return this.#store.stream(this.#outside(key), options);
  }

  async head(key: string): Promise<ObjectHead> {
    return this.#inside(await this.#store.head(this.#outside(key)));
  }

  async *list(prefix: string, { startAfter }: ListOptions = {}): AsyncGenerator<ObjectInfo> {
    const options = startAfter === undefined ? {} : { startAfter: this.#outside(startAfter) };
    for await (const info of this.#store.list(this.#under(prefix), options)) yield this.#inside(info);
  }

  delete(key: string): Promise<void> {
    return this.#store.delete(this.#outside(key));
  }

  async *versions(key: string): AsyncGenerator<ObjectVersion> {
    for await (const version of this.#store.versions(this.#outside(key))) yield this.#inside(version);
  }

  purgeVersions(key: string): Promise<void> {
    return this.#store.purgeVersions(this.#outside(key));
  }

  purgeVersionsUnder(prefix: string): Promise<void> {
    return this.#store.purgeVersionsUnder(this.#under(prefix));
  }

  hold(key: string, held: boolean): Promise<void> {
    return this.#store.hold(this.#outside(key), held);
  }

  signUpload(key: string, upload: PromisedUpload): Promise<SignedUpload> {
    return this.#store.signUpload(this.#outside(key), upload);
  }

  localPath(key: string): string {
    return this.#store.localPath(this.#outside(key));
  }

  #outside(key: string): string {
    checkObjectKey(key);
    return `${this.#prefix}${key}`;
  }

  #under(prefix: string): string {
    checkListPrefix(prefix);
    return `${this.#prefix}${prefix}`;
  }

  #inside<Info extends ObjectInfo>(info: Info): Info {
    return { ...info, key: info.key.slice(this.#prefix.length) };
  }
}
