import assert from 'node:assert/strict';
import { nextTick } from '../../../functions/jobs/cron-schedule';
import { eventually, JobLake } from './job-lake';

/** The first ticks after a moment. */
function ticks(cron: string, after: string, count: number, timeZone = 'Europe/London'): string[] {
  const found: string[] = [];
  let last = new Date(after);
  for (let index = 0; index < count; index += 1) {
    last = nextTick(cron, timeZone, last);
    found.push(last.toISOString().slice(0, 16));
  }
  return found;
}

describe('nextTick', () => {
  it('keeps the time of day when summer time begins and ends (Europe/London 2026)', () => {
    assert.deepEqual(ticks('30 9 * * *', '2026-03-28T00:00:00Z', 2), ['2026-03-28T09:30', '2026-03-29T08:30']);
    assert.deepEqual(ticks('30 9 * * *', '2026-10-24T00:00:00Z', 2), ['2026-10-24T08:30', '2026-10-25T09:30']);
  });

  it('ticks once on a day that has no half past one', () => {
    // 29 March 2026: 01:00 GMT is followed by 02:00 BST, which is 01:00 UTC.
    assert.deepEqual(ticks('30 1 * * *', '2026-03-28T02:00:00Z', 2), ['2026-03-29T01:00', '2026-03-30T00:30']);
  });

  it('ticks once on a day that has half past one twice', () => {
    // 25 October 2026: 01:30 BST is 00:30 UTC, 01:30 GMT is 01:30 UTC.
    assert.deepEqual(ticks('30 1 * * *', '2026-10-24T12:00:00Z', 2), ['2026-10-25T00:30', '2026-10-26T01:30']);
  });

  it('ticks every hour that passes, through both changes', () => {
    assert.deepEqual(ticks('0 * * * *', '2026-03-28T23:30:00Z', 3), [
      '2026-03-29T00:00',
      '2026-03-29T01:00',
      '2026-03-29T02:00',
    ]);
    assert.deepEqual(ticks('0 * * * *', '2026-10-24T23:30:00Z', 3), [
      '2026-10-25T00:00',
      '2026-10-25T01:00',
      '2026-10-25T02:00',
    ]);
  });

  it('refuses what is no schedule', () => {
    for (const [cron, zone] of [
      ['* * * * * *', 'UTC'],
      ['61 * * * *', 'UTC'],
      ['often', 'UTC'],
      ['* * * * *', 'Europe/Atlantis'],
      ['0 0 30 2 *', 'UTC'],
    ] as const) {
      assert.throws(() => nextTick(cron, zone, new Date()), { name: 'LakeError', code: 'InvalidArgument' });
    }
  });
});

describe('JobSchedules', () => {
  const hourly = { name: 'hourly', job: 'work', cron: '0 * * * *', timeZone: 'Europe/London', input: { full: false } };
  let lake: JobLake;
  beforeEach(async () => {
    lake = await JobLake.open();
    await lake.queue.declare([hourly], lake.clock.now());
  });
  afterEach(() => lake.close());

  it('enqueues one run per tick, whoever asks and however often', async () => {
    assert.equal(await lake.queue.tick(hourly, lake.clock.now()), undefined);
    lake.clock.pass(3600);
    const asked = await Promise.all(Array.from({ length: 10 }, () => lake.queue.tick(hourly, lake.clock.now())));
    assert.equal(asked.filter((result) => result !== undefined).length, 1);
    const [run] = await lake.queue.list();
    assert.deepEqual([run?.origin, run?.input], ['schedule:hourly', { full: false }]);
    const [state] = await lake.queue.schedules();
    assert.deepEqual([state?.lastTick, state?.nextTick], ['2026-03-02T10:00:00.000Z', '2026-03-02T11:00:00.000Z']);
  });

  it('takes ticks missed while nobody ran for one', async () => {
    lake.clock.pass(5 * 3600 + 60);
    assert((await lake.queue.tick(hourly, lake.clock.now())) !== undefined);
    assert.equal(await lake.queue.tick(hourly, lake.clock.now()), undefined);
    assert.equal((await lake.queue.list()).length, 1);
  });

  it('adds no run while the last one still waits', async () => {
    lake.clock.pass(3600);
    const first = await lake.queue.tick(hourly, lake.clock.now());
    lake.clock.pass(3600);
    assert.deepEqual(await lake.queue.tick(hourly, lake.clock.now()), { runId: first?.runId, coalesced: true });
  });

  it('keeps the next tick when it is declared again, and moves it when the cron text changed', async () => {
    lake.clock.pass(1800);
    await lake.queue.declare([hourly], lake.clock.now());
    assert.equal((await lake.queue.schedules())[0]?.nextTick, '2026-03-02T10:00:00.000Z');
    await lake.queue.declare([{ ...hourly, cron: '45 * * * *' }], lake.clock.now());
    assert.equal((await lake.queue.schedules())[0]?.nextTick, '2026-03-02T09:45:00.000Z');
  });

  it('runs once per tick with two runners on one database', async () => {
    let runs = 0;
    const handlers = {
      work: async () => {
        runs += 1;
      },
    };
    const runners = ['one', 'two'].map((worker) => lake.runner({ worker, handlers, schedules: [hourly] }));
    await Promise.all(runners.map((runner) => runner.start()));
    for (let tick = 1; tick <= 5; tick += 1) {
      lake.clock.pass(3600);
      for (const runner of runners) runner.wake();
      await eventually(async () => (await lake.queue.counts()).succeeded === tick);
    }
    await Promise.all(runners.map((runner) => runner.stop()));
    assert.equal(runs, 5);
  });
});
