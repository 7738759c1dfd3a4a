import assert from 'node:assert/strict';
import { setImmediate as tick } from 'node:timers/promises';
import { inTurn, sharedRun } from '../../../functions/hosts/knative/taking-turns';

describe('inTurn', () => {
  it('never runs two at once, keeps the order and goes on after a failure', async () => {
    const log: string[] = [];
    const work = inTurn(async (name: string) => {
      log.push(`${name} begins`);
      await tick();
      log.push(`${name} ends`);
      if (name === 'b') throw new Error('b failed');
    });
    const results = await Promise.allSettled(['a', 'b', 'c'].map((name) => work(name)));
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    assert.deepEqual(log, ['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  });
});

describe('sharedRun', () => {
  it('gives everyone a run that began after they asked, and no more runs than that needs', async () => {
    let runs = 0;
    let atOnce = 0;
    const shared = sharedRun(async () => {
      runs += 1;
      atOnce += 1;
      assert.equal(atOnce, 1);
      await tick();
      atOnce -= 1;
    });
    const first = Promise.all(Array.from({ length: 50 }, () => shared()));
    await Promise.resolve();
    await Promise.resolve();
    const begunBefore = runs;
    const second = shared();
    await first;
    await second;
    assert.equal(begunBefore, 1);
    assert.equal(runs, 2);
  });

  it('tells everyone of a run that failed, and runs again', async () => {
    let runs = 0;
    const shared = sharedRun(async () => {
      runs += 1;
      if (runs === 1) throw new Error('the first fails');
    });
    const results = await Promise.allSettled([shared(), shared()]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['rejected', 'rejected'],
    );
    await shared();
    assert.equal(runs, 2);
  });
});
