import { isLakeError, type LakeErrorCode } from '../../adapters/ports/errors';
import type { ObjectStore } from '../../adapters/ports/object-store';

export interface ObjectStoreHarness {
  /** An empty store. */
  readonly store: ObjectStore;
  /** Whether a stream is stored without being held in memory; only the store in memory holds it. */
  readonly streams: boolean;
  /** A named gap of stores that keep keys as file names: longer segments of a key are refused. In bytes. */
  readonly longestSegment?: number;
  /** What uploads that did not end left where no listing of objects shows it; absent where a store cannot be asked. */
  readonly leftBehind?: () => Promise<readonly string[]>;
  readonly stop: () => Promise<void>;
}

export const refusedAs = (code: LakeErrorCode) => (error: unknown) => isLakeError(error, code);

export async function keysOf(store: ObjectStore, prefix = '', startAfter?: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix, startAfter === undefined ? {} : { startAfter })) keys.push(key);
  return keys;
}

export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const collected: Item[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

/** Each kind of call once, and the end of the store. */
export async function walkThrough({ store, stop }: ObjectStoreHarness): Promise<void> {
  await store.putIfAbsent('walk/a', Buffer.from('one'));
  await store.put('walk/a', Buffer.from('two'));
  await store.head('walk/a');
  await store.read('walk/a');
  await keysOf(store, 'walk/');
  await store.delete('walk/a');
  await stop();
}
