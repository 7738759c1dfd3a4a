import { setImmediate } from 'node:timers/promises';
import type { StateDatabase, StateTransaction } from '../adapters/ports/state-database';

/** What there is for each of the keys that were asked for. */
export type Found<Key, Value> = (key: Key) => Value;

interface Gathering<Key, Value> {
  readonly keys: Key[];
  readonly found: Promise<Found<Key, Value>>;
}

/**
 * A look that every request begins with, asked once for all who ask within one turn of the event loop: a view, and a statement
 * sent, cost more than what one of them reads. The view is taken after they asked, so nobody is shown what was before.
 *
 * @param lookUp is given keys, the same one perhaps more than once
 */
export function gatheredLooks<Key, Value>(
  database: Pick<StateDatabase, 'snapshot'>,
  lookUp: (view: StateTransaction, keys: readonly Key[]) => Promise<Found<Key, Value>>,
): (key: Key) => Promise<Value> {
  let gathering: Gathering<Key, Value> | undefined;
  const begin = (): Gathering<Key, Value> => {
    const keys: Key[] = [];
    const look = async (): Promise<Found<Key, Value>> => {
      await setImmediate();
      gathering = undefined;
      return database.snapshot((view) => lookUp(view, keys));
    };
    return { keys, found: look() };
  };
  return async (key) => {
    gathering ??= begin();
    gathering.keys.push(key);
    return (await gathering.found)(key);
  };
}
