import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { LakeError } from '../../adapters/ports/errors';

/** Files of keys by their path, sealed under a passphrase: scrypt (RFC 7914) and AES-256-GCM. */
export interface SealedKeys {
  readonly format: 'nhs-data-lake keys 1';
  readonly kdf: {
    readonly name: 'scrypt';
    readonly n: number;
    readonly r: number;
    readonly p: number;
    readonly salt: string;
  };
  readonly cipher: { readonly name: 'aes-256-gcm'; readonly iv: string; readonly tag: string };
  readonly content: string;
}

/** Interactive use may take a second: 128 MB and about 0.4 s. */
const cost = { n: 2 ** 17, r: 8, p: 1 };
const leastCharacters = 12;

function keyOf(passphrase: string, salt: Buffer, { n, r, p }: typeof cost): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(passphrase, salt, 32, { N: n, r, p, maxmem: 256 * n * r }, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

export async function sealKeys(files: Readonly<Record<string, Buffer>>, passphrase: string): Promise<SealedKeys> {
  if (passphrase.length < leastCharacters)
    throw new LakeError('InvalidArgument', `A passphrase for keys has at least ${leastCharacters} characters.`);
  const salt = randomBytes(16);
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', await keyOf(passphrase, salt, cost), iv);
  const text = JSON.stringify(
    Object.fromEntries(Object.entries(files).map(([path, bytes]) => [path, bytes.toString('base64')])),
  );
  const content = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]).toString('base64');
  return {
    format: 'nhs-data-lake keys 1',
    kdf: { name: 'scrypt', ...cost, salt: salt.toString('base64') },
    cipher: { name: 'aes-256-gcm', iv: iv.toString('base64'), tag: cipher.getAuthTag().toString('base64') },
    content,
  };
}

/** @throws LakeError `PermissionDenied` when the passphrase is another one or the bundle was changed. */
export async function openKeys(sealed: SealedKeys, passphrase: string): Promise<Readonly<Record<string, Buffer>>> {
  const { kdf, cipher, content } = sealed;
  const least = kdf.n >= 2 ** 14 && kdf.n <= 2 ** 20 && kdf.r === 8 && kdf.p === 1;
  if (!least) throw new LakeError('InvalidArgument', 'The bundle of keys is not one the lake wrote.');
  const key = await keyOf(passphrase, Buffer.from(kdf.salt, 'base64'), kdf);
  const opener = createDecipheriv('aes-256-gcm', key, Buffer.from(cipher.iv, 'base64'), { authTagLength: 16 });
  try {
    opener.setAuthTag(Buffer.from(cipher.tag, 'base64'));
    const text = Buffer.concat([opener.update(Buffer.from(content, 'base64')), opener.final()]).toString('utf8');
    return Object.fromEntries(
      Object.entries(JSON.parse(text) as Record<string, string>).map(([path, bytes]) => [
        path,
        Buffer.from(bytes, 'base64'),
      ]),
    );
  } catch (cause) {
    throw new LakeError('PermissionDenied', 'The keys do not open: another passphrase, or the bundle was changed.', {
      cause,
    });
  }
}
