import type { Terminal } from './verb';

const width = 20;
const beatMilliseconds = 500;

/** Rewrites one line for a person who waits; says nothing to a program. */
export interface Progress {
  /** @param part done, from 0 to 1; unknown unless given. */
  (text: string, part?: number): void;
  readonly end: () => void;
}

export function progressOn(terminal: Terminal): Progress {
  let steps = 0;
  const say = (text: string, part?: number): void => {
    if (!terminal.interactive) return;
    const done = part === undefined ? 1 : Math.round(part * width);
    // What is not known to be near its end runs round.
    const before = part === undefined ? steps++ % width : 0;
    terminal.error(`\r[${' '.repeat(before)}${'='.repeat(done)}${' '.repeat(width - before - done)}] ${text}\x1b[K`);
  };
  // Leaves an empty line (ECMA-48 EL).
  return Object.assign(say, { end: () => terminal.interactive && terminal.error('\r\x1b[K') });
}

/** Shows that work whose end nobody knows goes on, and for how long. */
export async function whileWaiting<T>(terminal: Terminal, work: () => Promise<T>): Promise<T> {
  if (!terminal.interactive) return work();
  const say = progressOn(terminal);
  const started = performance.now();
  const beat = setInterval(() => say(`${Math.floor((performance.now() - started) / 1000)} s`), beatMilliseconds);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    say.end();
  }
}
