import assert from 'node:assert/strict';
import type { ObjectInfo } from '../../../adapters/ports/object-store';
import { inByteOrder } from '../../../adapters/shared/byte-order';

const units = ['a', 'b', '/', '\u00e9', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}'];
const byBytes = (left: string, right: string) => Buffer.compare(Buffer.from(left), Buffer.from(right));

/** Every key of up to three characters around the places where the two orders part. */
function everyKey(): string[] {
  const shorter = [''].concat(
    units,
    units.flatMap((one) => units.map((two) => one + two)),
  );
  return [...new Set(shorter.flatMap((start) => units.map((unit) => start + unit)))];
}

async function relisted(keys: readonly string[]): Promise<string[]> {
  const listing = async function* (): AsyncGenerator<ObjectInfo> {
    for (const key of keys) yield { key, size: 0, lastModified: new Date(0), etag: '' };
  };
  const given: string[] = [];
  for await (const { key } of inByteOrder(listing())) given.push(key);
  return given;
}

describe('a listing in byte order', () => {
  it('comes of one in the order of UTF-16 units, and of one that has it already', async () => {
    const keys = everyKey();
    const expected = keys.toSorted(byBytes);
    assert.notDeepEqual(keys.toSorted(), expected);
    assert.deepEqual(await relisted(keys.toSorted()), expected);
    assert.deepEqual(await relisted(expected), expected);
  });

  it('does not wait where the orders agree', async () => {
    let taken = 0;
    const listing = async function* (): AsyncGenerator<ObjectInfo> {
      for (const key of ['a', 'b', 'c']) {
        taken += 1;
        yield { key, size: 0, lastModified: new Date(0), etag: '' };
      }
    };
    for await (const { key } of inByteOrder(listing())) {
      assert.equal(key, 'a');
      break;
    }
    assert.equal(taken, 1);
  });
});
