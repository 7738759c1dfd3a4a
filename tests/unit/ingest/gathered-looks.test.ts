import assert from 'node:assert/strict';
import type { StateTransaction } from '../../../adapters/ports/state-database';
import { gatheredLooks } from '../../../functions/gathered-looks';

describe('looks that are asked for together', () => {
  const view: StateTransaction = { query: async () => [], run: async () => 0 };
  /** A register whose names end with what it held when the view was taken. */
  function register() {
    const views: string[][] = [];
    let held = 'first';
    let fails = false;
    const find = gatheredLooks<string, string>({ snapshot: (work) => work(view) }, async (_, keys) => {
      views.push([...keys]);
      if (fails) throw new Error('away');
      const seen = held;
      return (key) => `${key} ${seen}`;
    });
    return {
      views,
      find,
      hold: (text: string) => {
        held = text;
      },
      fail: (now: boolean) => {
        fails = now;
      },
    };
  }

  it('take one view in a turn, and each is told what it asked for', async () => {
    const { views, find } = register();
    assert.deepEqual(await Promise.all(['a', 'b', 'a'].map(find)), ['a first', 'b first', 'a first']);
    assert.deepEqual(views, [['a', 'b', 'a']]);
  });

  it('never show what was before the question', async () => {
    const { find, hold } = register();
    const early = find('a');
    hold('second');
    assert.equal(await find('b'), 'b second');
    assert.equal(await early, 'a second');
    hold('third');
    assert.equal(await find('a'), 'a third');
  });

  it('fail together, and who asks after that is answered', async () => {
    const { find, fail } = register();
    fail(true);
    const failed = await Promise.allSettled([find('a'), find('b')]);
    assert.deepEqual(
      failed.map(({ status }) => status),
      ['rejected', 'rejected'],
    );
    fail(false);
    assert.equal(await find('a'), 'a first');
  });
});
