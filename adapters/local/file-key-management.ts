import {
  constants,
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
  sign as signBytes,
} from 'node:crypto';
import { closeSync, existsSync, fsyncSync, linkSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { LakeError } from '../ports/errors';
import type { DataKey, EncryptedDataKey, EncryptionContext, KeyManagement, KeyManagementCapability, KeyUse, PublicKey, Signature } from '../ports/key-management';
import { serialiseContext } from '../shared/encryption-context';

/** One version of a key as it stands in its file. */
interface KeyFile {
  readonly use: KeyUse;
  /** Base64 of a secret (dataKeys, mac), or the private key as PKCS #8 PEM. */
  readonly secret: string;
}

const providerId = 'nhs-data-lake';
const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
const namePattern = /^[a-z][a-z0-9-]{0,62}$/;

/**
 * Keys as files of one machine: `<name>.<version>.json`, mode 600 in a folder of mode 700. Data keys are wrapped as the raw
 * AES keyring of the AWS Encryption SDK does, or with an RSA public key as its raw RSA keyring does (OAEP, SHA-256).
 */
export class FileKeyManagement implements KeyManagement {
  readonly capabilities: ReadonlySet<KeyManagementCapability> = new Set(['publicKeyWrap', 'sign', 'mac', 'rotate']);
  readonly #folder: string;
  readonly #read = new Map<string, KeyFile>();
  readonly #newest = new Map<string, number>();

  constructor(folder: string) {
    this.#folder = resolve(folder);
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
  }

  /** Makes the first version of a key unless there is one: safe to repeat, also by two processes at once. */
  createKey(name: string, use: KeyUse): void {
    if (!namePattern.test(name)) throw new LakeError('InvalidArgument', 'A key name is lower-case letters, digits and hyphens, beginning with a letter.');
    if (!existsSync(this.#path(name, 1))) this.#write(name, 1, use);
  }

  async generateDataKey(keyName: string, context: EncryptionContext): Promise<DataKey> {
    const version = this.#version(keyName);
    const plaintext = randomBytes(32);
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.#secret(keyName, version, 'dataKeys'), iv).setAAD(serialiseContext(context));
    const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
    // Raw AES keyring: key name, tag length in bits, IV length, IV.
    const lengths = Buffer.alloc(8);
    lengths.writeUInt32BE(128, 0);
    lengths.writeUInt32BE(12, 4);
    const providerInfo = Buffer.concat([Buffer.from(`${keyName}.${version}`), lengths, iv]);
    return { plaintext, encrypted: { providerId, providerInfo, ciphertext } };
  }

  async wrapWithPublicKey(keyName: string, _context: EncryptionContext): Promise<DataKey> {
    const version = this.#version(keyName);
    const plaintext = randomBytes(32);
    const ciphertext = publicEncrypt({ key: createPublicKey(this.#private(keyName, version, 'publicKeyWrap')), ...oaep }, plaintext);
    return { plaintext, encrypted: { providerId, providerInfo: Buffer.from(`${keyName}.${version}`), ciphertext } };
  }

  async unwrap(keyName: string, encrypted: EncryptedDataKey, context: EncryptionContext): Promise<Uint8Array> {
    const info = Buffer.from(encrypted.providerInfo);
    const name = new RegExp(`^${keyName}\\.([1-9][0-9]{0,8})`).exec(info.toString('latin1'));
    if (encrypted.providerId !== providerId || name === null) {
      throw new LakeError('PermissionDenied', 'The data key was wrapped under another key. Open it with the key it was made with.');
    }
    const version = Number(name[1]);
    try {
      if (this.#file(keyName, version).use === 'publicKeyWrap') {
        return privateDecrypt({ key: this.#private(keyName, version, 'publicKeyWrap'), ...oaep }, encrypted.ciphertext);
      }
      const iv = info.subarray(name[0].length + 8);
      const sealed = Buffer.from(encrypted.ciphertext);
      const decipher = createDecipheriv('aes-256-gcm', this.#secret(keyName, version, 'dataKeys'), iv)
        .setAAD(serialiseContext(context))
        .setAuthTag(sealed.subarray(-16));
      return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
    } catch (cause) {
      if (cause instanceof LakeError) throw cause;
      throw new LakeError('PermissionDenied', 'The data key does not open: its bytes or its encryption context are not those it was made with.', { cause });
    }
  }

  async sign(keyName: string, bytes: Uint8Array): Promise<Signature> {
    const version = this.#version(keyName);
    const key = this.#private(keyName, version, 'sign');
    return { keyName, version, algorithm: 'ES384', bytes: signBytes('sha384', bytes, { key, dsaEncoding: 'ieee-p1363' }) };
  }

  async publicKey(keyName: string, version = this.#version(keyName)): Promise<PublicKey> {
    const pem = createPublicKey(this.#private(keyName, version)).export({ type: 'spki', format: 'pem' });
    return { pem: String(pem), keyName, version };
  }

  async mac(keyName: string, bytes: Uint8Array): Promise<Uint8Array> {
    return createHmac('sha256', this.#secret(keyName, this.#version(keyName), 'mac')).update(bytes).digest();
  }

  async rotate(keyName: string): Promise<number> {
    const version = this.#version(keyName);
    this.#write(keyName, version + 1, this.#file(keyName, version).use);
    this.#newest.delete(keyName);
    return this.#version(keyName);
  }

  #path(name: string, version: number): string {
    return join(this.#folder, `${name}.${version}.json`);
  }

  #version(name: string): number {
    const known = this.#newest.get(name);
    if (known !== undefined) return known;
    const versions = readdirSync(this.#folder).flatMap((file) => {
      const [owner, version, ending] = file.split('.');
      return owner === name && ending === 'json' ? [Number(version)] : [];
    });
    if (versions.length === 0) throw new LakeError('NotFound', `There is no key ${name}. Create it, or check the folder of keys in the binding.`);
    const newest = Math.max(...versions);
    this.#newest.set(name, newest);
    return newest;
  }

  #file(name: string, version: number): KeyFile {
    const path = this.#path(name, version);
    const known = this.#read.get(path);
    if (known !== undefined) return known;
    let file: KeyFile;
    try {
      file = JSON.parse(readFileSync(path, 'utf8')) as KeyFile;
    } catch (cause) {
      throw new LakeError('NotFound', `Version ${version} of key ${name} cannot be read. Restore its file.`, { cause });
    }
    this.#read.set(path, file);
    return file;
  }

  #secret(name: string, version: number, use: KeyUse): Buffer {
    const file = this.#file(name, version);
    if (file.use !== use) throw wrongUse(name, use);
    return Buffer.from(file.secret, 'base64');
  }

  #private(name: string, version: number, use?: KeyUse): KeyObject {
    const file = this.#file(name, version);
    if (use === undefined ? file.use === 'mac' || file.use === 'dataKeys' : file.use !== use) throw wrongUse(name, use ?? 'sign');
    return createPrivateKey(file.secret);
  }

  /** Written aside, made durable, then linked: a key file is whole or absent, and never overwritten. */
  #write(name: string, version: number, use: KeyUse): void {
    const path = this.#path(name, version);
    const aside = `${path}.${process.pid}.tmp`;
    const file = openSync(aside, 'w', 0o600);
    try {
      writeSync(file, JSON.stringify({ use, secret: newSecret(use) } satisfies KeyFile));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    try {
      linkSync(aside, path);
    } catch (error) {
      // Another process made the same version first: its key stands.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      rmSync(aside, { force: true });
    }
    const folder = openSync(this.#folder, 'r');
    fsyncSync(folder);
    closeSync(folder);
  }
}

const wrongUse = (name: string, use: KeyUse): LakeError => new LakeError('InvalidArgument', `Key ${name} is not made for ${use}: each key has one use.`);

function newSecret(use: KeyUse): string {
  if (use === 'dataKeys' || use === 'mac') return randomBytes(32).toString('base64');
  const { privateKey } = use === 'sign' ? generateKeyPairSync('ec', { namedCurve: 'P-384' }) : generateKeyPairSync('rsa', { modulusLength: 3072 });
  return String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
}
