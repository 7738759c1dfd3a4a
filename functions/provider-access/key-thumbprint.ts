import { createHash, type KeyObject } from 'node:crypto';

/** The `kid` of an EC key: SHA-256 of the members of the key in this order (RFC 7638 section 3.2). */
export function keyThumbprint(key: KeyObject): string {
  const { crv, kty, x, y } = key.export({ format: 'jwk' });
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
}
