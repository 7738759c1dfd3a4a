import { constants, publicEncrypt, randomBytes } from 'node:crypto';
import { keyCapabilities } from '../capabilities';
import { isLakeError, LakeError } from '../ports/errors';
import type {
  DataKey,
  EncryptedDataKey,
  EncryptionContext,
  KeyManagement,
  KeyManagementCapability,
  KeyUse,
  PublicKey,
  Signature,
} from '../ports/key-management';
import { serialiseContext } from '../shared/encryption-context';
import type { OpenBaoClient } from './openbao-client';

const providerId = 'nhs-data-lake/openbao-transit';
/** What the key files of one machine wrap under (adapters/local), opened by a key that was brought in from there. */
const fileProviderId = 'nhs-data-lake';
/** Raw AES keyring of the AWS Encryption SDK: lengths of tag (bits) and IV, then the IV. */
const rawAesParameters = Buffer.from([0, 0, 0, 128, 0, 0, 0, 12]);
const dataKeyBytes = 32;
/** OpenBao opens RSA ciphertexts with OAEP and SHA-256. */
const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };

/** Key types of the transit engine by the one use the lake gives a key. */
export const transitTypes: Readonly<Record<KeyUse, string>> = {
  dataKeys: 'aes256-gcm96',
  publicKeyWrap: 'rsa-4096',
  sign: 'ecdsa-p384',
  mac: 'hmac',
};

interface KeyFacts {
  readonly type: string;
  readonly latest: number;
  readonly publicKeys: ReadonlyMap<number, string>;
}

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');

/**
 * Keys in OpenBao's transit engine (https://openbao.org/api-docs/secret/transit/): they never leave the server. A data key is
 * made here and wrapped there, its context bound in as associated data.
 */
export class OpenBaoKeyManagement implements KeyManagement {
  readonly capabilities: ReadonlySet<KeyManagementCapability> = new Set(keyCapabilities.openbao);
  readonly #client: OpenBaoClient;
  readonly #mount: string;
  /** The type of a key never changes; its newest version is asked for whenever it matters. */
  readonly #types = new Map<string, string>();

  constructor(client: OpenBaoClient, mount = 'transit') {
    this.#client = client;
    this.#mount = mount;
  }

  /** Makes a key unless there is one; for whoever sets a lake up, no function of it may. */
  async createKey(name: string, use: KeyUse): Promise<void> {
    const size = use === 'mac' ? { key_size: 32 } : {};
    await this.#client.write(this.#path('keys', name), { type: transitTypes[use], exportable: false, ...size });
    await this.#requireUse(name, use);
  }

  async generateDataKey(keyName: string, context: EncryptionContext): Promise<DataKey> {
    await this.#requireUse(keyName, 'dataKeys');
    const plaintext = randomBytes(dataKeyBytes);
    const { ciphertext } = await this.#call('encrypt', keyName, {
      plaintext: base64(plaintext),
      associated_data: base64(serialiseContext(context)),
    });
    return { plaintext, encrypted: encryptedBy(keyName, String(ciphertext)) };
  }

  async wrapWithPublicKey(keyName: string, context: EncryptionContext): Promise<DataKey> {
    serialiseContext(context);
    await this.#requireUse(keyName, 'publicKeyWrap');
    const { pem, version } = await this.publicKey(keyName);
    const plaintext = randomBytes(dataKeyBytes);
    const ciphertext = publicEncrypt({ key: pem, ...oaep }, plaintext);
    return { plaintext, encrypted: { providerId, providerInfo: Buffer.from(`${keyName}.${version}`), ciphertext } };
  }

  async unwrap(keyName: string, encrypted: EncryptedDataKey, context: EncryptionContext): Promise<Uint8Array> {
    const { name, version, wrapped } = partsOf(encrypted) ?? {};
    if (name !== keyName || version === undefined || wrapped === undefined) {
      throw new LakeError(
        'PermissionDenied',
        'The data key was wrapped under another key. Open it with the key it was made with.',
      );
    }
    const type = await this.#typeOf(keyName);
    const bound = type === transitTypes.dataKeys ? { associated_data: base64(serialiseContext(context)) } : {};
    let opened: Buffer;
    try {
      const ciphertext = `vault:v${version}:${base64(wrapped)}`;
      opened = Buffer.from(
        String((await this.#call('decrypt', keyName, { ciphertext, ...bound })).plaintext),
        'base64',
      );
    } catch (error) {
      // What does not open is a refused call to the server; the header may be anybody's.
      if (isLakeError(error, 'InvalidArgument')) throw doesNotOpen(error);
      throw error;
    }
    if (opened.length !== dataKeyBytes) throw doesNotOpen();
    return opened;
  }

  async sign(keyName: string, bytes: Uint8Array): Promise<Signature> {
    await this.#requireUse(keyName, 'sign');
    const { signature } = await this.#call('sign', keyName, {
      input: base64(bytes),
      hash_algorithm: 'sha2-384',
      // r and s side by side, as JWS has them (RFC 7518 section 3.4).
      marshaling_algorithm: 'jws',
    });
    const [, version = '1', text = ''] = String(signature).split(':');
    return {
      keyName,
      version: Number(version.slice(1)),
      algorithm: 'ES384',
      bytes: Buffer.from(text, 'base64url'),
    };
  }

  async publicKey(keyName: string, version?: number): Promise<PublicKey> {
    const { latest, publicKeys } = await this.#facts(keyName);
    const wanted = version ?? latest;
    const pem = publicKeys.get(wanted);
    if (pem === undefined) throw new LakeError('NotFound', `The key ${keyName} has no public half of this version.`);
    return { pem, keyName, version: wanted };
  }

  async mac(keyName: string, bytes: Uint8Array): Promise<Uint8Array> {
    await this.#requireUse(keyName, 'mac');
    const { hmac } = await this.#call('hmac', keyName, { input: base64(bytes), algorithm: 'sha2-256' });
    return Buffer.from(String(hmac).split(':')[2] ?? '', 'base64');
  }

  async rotate(keyName: string): Promise<number> {
    await this.#client.writeOnce(`${this.#path('keys', keyName)}/rotate`, {});
    return (await this.#facts(keyName)).latest;
  }

  async #call(operation: string, keyName: string, body: Readonly<Record<string, unknown>>) {
    const { data } = await this.#client.write(this.#path(operation, keyName), body);
    return (data ?? {}) as Readonly<Record<string, unknown>>;
  }

  async #requireUse(keyName: string, use: KeyUse): Promise<void> {
    const type = await this.#typeOf(keyName);
    // One that was brought in has the size it was made with.
    if (type === transitTypes[use] || (use === 'publicKeyWrap' && type === 'rsa-3072')) return;
    throw new LakeError('InvalidArgument', `The key ${keyName} is not made for ${use}, and each key has one use.`);
  }

  async #typeOf(keyName: string): Promise<string> {
    const known = this.#types.get(keyName) ?? (await this.#facts(keyName)).type;
    this.#types.set(keyName, known);
    return known;
  }

  async #facts(keyName: string): Promise<KeyFacts> {
    const { data } = await this.#client.read(this.#path('keys', keyName));
    const { type, latest_version: latest, keys } = (data ?? {}) as Readonly<Record<string, unknown>>;
    const publicKeys = new Map<number, string>();
    for (const [version, facts] of Object.entries((keys ?? {}) as Record<string, unknown>)) {
      const pem = (facts as { readonly public_key?: unknown } | null)?.public_key;
      if (typeof pem === 'string' && pem !== '') publicKeys.set(Number(version), pem);
    }
    return { type: String(type), latest: Number(latest), publicKeys };
  }

  #path(operation: string, keyName: string): string {
    if (!/^[a-z][a-z0-9-]{0,62}$/.test(keyName))
      throw new LakeError('InvalidArgument', 'A key name is lower case letters, digits and hyphens.');
    return `${this.#mount}/${operation}/${keyName}`;
  }
}

/** `vault:v3:base64`: the version goes to the header of the message, the bytes alone are the ciphertext. */
function encryptedBy(keyName: string, text: string): EncryptedDataKey {
  const [, version = '', ciphertext = ''] = text.split(':');
  return {
    providerId,
    providerInfo: Buffer.from(`${keyName}.${version.slice(1)}`),
    ciphertext: Buffer.from(ciphertext, 'base64'),
  };
}

/** Undefined for a data key that neither this engine nor a key file wrapped. */
function partsOf({ providerId: from, providerInfo, ciphertext }: EncryptedDataKey) {
  const info = Buffer.from(providerInfo);
  const [named, name, version] = /^([a-z][a-z0-9-]*)\.([1-9][0-9]{0,8})/.exec(info.toString('latin1')) ?? [];
  if (named === undefined || name === undefined) return undefined;
  const rest = info.subarray(named.length);
  if (rest.length === 0 && (from === providerId || from === fileProviderId))
    return { name, version, wrapped: ciphertext };
  const isRaw = rest.length === 20 && rest.subarray(0, 8).equals(rawAesParameters);
  if (from !== fileProviderId || !isRaw) return undefined;
  // The engine's own form: the nonce, then ciphertext and tag.
  return { name, version, wrapped: Buffer.concat([rest.subarray(8), ciphertext]) };
}

const doesNotOpen = (cause?: unknown): LakeError =>
  new LakeError(
    'PermissionDenied',
    'The data key does not open: its bytes or its encryption context are not those it was made with.',
    { cause },
  );
