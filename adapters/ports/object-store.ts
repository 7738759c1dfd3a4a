/**
 * ObjectStore: bytes under keys, one zone a store.
 *
 * Guarantees, held by every adapter and proved by tests/contract/object-store.contract.ts:
 * - `putIfAbsent` is atomic: of any number of concurrent writers of one key exactly one succeeds, the others get
 *   `AlreadyExists`; a reader sees the whole object or none.
 * - bytes come back exact; a put that fails or is cancelled leaves nothing behind.
 * - when a put has returned, the object survives a crash of the process and of the machine.
 * - `list` gives keys in UTF-8 byte order; keys inserted during a listing may or may not appear, nothing is given
 *   twice and no key that existed throughout is missed.
 * - keys are refused alike everywhere (see `adapters/shared/object-keys.ts`): 1 to 1,024 UTF-8 bytes, no leading or
 *   trailing `/`, no `//`, no `.` or `..` segment, no control characters or backslashes, not under
 *   `.store/`, and no key that is another key's folder.
 * - an object under retention or a hold is neither replaced nor deleted nor purged (`PermissionDenied`);
 * - earlier versions outlive `put` and `delete` where a store keeps them, until `purgeVersions`.
 *
 * Errors: `NotFound` (get, head of a missing key), `AlreadyExists` (putIfAbsent), `InvalidArgument` (key, range,
 * checksum mismatch), `PermissionDenied`, `Unavailable` (also a cancelled call, the reason of its signal as cause),
 * `Unsupported` (an undeclared capability, before any call).
 */
export type ObjectStoreCapability = 'versions' | 'retention' | 'holds' | 'localPath' | 'signedUpload';

export type ObjectBody = Uint8Array | AsyncIterable<Uint8Array>;

export interface PutOptions {
  /** Small plain facts about the object; ASCII names and values, never anything about a person. */
  metadata?: Readonly<Record<string, string>>;
  /** Hex SHA-256 of the body; a body that differs is refused with `InvalidArgument` and not stored. */
  sha256?: string;
  /** Write-once until this moment (capability `retention`). */
  retainUntil?: Date;
  signal?: AbortSignal;
}

export interface ObjectInfo {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  readonly lastModified: Date;
  /** Opaque; changes whenever the bytes change. */
  readonly etag: string;
}

export interface ObjectHead extends ObjectInfo {
  readonly metadata: Readonly<Record<string, string>>;
  /** Write-once until then (capability `retention`). */
  readonly retainUntil?: Date;
  /** Under a hold (capability `holds`). */
  readonly held?: boolean;
}

/** One state of a key (capability `versions`). */
export interface ObjectVersion extends ObjectInfo {
  /** Opaque; reads this state with `GetOptions.version`. */
  readonly version: string;
}

export interface GetOptions {
  /** Byte range, both ends inclusive as in RFC 9110; `end` may be left out. */
  range?: { start: number; end?: number };
  /** An earlier state of the key (capability `versions`). */
  version?: string;
  signal?: AbortSignal;
}

/** What one upload by somebody else must be. */
export interface PromisedUpload {
  /** Bytes, 5 GiB at most. */
  readonly size: number;
  /** Hex SHA-256 of the body. */
  readonly sha256: string;
  readonly contentType: string;
  /** For how long it may begin, 15 minutes at most. */
  readonly seconds: number;
}

/** A PUT that whoever has it may send, with these headers, until it expires. */
export interface SignedUpload {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly expires: Date;
}

export interface ListOptions {
  /** Give only keys after this one, in byte order. */
  startAfter?: string;
}

export interface ObjectStore {
  readonly capabilities: ReadonlySet<ObjectStoreCapability>;
  putIfAbsent(key: string, body: ObjectBody, options?: PutOptions): Promise<ObjectInfo>;
  /** Replaces what is there, atomically for readers. */
  put(key: string, body: ObjectBody, options?: PutOptions): Promise<ObjectInfo>;
  /** The whole body in memory: for objects the lake itself bounds. */
  read(key: string, options?: GetOptions): Promise<Uint8Array>;
  /** The body as a stream in bounded memory. */
  stream(key: string, options?: GetOptions): AsyncIterable<Uint8Array>;
  head(key: string): Promise<ObjectHead>;
  list(prefix: string, options?: ListOptions): AsyncIterable<ObjectInfo>;
  /** Harmless when nothing is there: a repeated delete, and one by a caller that may not look, ends as the first. */
  delete(key: string): Promise<void>;
  /** Every state of a key that still has bytes, newest first, also of a deleted one (capability `versions`). */
  versions(key: string): AsyncIterable<ObjectVersion>;
  /**
   * Removes what was stored under a key before, for good; the current object stays. An erasure calls it after it has replaced
   * or deleted an object. Does nothing where no versions are kept. Harmless when repeated.
   */
  purgeVersions(key: string): Promise<void>;
  /** The same for every key that begins so, also for those that are no longer there; `prefix` ends in `/`. */
  purgeVersionsUnder(prefix: string): Promise<void>;
  /** Sets or ends a hold without an end of its own (capability `holds`). */
  hold(key: string, held: boolean): Promise<void>;
  /**
   * An address to which somebody without any rights of ours puts one object, straight into the store and only if nothing is
   * there (capability `signedUpload`). The store refuses another key, size, checksum or type, and a late one.
   */
  signUpload(key: string, upload: PromisedUpload): Promise<SignedUpload>;
  /** Where the bytes lie on this machine (capability `localPath`); query engines read them in place. */
  localPath(key: string): string;
}
