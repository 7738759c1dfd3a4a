import {
  constants,
  createCipheriv,
  createDecipheriv,
  createHmac,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
  sign as signBytes,
} from 'node:crypto';
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
import { KeyFiles, type LoadedKey } from './key-files';

/** The key namespace of the raw keyrings that open what is wrapped here. */
const providerId = 'nhs-data-lake';
const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
const algorithm = 'aes-256-gcm';
const dataKeyBytes = 32;
const ivBytes = 12;
const tagBytes = 16;

/**
 * Keys as files of one machine, readable by their owner only. Data keys are wrapped as the raw AES keyring of the AWS
 * Encryption SDK does, or with an RSA public key as its raw RSA keyring does (OAEP, SHA-256); the key's name there is
 * `<name>.<version>`. The RSA form binds no context by itself: the header of the message does.
 * Whoever reads the folder can open everything: keep it apart from the data and from the data's backups.
 */
export class FileKeyManagement implements KeyManagement {
  readonly capabilities: ReadonlySet<KeyManagementCapability> = new Set(keyCapabilities['key-file']);
  readonly #files: KeyFiles;

  constructor(folder: string) {
    this.#files = new KeyFiles(folder);
  }

  /**
   * Makes the first version of a key unless there is one: safe to repeat, also by two processes at once.
   * `InvalidArgument` when the key is there for another use.
   */
  createKey(name: string, use: KeyUse): void {
    try {
      this.#newest(name, use);
    } catch (error) {
      if (!isLakeError(error, 'NotFound')) throw error;
      this.#files.make(name, 1, use);
      this.#newest(name, use);
    }
  }

  async generateDataKey(keyName: string, context: EncryptionContext): Promise<DataKey> {
    const key = this.#newest(keyName, 'dataKeys');
    const plaintext = randomBytes(dataKeyBytes);
    const iv = randomBytes(ivBytes);
    const cipher = createCipheriv(algorithm, key.secret, iv).setAAD(serialiseContext(context));
    const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
    const providerInfo = Buffer.concat([Buffer.from(`${keyName}.${key.version}`), aesParameters, iv]);
    return { plaintext, encrypted: { providerId, providerInfo, ciphertext } };
  }

  async wrapWithPublicKey(keyName: string, context: EncryptionContext): Promise<DataKey> {
    serialiseContext(context);
    const key = this.#newest(keyName, 'publicKeyWrap');
    const plaintext = randomBytes(dataKeyBytes);
    const ciphertext = publicEncrypt({ key: publicHalf(keyName, key), ...oaep }, plaintext);
    return { plaintext, encrypted: { providerId, providerInfo: Buffer.from(`${keyName}.${key.version}`), ciphertext } };
  }

  async unwrap(keyName: string, encrypted: EncryptedDataKey, context: EncryptionContext): Promise<Uint8Array> {
    const info = Buffer.from(encrypted.providerInfo);
    const [named, name, version] = /^([a-z][a-z0-9-]*)\.([1-9][0-9]{0,8})/.exec(info.toString('latin1')) ?? [];
    if (encrypted.providerId !== providerId || named === undefined || name !== keyName) {
      throw new LakeError(
        'PermissionDenied',
        'The data key was wrapped under another key. Open it with the key it was made with.',
      );
    }
    const parameters = info.subarray(named.length);
    try {
      const key = this.#files.load(keyName, Number(version));
      if (key.use === 'dataKeys')
        return openAes(key.secret, parameters, encrypted.ciphertext, serialiseContext(context));
      if (key.use === 'publicKeyWrap' && parameters.length === 0) return openRsa(key.secret, encrypted.ciphertext);
    } catch (error) {
      // A version that does not exist is told like bytes that do not open: the header may be anybody's.
      if (isLakeError(error) && !isLakeError(error, 'NotFound')) throw error;
      throw doesNotOpen(error);
    }
    throw doesNotOpen();
  }

  async sign(keyName: string, bytes: Uint8Array): Promise<Signature> {
    const { secret, version } = this.#newest(keyName, 'sign');
    const signature = signBytes('sha384', bytes, { key: secret, dsaEncoding: 'ieee-p1363' });
    return { keyName, version, algorithm: 'ES384', bytes: signature };
  }

  async publicKey(keyName: string, version?: number): Promise<PublicKey> {
    const key = this.#files.load(keyName, version ?? this.#files.newest(keyName));
    const pem = publicHalf(keyName, key).export({ type: 'spki', format: 'pem' });
    return { pem: String(pem), keyName, version: key.version };
  }

  async mac(keyName: string, bytes: Uint8Array): Promise<Uint8Array> {
    return createHmac('sha256', this.#newest(keyName, 'mac').secret).update(bytes).digest();
  }

  async rotate(keyName: string): Promise<number> {
    this.#files.forgetNewest();
    const newest = this.#files.newest(keyName);
    this.#files.make(keyName, newest + 1, this.#files.load(keyName, newest).use);
    return this.#files.newest(keyName);
  }

  #newest(keyName: string, use: KeyUse): LoadedKey {
    const key = this.#files.load(keyName, this.#files.newest(keyName));
    if (key.use !== use) throw wrongUse(keyName, key.use);
    return key;
  }
}

/** Raw AES keyring: tag length in bits and IV length, then the IV. */
const aesParameters = Buffer.from([0, 0, 0, tagBytes * 8, 0, 0, 0, ivBytes]);

/** Every length is checked: a short tag could be guessed, and a short data key would be the guesser's own. */
function openAes(key: KeyObject, parameters: Buffer, wrapped: Uint8Array, context: Buffer): Buffer {
  const iv = parameters.subarray(aesParameters.length);
  if (!parameters.subarray(0, aesParameters.length).equals(aesParameters) || iv.length !== ivBytes) throw doesNotOpen();
  if (wrapped.byteLength !== dataKeyBytes + tagBytes) throw doesNotOpen();
  const decipher = createDecipheriv(algorithm, key, iv, { authTagLength: tagBytes });
  decipher.setAAD(context).setAuthTag(wrapped.subarray(dataKeyBytes));
  return Buffer.concat([decipher.update(wrapped.subarray(0, dataKeyBytes)), decipher.final()]);
}

function openRsa(key: KeyObject, wrapped: Uint8Array): Buffer {
  const opened = privateDecrypt({ key, ...oaep }, wrapped);
  if (opened.length !== dataKeyBytes) throw doesNotOpen();
  return opened;
}

function publicHalf(keyName: string, key: LoadedKey): KeyObject {
  if (key.public === undefined) throw wrongUse(keyName, key.use);
  return key.public;
}

function doesNotOpen(cause?: unknown): LakeError {
  return new LakeError(
    'PermissionDenied',
    'The data key does not open: its bytes or its encryption context are not those it was made with.',
    { cause },
  );
}

function wrongUse(keyName: string, use: KeyUse): LakeError {
  return new LakeError('InvalidArgument', `The key ${keyName} is made for ${use}, and each key has one use.`);
}
