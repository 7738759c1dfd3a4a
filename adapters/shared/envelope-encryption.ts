import { createHash } from 'node:crypto';
import { LakeError } from '../ports/errors';
import type { DataKey, EncryptedDataKey, EncryptionContext } from '../ports/key-management';
import { serialiseContext } from './encryption-context';
import { openMessage, readHeader, sealMessage } from './envelope-message';

/** The key an envelope is sealed under, bound to its name: either wraps itself, or with its public half. */
export interface EnvelopeKey {
  readonly generateDataKey?: (context: EncryptionContext) => Promise<DataKey>;
  readonly wrapWithPublicKey?: (context: EncryptionContext) => Promise<DataKey>;
  readonly unwrap?: (encrypted: EncryptedDataKey, context: EncryptionContext) => Promise<Uint8Array>;
}

/** A data key serves this many objects or this long, whichever ends first. */
const maxUses = 1000;
const maxAgeMilliseconds = 5 * 60_000;
const maxOpened = 1000;

interface CachedKey {
  readonly dataKey: DataKey;
  readonly born: number;
  uses: number;
}

/**
 * Envelope encryption of whole objects. A data key is bound to its context and shared by the objects of the same context, so
 * that one call to the key service serves many; the official SDKs open a message with the context in its header.
 */
export class EnvelopeEncryption {
  readonly #key: EnvelopeKey;
  readonly #sealing = new Map<string, CachedKey>();
  readonly #opened = new Map<string, Uint8Array>();

  constructor(key: EnvelopeKey) {
    this.#key = key;
  }

  seal = async (plaintext: Uint8Array, context: EncryptionContext): Promise<Uint8Array> => {
    const { plaintext: dataKey, encrypted } = await this.#dataKey(context);
    return sealMessage(plaintext, dataKey, [encrypted], context);
  };

  /** @param context what it was sealed with; another context is refused even if the key would open. */
  open = async (sealed: Uint8Array, context: EncryptionContext): Promise<Uint8Array> => {
    const message = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
    const header = readHeader(message);
    if (!header.context.equals(serialiseContext(context))) {
      throw new LakeError('InvalidArgument', 'The encrypted object is another one than asked for: its context differs. Look where it was put.');
    }
    const [edk] = header.edks;
    if (edk === undefined || this.#key.unwrap === undefined) throw new LakeError('PermissionDenied', 'This function holds no key that opens the object.');
    const name = createHash('sha256').update(edk.providerInfo).update(edk.ciphertext).digest('base64');
    let dataKey = this.#opened.get(name);
    if (dataKey === undefined) {
      dataKey = await this.#key.unwrap(edk, context);
      remember(this.#opened, name, dataKey);
    }
    return openMessage(message, header, dataKey);
  };

  async #dataKey(context: EncryptionContext): Promise<DataKey> {
    const name = serialiseContext(context).toString('latin1');
    const now = Date.now();
    let cached = this.#sealing.get(name);
    if (cached === undefined || cached.uses >= maxUses || now - cached.born > maxAgeMilliseconds) {
      const make = this.#key.generateDataKey ?? this.#key.wrapWithPublicKey;
      if (make === undefined) throw new LakeError('PermissionDenied', 'This function holds no key to seal with.');
      cached = { dataKey: await make(context), born: now, uses: 0 };
      remember(this.#sealing, name, cached);
    }
    cached.uses += 1;
    return cached.dataKey;
  }
}

/** Bounded: the oldest goes when there is no room. */
function remember<Value>(map: Map<string, Value>, name: string, value: Value): void {
  map.delete(name);
  if (map.size >= maxOpened) map.delete(map.keys().next().value!);
  map.set(name, value);
}
