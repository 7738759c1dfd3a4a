const windowMilliseconds = 60_000;

interface Window {
  /** A ring of the times of the last calls; 0 where there was none yet. */
  readonly times: Float64Array;
  next: number;
}

/**
 * At most `perMinute` calls of one client in any rolling minute, as the NHS API platform counts. A token bucket would let
 * nearly twice as many through in its first minute. In memory of one process: several processes each count their own.
 */
export class RateLimit {
  readonly #perMinute: number;
  readonly #now: () => number;
  readonly #windows = new Map<string, Window>();

  /** `now` gives milliseconds of a clock that never goes back, so that a corrected system clock locks nobody out. */
  constructor(perMinute: number, now: () => number = () => performance.now()) {
    if (!Number.isSafeInteger(perMinute) || perMinute < 1)
      throw new RangeError('A rate limit is a whole number of at least 1.');
    this.#perMinute = perMinute;
    this.#now = now;
  }

  /** Takes one; 0 when it was allowed, else the whole seconds until the next one is (for `Retry-After`, RFC 9110). */
  take(client: string): number {
    const now = this.#now();
    const window = this.#windows.get(client) ?? this.#open(client, now);
    const oldest = window.times[window.next]!;
    const wait = oldest === 0 ? 0 : oldest + windowMilliseconds - now;
    if (wait > 0) return Math.max(1, Math.ceil(wait / 1000));
    window.times[window.next] = now;
    window.next = (window.next + 1) % this.#perMinute;
    return 0;
  }

  #open(client: string, now: number): Window {
    // Only a newcomer makes the map grow, so only then are the windows forgotten in which nothing counts any more.
    for (const [name, { times, next }] of this.#windows) {
      const newest = times[(next + this.#perMinute - 1) % this.#perMinute]!;
      if (newest + windowMilliseconds <= now) this.#windows.delete(name);
    }
    const window = { times: new Float64Array(this.#perMinute), next: 0 };
    this.#windows.set(client, window);
    return window;
  }
}
