import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout } from 'node:timers/promises';
import type { LakeError } from '../ports/errors';

const ends = new AsyncLocalStorage<number>();

/**
 * Runs work that somebody waits for only so long: each call of a vendor that it makes, however deep, gives up in time to say so.
 * A limit inside another cannot lengthen it.
 */
export const withinTime = <Result>(milliseconds: number, work: () => Result): Result =>
  ends.run(Math.min(ends.getStore() ?? Number.POSITIVE_INFINITY, performance.now() + milliseconds), work);

/** Milliseconds that are left, none below zero; without a limit there is no end of them. */
export const timeLeft = (): number =>
  Math.max(0, Math.floor((ends.getStore() ?? Number.POSITIVE_INFINITY) - performance.now()));

/** What one try may take of `most`: half of what is left, so that another connection can be tried after one that stays silent. */
export const timeOfTry = (most: number): number => Math.max(1, Math.min(most, Math.floor(timeLeft() / 2)));

/**
 * What was begun, where it is there in time. Later it goes on by itself, and nobody here waits for it.
 *
 * @throws LakeError what `late` gives.
 */
export async function inTime<Value>(
  milliseconds: number,
  begun: Promise<Value>,
  late: () => LakeError,
): Promise<Value> {
  // A timer takes no endless time: it would ring at once.
  if (milliseconds === Number.POSITIVE_INFINITY) return begun;
  const over = new AbortController();
  const end = setTimeout(milliseconds, undefined, { signal: over.signal }).then(
    () => {
      throw late();
    },
    () => begun,
  );
  return Promise.race([begun, end]).finally(() => over.abort());
}
