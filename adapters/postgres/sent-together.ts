import type { Duplex } from 'node:stream';

/**
 * What is called before each statement of a connection: those of one turn go to the system, and over the network, in one piece.
 * The driver holds together the messages of one statement alone.
 */
export function sentTogether(stream: Pick<Duplex, 'cork' | 'uncork'>): () => void {
  let corked = false;
  return () => {
    if (corked) return;
    corked = true;
    stream.cork();
    const send = (): void => {
      corked = false;
      stream.uncork();
    };
    // After the promises that are to be settled in this turn: what they begin goes along.
    queueMicrotask(() => process.nextTick(send));
  };
}
