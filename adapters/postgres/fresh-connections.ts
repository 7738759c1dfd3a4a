import type { Pool, PoolClient } from 'pg';
import { LakeError } from '../ports/errors';
import { inTime, timeLeft } from '../shared/time-limit';

/**
 * Milliseconds. The pool ends what is idle sooner, by a timer; a process that was frozen, as an instance of Lambda is between two
 * requests, comes back before its timers do (https://github.com/brianc/node-postgres/issues/2243). By then a server may have gone
 * and a network may have forgotten the connection without a word: a statement would wait in vain for as long as it may take.
 */
const longestIdle = 60_000;

/** The connections of a pool, by the clock of the world: none that lay idle for long is used again. */
export class FreshConnections {
  readonly #pool: Pool;
  readonly #idleSince = new WeakMap<PoolClient, number>();

  constructor(pool: Pool) {
    this.#pool = pool;
    pool.on('release', (_, client) => this.#idleSince.set(client, Date.now()));
  }

  async connect(): Promise<PoolClient> {
    for (;;) {
      const client = await connected(this.#pool.connect());
      if (Date.now() - (this.#idleSince.get(client) ?? Date.now()) <= longestIdle) return client;
      client.release(true);
    }
  }
}

/** A pool waits as long for everybody; one that comes when whoever asked has no time left any more is given back. */
const connected = (connecting: Promise<PoolClient>): Promise<PoolClient> =>
  inTime(timeLeft(), connecting, () => {
    connecting.then((client) => client.release()).catch(() => undefined);
    return new LakeError('Unavailable', 'The state database was not reached in time. Repeat later.');
  });
