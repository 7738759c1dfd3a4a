/** Runs one call after the other, in the order of their coming; a call that fails does not stop the next. */
export function inTurn<Args extends readonly unknown[]>(
  work: (...args: Args) => Promise<unknown>,
): (...args: Args) => Promise<void> {
  let last: Promise<unknown> = Promise.resolve();
  return async (...args) => {
    const turn = last.then(() => work(...args));
    last = turn.catch(() => undefined);
    await turn;
  };
}

/**
 * Runs work once for everyone who asked before it began; whoever asks while it runs shares the next run. For work that does all
 * that waits, however often it was asked for: a hundred events cost two runs.
 */
export function sharedRun(work: () => Promise<unknown>): () => Promise<void> {
  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<unknown> | undefined;
  return async () => {
    next ??= running
      .catch(() => undefined)
      .then(() => {
        running = next ?? running;
        next = undefined;
        return work();
      });
    await next;
  };
}
