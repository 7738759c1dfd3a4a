import { constants, createCipheriv, createPrivateKey, publicEncrypt, randomBytes } from 'node:crypto';
import { LakeError } from '../ports/errors';
import type { KeyUse } from '../ports/key-management';
import type { OpenBaoClient } from './openbao-client';

/** One version of a key as a lake on one machine keeps it: 32 bytes in base64, or a private key (PKCS #8 PEM). */
export interface KeyMaterial {
  readonly use: KeyUse;
  readonly secret: string;
}

/**
 * Brings a key of another lake into the transit engine, all its versions under their numbers (OpenBao, "Bring your own key"):
 * each travels wrapped under the engine's own wrapping key and can never be read out again.
 *
 * @throws LakeError `AlreadyExists` or `InvalidArgument` where the engine has a key of that name
 */
export async function importKey(
  client: OpenBaoClient,
  mount: string,
  name: string,
  versions: readonly KeyMaterial[],
): Promise<void> {
  const { data } = await client.read(`${mount}/wrapping_key`);
  const wrappingKey = String((data as { readonly public_key?: unknown } | undefined)?.public_key);
  for (const [index, material] of versions.entries()) {
    const { type, bytes } = transitKey(material);
    const body = { ciphertext: wrapped(bytes, wrappingKey), hash_function: 'SHA256' };
    // Written once: the second of a repeated import would be another version.
    if (index === 0)
      await client.writeOnce(`${mount}/keys/${name}/import`, {
        ...body,
        type,
        allow_rotation: true,
        exportable: false,
      });
    else await client.writeOnce(`${mount}/keys/${name}/import_version`, body);
  }
}

function transitKey({ use, secret }: KeyMaterial): { readonly type: string; readonly bytes: Buffer } {
  if (use === 'dataKeys' || use === 'mac')
    return { type: use === 'mac' ? 'hmac' : 'aes256-gcm96', bytes: Buffer.from(secret, 'base64') };
  const key = createPrivateKey(secret);
  const bytes = key.export({ type: 'pkcs8', format: 'der' });
  if (use === 'sign') return { type: 'ecdsa-p384', bytes };
  const bits = key.asymmetricKeyDetails?.modulusLength;
  if (bits !== 3072 && bits !== 4096)
    throw new LakeError('Unsupported', 'An RSA key of that size cannot be brought in: 3072 and 4096 bits are allowed.');
  return { type: `rsa-${bits}`, bytes };
}

/** RSA-OAEP of a fresh AES key, then the key itself under that (AES-KWP, RFC 5649). */
function wrapped(bytes: Buffer, wrappingKey: string): string {
  const ephemeral = randomBytes(32);
  const oaep = { key: wrappingKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
  const cipher = createCipheriv('id-aes256-wrap-pad', ephemeral, Buffer.from('a65959a6', 'hex'));
  return Buffer.concat([publicEncrypt(oaep, ephemeral), cipher.update(bytes), cipher.final()]).toString('base64');
}
