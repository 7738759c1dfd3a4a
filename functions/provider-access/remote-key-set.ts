import { setTimeout as delay } from 'node:timers/promises';
import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose';

/** Milliseconds between two fetches for a key that is not in the set: what bounds a flood of made-up key ids. */
const cooldown = 1000;

/**
 * An issuer's published keys (RFC 7517). A token signed with a key published since the last fetch waits until the set may be
 * fetched again, instead of being refused: an issuer that rotates its key must not cost its clients an answer of 401.
 *
 * @param answerTimeout milliseconds that the issuer has for its answer
 */
export function remoteKeySet(url: URL, answerTimeout = 5000): JWTVerifyGetKey {
  const fetched = createRemoteJWKSet(url, { cooldownDuration: cooldown, timeoutDuration: answerTimeout });
  return async (header, token) => {
    const { coolingDown } = fetched;
    try {
      return await fetched(header, token);
    } catch (error) {
      if (!coolingDown || !(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await delay(cooldown);
      return fetched(header, token);
    }
  };
}
