import assert from 'node:assert/strict';
import { KillableLake } from './killable-lake';
import { Senders } from './senders';
import { faultless, verdictOn } from './verdict';

const hours = (count: number): number => count * 3_600_000;

describe('A clock that jumps', function () {
  this.timeout(120_000);

  it('back or forward while senders write shuts out tokens of another time, and loses or doubles nothing', async () => {
    const lake = await KillableLake.make();
    const life = await lake.start('none', 1, 'clock');
    const senders = new Senders(10);
    try {
      const more = (count: number) => {
        const until = senders.acknowledged.length + count;
        return senders.send(life, () => senders.acknowledged.length >= until);
      };
      await more(100);
      for (const jump of [hours(3), -hours(3), hours(30)]) {
        life.shiftClock(jump);
        const begun = Date.now();
        await senders.send(life, () => Date.now() - begun > 1000);
        life.shiftClock(0);
        await more(50);
      }
      assert.ok(!life.isOver());
    } finally {
      life.kill();
      await life.over;
    }
    const said = new Set(senders.surprises.splice(0));
    assert.deepEqual(
      [...said].filter((status) => status !== 401),
      [],
    );
    // Thirty hours on, the nightly job is due and folds what newer versions supersede.
    const { faults, kept } = await verdictOn(lake.folder, senders, { folds: true });
    lake.remove();
    assert.deepEqual(faults, faultless);
    assert.ok(kept >= 250);
  });
});
