import assert from 'node:assert/strict';
import { DataKeyCache } from '../../../adapters/shared/data-key-cache';

describe('DataKeyCache', () => {
  const bounds = { entries: 3, milliseconds: 100, uses: 4 };
  let now = 0;
  let made = 0;
  const make = async () => ++made;
  let cache: DataKeyCache<number>;
  beforeEach(() => {
    now = 0;
    made = 0;
    cache = new DataKeyCache(bounds, () => now);
  });

  it('keeps a value for its uses and no more', async () => {
    const values: number[] = [];
    for (let use = 0; use < 9; use++) values.push(await cache.get('a', make));
    assert.deepEqual(values, [1, 1, 1, 1, 2, 2, 2, 2, 3]);
  });

  it('keeps a value for its time and no more', async () => {
    assert.equal(await cache.get('a', make), 1);
    now = 99;
    assert.equal(await cache.get('a', make), 1);
    now = 100;
    assert.equal(await cache.get('a', make), 2);
  });

  it('lets the oldest go when it is full', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await cache.get(name, make);
    assert.equal(await cache.get('b', make), 2);
    assert.equal(await cache.get('a', make), 5);
  });

  it('makes once for all who ask at once, and does not keep a failure', async () => {
    assert.deepEqual(await Promise.all([1, 2, 3].map(() => cache.get('a', make))), [1, 1, 1]);
    const failing = async (): Promise<number> => {
      throw new RangeError('no service');
    };
    await Promise.all([1, 2].map(() => assert.rejects(cache.get('b', failing), RangeError)));
    assert.equal(await cache.get('b', make), 2);
  });
});
