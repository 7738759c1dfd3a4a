import { createPublicKey, type KeyObject } from 'node:crypto';
import { errors, type JWTVerifyGetKey } from 'jose';
import type { BoundKey } from '../manifest';
import { keyThumbprint } from './key-thumbprint';

/** Milliseconds between two readings for a key that is not known: what bounds a flood of made-up key ids. */
const cooldown = 1000;

/**
 * The lake's own issuer's public keys, read where its signing key is kept: for a function that cannot reach the key set the
 * issuer publishes. The newest key and the one before it are good, as in that set (RFC 7517).
 */
export function issuerKeySet(publicKey: BoundKey['publicKey']): JWTVerifyGetKey {
  let known = new Map<string, KeyObject>();
  let reading: Promise<void> | undefined;
  let read = 0;
  const readOnce = async (): Promise<void> => {
    const newest = await publicKey();
    const pems = newest.version > 1 ? [newest, await publicKey(newest.version - 1)] : [newest];
    const keys = pems.map(({ pem }) => createPublicKey(pem));
    known = new Map(keys.map((key) => [keyThumbprint(key), key]));
    read = Date.now();
  };
  return async ({ kid = '' }) => {
    if (!known.has(kid) && Date.now() >= read + cooldown) {
      reading ??= readOnce().finally(() => {
        reading = undefined;
      });
      await reading;
    }
    const key = known.get(kid);
    if (key === undefined) throw new errors.JWKSNoMatchingKey();
    return key;
  };
}
