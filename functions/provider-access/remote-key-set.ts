import { setTimeout as delay } from 'node:timers/promises';
import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose';

/** Milliseconds between two fetches for a key that is not in the set: what bounds a flood of made-up key ids. */
const cooldown = 1000;

/**
 * Milliseconds that an issuer has for its answer. One that sleeps is woken by this question, which takes ten seconds on a busy
 * machine, and every request that came meanwhile waits for the same answer; under what a gateway waits (29 s in front of Lambda).
 */
const longestAnswer = 25_000;

/**
 * An issuer's published keys (RFC 7517). A token signed with a key published since the last fetch waits until the set may be
 * fetched again, instead of being refused: an issuer that rotates its key must not cost its clients an answer of 401.
 */
export function remoteKeySet(url: URL, answerTimeout = longestAnswer): JWTVerifyGetKey {
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
