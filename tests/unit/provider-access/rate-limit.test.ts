import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RateLimit } from '../../../functions/provider-access/rate-limit';

describe('rate limit', () => {
  it('refuses the 301st call of a minute, however the calls are spread, and says when to come again', () => {
    for (const spacing of [0, 1, 150, 199]) {
      let now = 1000;
      const limit = new RateLimit(300, () => now);
      for (let call = 0; call < 300; call++, now += spacing) assert.equal(limit.take('a'), 0, `call ${call}`);
      const seconds = limit.take('a');
      assert.equal(seconds, Math.max(1, Math.ceil((60_000 - 300 * spacing) / 1000)));
      assert.equal(limit.take('b'), 0, 'others are not affected');
      now += seconds * 1000;
      assert.equal(limit.take('a'), 0);
    }
  });

  it('never lets more than the limit through in any minute, and lets through all that fits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.nat(40_000), { maxLength: 60 }), (perMinute, gaps) => {
        let now = 1;
        const limit = new RateLimit(perMinute, () => now);
        const allowed: number[] = [];
        for (const gap of gaps) {
          now += gap;
          const recent = allowed.filter((at) => at > now - 60_000).length;
          const seconds = limit.take('a');
          assert.equal(seconds === 0, recent < perMinute);
          if (seconds === 0) allowed.push(now);
        }
      }),
    );
  });

  it('forgets clients that are idle, not those that are waiting', () => {
    let now = 1;
    const limit = new RateLimit(1, () => now);
    assert.equal(limit.take('a'), 0);
    now += 59_000;
    assert.equal(limit.take('b'), 0);
    assert.equal(limit.take('a'), 1);
    now += 1_000;
    assert.equal(limit.take('c'), 0);
    assert.equal(limit.take('a'), 0);
    assert.equal(limit.take('b'), 59);
  });

  it('is not built without a limit', () => {
    for (const wrong of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])
      assert.throws(() => new RateLimit(wrong), RangeError);
  });
});
