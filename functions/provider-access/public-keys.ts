import { createPublicKey, type JsonWebKey } from 'node:crypto';
import type { JWK } from 'jose';
import { LakeError } from '../../adapters/ports/errors';
import { assertionAlgorithms } from './token-endpoint';

const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];
export const holdsPrivateHalf = (key: object): boolean => privateMembers.some((member) => member in key);
const smallestModulus = 2048;
const refused = (message: string): LakeError => new LakeError('InvalidArgument', message);

/**
 * Checks a provider's public key (RFC 7517) before it is kept and gives only the members the lake uses.
 *
 * @throws LakeError `InvalidArgument`: a private key, another kind than EC P-384 or RSA of 2,048 bits, no `kid`.
 */
export function checkPublicKey(key: JWK): JWK {
  if (holdsPrivateHalf(key)) {
    throw refused('The key holds its private half. Register the public half only, and treat this key as disclosed.');
  }
  const { kty, kid, alg, use, crv, x, y, n, e } = key;
  if (typeof kid !== 'string' || !/^[\x21-\x7e]{1,128}$/.test(kid)) {
    throw refused('A key needs a kid of 1 to 128 visible ASCII characters: it tells two keys apart during a rotation.');
  }
  if (use !== undefined && use !== 'sig') throw refused('The use of a key must be sig.');
  const allowed = assertionAlgorithms.filter((name) =>
    name === 'ES384' ? kty === 'EC' && crv === 'P-384' : kty === 'RSA',
  );
  if (allowed.length === 0) throw refused('A key must be EC on curve P-384 or RSA.');
  if (alg !== undefined && !allowed.some((name) => name === alg)) {
    throw refused(`The alg of this kind of key may be ${allowed.join(', ')}, or left out.`);
  }
  const material = kty === 'EC' ? { kty, crv, x, y } : { kty, n, e };
  let bits: number | undefined;
  try {
    bits = createPublicKey({ key: material as JsonWebKey, format: 'jwk' }).asymmetricKeyDetails?.modulusLength;
  } catch (cause) {
    throw new LakeError(
      'InvalidArgument',
      'The key cannot be read as a JSON Web Key. Give x and y (EC) or n and e (RSA) in base64url.',
      { cause },
    );
  }
  if (kty === 'RSA' && (bits ?? 0) < smallestModulus)
    throw refused(`An RSA key needs at least ${smallestModulus} bits.`);
  return { ...material, kid, use: 'sig', ...(alg === undefined ? {} : { alg }) } as JWK;
}

/** At most two keys, so that one can be put in the place of the other while both work. */
export function checkPublicKeys(keys: readonly JWK[]): readonly JWK[] {
  if (keys.length < 1 || keys.length > 2) throw refused('A provider has one key, or two during a rotation.');
  const checked = keys.map(checkPublicKey);
  if (new Set(checked.map((key) => key.kid)).size < checked.length)
    throw refused('The two keys of a provider need different kids.');
  return checked;
}
