import { createHash, createSecretKey, type KeyObject } from 'node:crypto';
import { isLakeError, LakeError } from '../ports/errors';
import type { DataKey, EncryptedDataKey, EncryptionContext } from '../ports/key-management';
import { type CacheBounds, DataKeyCache } from './data-key-cache';
import { serialiseContext } from './encryption-context';
import { type MessageHeader, serialiseSharedHeader } from './envelope-header';
import { headerOf, openMessage, type SealingKey, sealMessage } from './envelope-message';
import { openStream, sealStream } from './envelope-stream';

/** The key an envelope is sealed under, bound to its name: either wraps itself, or with its public half. */
export interface EnvelopeKey {
  readonly generateDataKey?: (context: EncryptionContext) => Promise<DataKey>;
  readonly wrapWithPublicKey?: (context: EncryptionContext) => Promise<DataKey>;
  readonly unwrap?: (encrypted: EncryptedDataKey, context: EncryptionContext) => Promise<Uint8Array>;
}

/** A data key serves this many objects or this long, whichever ends first; as long an opened one is remembered. */
const sealingBounds: CacheBounds = { entries: 1000, milliseconds: 5 * 60_000, uses: 1000 };
const openingBounds: CacheBounds = { entries: 1000, milliseconds: 5 * 60_000, uses: Number.POSITIVE_INFINITY };

/**
 * Envelope encryption in the AWS Encryption SDK message format. A data key is bound to its context and shared by the
 * objects of the same context, so that one call to the key service serves many; the official SDKs open a message with the
 * context in its header.
 */
export class EnvelopeEncryption {
  readonly #key: EnvelopeKey;
  readonly #sealing: DataKeyCache<SealingKey>;
  readonly #opening: DataKeyCache<KeyObject>;

  constructor(key: EnvelopeKey, now?: () => number) {
    this.#key = key;
    this.#sealing = new DataKeyCache(sealingBounds, now);
    this.#opening = new DataKeyCache(openingBounds, now);
  }

  seal = async (plaintext: Uint8Array, context: EncryptionContext): Promise<Uint8Array> =>
    sealMessage(plaintext, await this.#sealingKey(context));

  /** @param context what it was sealed with; another context is refused even if the key would open. */
  open = async (sealed: Uint8Array, context: EncryptionContext): Promise<Uint8Array> => {
    const message = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
    const header = headerOf(message);
    return openMessage(message, header, await this.#dataKeyOf(header, context));
  };

  /** As `seal`, for a body of any length in the memory of a frame (64 KiB). */
  sealStream = (plaintext: AsyncIterable<Uint8Array>, context: EncryptionContext): AsyncGenerator<Uint8Array> =>
    sealStream(plaintext, () => this.#sealingKey(context));

  /** As `open`, frame by frame: what is given is authentic, but only the end shows that the object is whole. */
  openStream = (sealed: AsyncIterable<Uint8Array>, context: EncryptionContext): AsyncGenerator<Uint8Array> =>
    openStream(sealed, (header) => this.#dataKeyOf(header, context));

  async #sealingKey(context: EncryptionContext): Promise<SealingKey> {
    const serialised = serialiseContext(context);
    // The SDK for Java opens no message with an empty value; those of the others do, and so do we.
    if (Object.values(context).includes(''))
      throw new LakeError('InvalidArgument', 'An encryption context has an empty value. Leave the name out instead.');
    return await this.#sealing.get(serialised.toString('latin1'), async () => {
      const make = this.#key.generateDataKey ?? this.#key.wrapWithPublicKey;
      if (make === undefined) throw new LakeError('PermissionDenied', 'This function holds no key to seal with.');
      const { plaintext, encrypted } = await make(context);
      return { dataKey: keyObjectOf(plaintext), sharedHeader: serialiseSharedHeader(serialised, [encrypted]) };
    });
  }

  async #dataKeyOf(header: MessageHeader, context: EncryptionContext): Promise<KeyObject> {
    if (!header.context.equals(serialiseContext(context))) {
      throw new LakeError(
        'InvalidArgument',
        'The encrypted object is another one than asked for: its context differs. Look where it was put.',
      );
    }
    const { unwrap } = this.#key;
    if (unwrap === undefined)
      throw new LakeError('PermissionDenied', 'This function holds no key that opens the object.');
    const shared = serialiseSharedHeader(header.context, header.edks);
    const name = createHash('sha256').update(shared).digest('base64');
    return await this.#opening.get(name, async () =>
      keyObjectOf(await unwrapAny(header.edks, (edk) => unwrap(edk, context))),
    );
  }
}

/** `PermissionDenied` when what came is no 256 bit key: an empty or short one would seal for nobody's eyes but a forger's. */
function keyObjectOf(dataKey: Uint8Array): KeyObject {
  if (dataKey.byteLength !== 32) throw new LakeError('PermissionDenied', 'What was unwrapped is no 256 bit data key.');
  return createSecretKey(dataKey);
}

/** The data key of the first wrapped one that opens: a message may be wrapped under several keys. */
async function unwrapAny(
  edks: readonly EncryptedDataKey[],
  unwrap: (edk: EncryptedDataKey) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  let refusal: unknown;
  for (const edk of edks) {
    try {
      return await unwrap(edk);
    } catch (error) {
      // A key service that did not answer is another matter than one that refused.
      if (refusal === undefined || !isLakeError(refusal, 'Unavailable')) refusal = error;
    }
  }
  throw refusal;
}
