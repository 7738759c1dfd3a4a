import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Random } from '../../../functions/simulation/random';

describe('Random', () => {
  const draws = (random: Random) => Array.from({ length: 50 }, () => random.word());

  it('gives the same numbers for the same seed and others for another', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), (text, number) => {
        assert.deepEqual(draws(new Random(text, number)), draws(new Random(text, number)));
        assert.notDeepEqual(draws(new Random(text, number)), draws(new Random(text, number + 1)));
      }),
    );
  });

  it('does not take parts of a seed for each other', () => {
    assert.notDeepEqual(draws(new Random('1', 2)), draws(new Random(1, 2)));
    assert.notDeepEqual(draws(new Random('a', 'b')), draws(new Random('ab')));
  });

  it('stays within bounds, both included', () => {
    const random = new Random('bounds');
    const seen = new Set(Array.from({ length: 2000 }, () => random.whole(3, 9)));
    assert.deepEqual([...seen].sort(), [3, 4, 5, 6, 7, 8, 9]);
  });

  it('spreads evenly over sixteen bins', () => {
    const random = new Random('even');
    const bins = new Array<number>(16).fill(0);
    for (let draw = 0; draw < 160_000; draw += 1) bins[Math.floor(random.fraction() * 16)]! += 1;
    const chiSquare = bins.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    // 15 degrees of freedom: beyond 37.7 once in a thousand.
    assert.ok(chiSquare < 37.7, `chi square ${chiSquare}`);
  });

  it('has the mean and deviation asked for', () => {
    const random = new Random('bell');
    const values = Array.from({ length: 20_000 }, () => random.around(100, 15, 3));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    assert.ok(Math.abs(mean - 100) < 0.5, `mean ${mean}`);
    assert.ok(Math.abs(deviation - 15) < 0.5, `deviation ${deviation}`);
    const times = Array.from({ length: 20_000 }, () => random.times(2.5));
    assert.ok(Math.abs(times.reduce((sum, value) => sum + value, 0) / times.length - 2.5) < 0.05);
  });

  it('picks by weight and never what weighs nothing', () => {
    const random = new Random('weight');
    const counts = { a: 0, b: 0, c: 0 };
    for (let draw = 0; draw < 30_000; draw += 1)
      counts[
        random.weighted([
          ['a', 1],
          ['b', 0],
          ['c', 2],
        ] as const)
      ] += 1;
    assert.equal(counts.b, 0);
    assert.ok(Math.abs(counts.c / counts.a - 2) < 0.1);
  });

  it('makes UUIDs of version 4 in form, each its own', () => {
    const random = new Random('uuid');
    const all = Array.from({ length: 5000 }, () => random.uuid());
    assert.equal(new Set(all).size, all.length);
    for (const uuid of all) assert.match(uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
