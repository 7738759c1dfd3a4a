import { createPublicKey, type KeyObject } from 'node:crypto';
import { errors, type JWTVerifyGetKey } from 'jose';
import type { BoundKey } from '../manifest';
import { keyThumbprint } from './key-thumbprint';

/**
 * Readings for keys that are not known: so many at once, then one in so many milliseconds. It bounds a flood of made-up key ids, and
 * a key that was rotated a moment after a reading is read all the same. Nobody waits for the next (as `remoteKeySet` does): an
 * instance on Lambda has one request at a time, and whoever made up key ids would keep all of them waiting.
 */
const atOnce = 5;
const interval = 1000;

/**
 * The lake's own issuer's public keys, read where its signing key is kept: for a function that cannot reach the key set the
 * issuer publishes. The newest key and the one before it are good, as in that set (RFC 7517).
 */
export function issuerKeySet(publicKey: BoundKey['publicKey']): JWTVerifyGetKey {
  let known = new Map<string, KeyObject>();
  let reading: Promise<void> | undefined;
  /** Until when the readings so far count. */
  let counted = 0;
  const readOnce = async (): Promise<void> => {
    const newest = await publicKey();
    const pems = newest.version > 1 ? [newest, await publicKey(newest.version - 1)] : [newest];
    const keys = pems.map(({ pem }) => createPublicKey(pem));
    known = new Map(keys.map((key) => [keyThumbprint(key), key]));
    counted = Math.max(counted, performance.now()) + interval;
  };
  return async ({ kid = '' }) => {
    if (!known.has(kid) && counted <= performance.now() + (atOnce - 1) * interval) {
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
