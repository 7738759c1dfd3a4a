import { setTimeout } from 'node:timers/promises';
import type { Remaining } from './lambda-function';

/** A schedule beats once a minute at best; within one invocation the rounds go on at this pace. */
const pauseMilliseconds = 1000;
/** Milliseconds kept for a round that takes long. */
const marginMilliseconds = 10_000;

/**
 * Does rounds until the time of the invocation is nearly over: the function's own timeout says how long a beat goes on. A
 * round that fails is tried again at the next; the last one's failure is the invocation's.
 */
export async function steadily(
  round: () => Promise<unknown>,
  remaining: Remaining,
  onFailure: (error: unknown) => void,
): Promise<void> {
  for (;;) {
    try {
      await round();
      if (remaining() < marginMilliseconds + pauseMilliseconds) return;
    } catch (error) {
      if (remaining() < marginMilliseconds + pauseMilliseconds) throw error;
      onFailure(error);
    }
    await setTimeout(pauseMilliseconds);
  }
}
