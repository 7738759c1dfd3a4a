import type { ObjectInfo } from '../ports/object-store';
import { compareObjectKeys } from './object-keys';

/** UTF-16 units from the surrogates on: where the order of UTF-16 units and that of UTF-8 bytes part. */
const ambiguous = /[\ud800-\uffff]/;

export const holdsAmbiguous = (key: string): boolean => ambiguous.test(key);

/**
 * A listing in the order of UTF-8 bytes from one that may be in the order of UTF-16 units. Keys that are equal up to such a
 * unit stand together in both orders, so only they wait for each other; all others pass as they come.
 */
export async function* inByteOrder(listing: AsyncIterable<ObjectInfo>): AsyncGenerator<ObjectInfo> {
  let waiting: ObjectInfo[] = [];
  let shared: string | undefined;
  const sorted = () => waiting.toSorted((left, right) => compareObjectKeys(left.key, right.key));
  for await (const info of listing) {
    const at = info.key.search(ambiguous);
    const before = at < 0 ? undefined : info.key.slice(0, at);
    if (waiting.length > 0 && before !== shared) {
      yield* sorted();
      waiting = [];
    }
    shared = before;
    if (before === undefined) yield info;
    else waiting.push(info);
  }
  yield* sorted();
}
