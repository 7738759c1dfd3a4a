import { setTimeout } from 'node:timers/promises';
import { isLakeError, LakeError } from '../ports/errors';
import { timeLeft, timeOfTry } from './time-limit';

export interface RetryPolicy {
  /** Tries in all. */
  readonly attempts: number;
  /** Milliseconds the first pause may last; each further one up to twice as long. */
  readonly firstPause: number;
  /** Milliseconds one try may take. */
  readonly attemptTimeout: number;
  /** Milliseconds after which no further try begins. */
  readonly deadline: number;
}

/** Retries that may be outstanding at once, and what a success gives back: a service that is down is not asked ten times as often. */
const budget = 50;
const refund = 0.2;
const longestPause = 10_000;

/**
 * Repeats calls that did not get through (`Unavailable`), for calls whose repetition is harmless. Pauses have full jitter and
 * are never shorter than the service asks for; all calls of one client share a budget of retries. Where the work has a time
 * limit (time-limit.ts), tries are shorter and none begins after it.
 */
export class Retry {
  readonly #policy: RetryPolicy;
  #tokens = budget;

  constructor(policy: RetryPolicy) {
    this.#policy = policy;
  }

  /**
   * @param call is given a signal that ends it when its time is over or the caller's signal says so.
   * @throws LakeError what the last try said; `Unavailable` when the caller cancelled.
   */
  async run<Result>(call: (signal: AbortSignal) => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    const { attempts, attemptTimeout, deadline } = this.#policy;
    const end = performance.now() + Math.min(deadline, timeLeft());
    for (let attempt = 1; ; attempt += 1) {
      if (signal?.aborted) throw cancelled(signal);
      if (timeLeft() === 0) throw new LakeError('Unavailable', 'There was no time left for the call. Repeat it later.');
      const timeout = AbortSignal.timeout(timeOfTry(attemptTimeout));
      try {
        const result = await call(signal === undefined ? timeout : AbortSignal.any([signal, timeout]));
        this.#tokens = Math.min(budget, this.#tokens + refund);
        return result;
      } catch (error) {
        if (signal?.aborted) throw cancelled(signal);
        if (attempt >= attempts || !isLakeError(error, 'Unavailable') || this.#tokens < 1) throw error;
        const pause = this.#pauseAfter(attempt, error);
        if (performance.now() + pause > end) throw error;
        this.#tokens -= 1;
        await setTimeout(pause, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
      }
    }
  }

  #pauseAfter(attempt: number, { retryAfterSeconds = 0 }: LakeError): number {
    const most = Math.min(this.#policy.firstPause * 2 ** (attempt - 1), longestPause);
    return Math.random() * most + retryAfterSeconds * 1000;
  }
}

function cancelled(signal: AbortSignal): LakeError {
  return new LakeError('Unavailable', 'The call was cancelled.', { cause: signal.reason });
}
