import { createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { LakeError } from '../../../adapters/ports/errors';
import type { ProviderCredentials } from '../../provider-access/client-assertion';

/**
 * The key of a sender's request ids, derived (HKDF, RFC 5869) from its private key. Request ids stand in ledgers, logs and
 * audits: one that were a plain digest of the content would let whoever sees it test a guess of what was sent. A sender that
 * takes a new private key begins anew: what it sends again then counts as a new request.
 */
export function requestIdKey({ ods, privateJwk }: Pick<ProviderCredentials, 'ods' | 'privateJwk'>): KeyObject {
  if (privateJwk.d === undefined)
    throw new LakeError('InvalidArgument', 'The credentials hold no private key. Give the file as it was written.');
  const secret = Buffer.from(privateJwk.d, 'base64url');
  return createSecretKey(Buffer.from(hkdfSync('sha256', secret, ods, 'lake send request ids', 32)));
}

/** A UUID of version 8 (RFC 9562): the same for the same request of the same sender, so that it has one effect. */
export function requestIdFor(key: KeyObject, path: string, body: string): string {
  const bytes = createHmac('sha256', key).update(path).update('\n').update(body).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
