import assert from 'node:assert/strict';
import { LakeError } from '../../../adapters/ports/errors';
import type { JobContext } from '../../../functions/jobs/job-runner';
import { eventually, JobLake } from './job-lake';

const untilAborted = ({ signal }: JobContext) =>
  new Promise<never>((_, reject) => {
    // A run may be aborted between its claim and its beginning.
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason));
  });

describe('JobRunner', () => {
  let lake: JobLake;
  beforeEach(async () => {
    lake = await JobLake.open();
  });
  afterEach(() => lake.close());

  it('runs a handler with its input, shows progress and keeps its summary', async () => {
    const runId = await lake.enqueue({ input: { table: 'observation' } });
    const seen: unknown[] = [];
    const runner = lake.runner({
      handlers: {
        work: async ({ input, run, progress }) => {
          seen.push(input, run.attempts);
          await progress(1, 2);
          seen.push((await lake.queue.show(runId)).progress);
          return { rows: 2 };
        },
      },
    });
    assert.equal(await runner.runOne(), true);
    assert.equal(await runner.runOne(), false);
    assert.deepEqual(seen, [{ table: 'observation' }, 1, { done: 1, total: 2 }]);
    const run = await lake.queue.show(runId);
    assert.deepEqual([run.state, run.result], ['succeeded', { rows: 2 }]);
    assert.deepEqual(lake.errors, []);
  });

  it('tries again with doubling waits, then fails with a notice that repeats no message of strangers', async () => {
    const runId = await lake.enqueue({ maxAttempts: 4, backoffSeconds: 10 });
    const runner = lake.runner({
      handlers: {
        work: async () => {
          throw new TypeError('Cannot read Ann Example, 9990000026');
        },
      },
    });
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      assert.equal(await runner.runOne(), true);
      const { notBefore, state } = await lake.queue.show(runId);
      if (state !== 'queued') break;
      const wait = (Date.parse(notBefore) - lake.clock.now().getTime()) / 1000;
      waits.push(wait);
      lake.clock.pass(wait - 1);
      assert.equal(await runner.runOne(), false, 'too early');
      lake.clock.pass(1);
    }
    assert.deepEqual(waits, [10, 20, 40]);
    assert.deepEqual(
      (await lake.queue.show(runId)).attemptList.map(({ code }) => code),
      ['Unknown', 'Unknown', 'Unknown', 'Unknown'],
    );
    const [notice] = await lake.queue.notices();
    assert.deepEqual([notice?.code, notice?.job], ['Unknown', 'work']);
    assert.match(notice!.message, /TypeError/);
    assert(!/Ann|9990000026/.test(JSON.stringify([notice, await lake.queue.show(runId), await lake.audited()])));
    assert.equal(lake.errors.length, 4, "the operator's log hears of each");
  });

  it('does not try again what cannot succeed', async () => {
    const runId = await lake.enqueue();
    const runner = lake.runner({
      handlers: {
        work: async () => {
          throw new LakeError('InvalidArgument', 'The view was refused.');
        },
      },
    });
    await runner.runOne();
    const run = await lake.queue.show(runId);
    assert.deepEqual([run.state, run.attempts, run.failure?.message], ['failed', 1, 'The view was refused.']);
  });

  it('fails a run whose summary is too big instead of running it for ever', async () => {
    const runId = await lake.enqueue();
    await lake.runner({ handlers: { work: async () => 'x'.repeat(70_000) } }).runOne();
    assert.equal(await lake.stateOf(runId), 'failed');
  });

  it('a worker that lost its lease is told, and what it says afterwards changes nothing', async () => {
    const runId = await lake.enqueue();
    const fences: number[] = [];
    let told: unknown;
    const slow = lake.runner({
      worker: 'slow',
      handlers: {
        work: async ({ fence, progress, signal }) => {
          fences.push(fence);
          lake.clock.pass(61);
          const quick = lake.runner({
            worker: 'quick',
            handlers: {
              work: async (context) => {
                fences.push(context.fence);
                return { by: 'quick' };
              },
            },
          });
          assert.equal(await quick.runOne(), true);
          await progress(1).catch((error: unknown) => {
            told = error;
          });
          assert.equal(signal.aborted, true);
          return { by: 'slow' };
        },
      },
    });
    await slow.runOne();
    assert(told instanceof LakeError && told.code === 'PreconditionFailed');
    assert(fences[1]! > fences[0]!);
    const run = await lake.queue.show(runId);
    assert.deepEqual([run.state, run.result, run.attempts], ['succeeded', { by: 'quick' }, 2]);
    assert.equal((await lake.audited()).length, 1);
  });

  it('takes up at once what it held when it was killed', async () => {
    const runId = await lake.enqueue();
    const lease = {
      worker: 'one',
      jobs: ['work'],
      now: lake.clock.now(),
      leaseUntil: new Date(lake.clock.now().getTime() + 60_000),
    };
    assert((await lake.queue.claim(lease)) !== undefined);
    const runner = lake.runner({ worker: 'one' });
    await runner.start();
    await eventually(async () => (await lake.stateOf(runId)) === 'succeeded');
    await runner.stop();
    assert.deepEqual(
      (await lake.queue.show(runId)).attemptList.map(({ code }) => code),
      ['LeaseLost', 'ok'],
    );
  });

  it('aborts a run that somebody cancels', async () => {
    const runId = await lake.enqueue();
    const runner = lake.runner({ leaseSeconds: 0.06, handlers: { work: untilAborted } });
    await runner.start();
    await eventually(async () => (await lake.stateOf(runId)) === 'running');
    await lake.queue.cancel(runId, lake.clock.now(), lake.operatorRecord());
    await eventually(async () => (await lake.stateOf(runId)) === 'cancelled');
    await runner.stop();
  });

  it('drains when it stops: what runs ends, what waits stays', async () => {
    const ids = [await lake.enqueue(), await lake.enqueue()];
    const begun = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    const runner = lake.runner({
      handlers: {
        work: () => {
          begun.resolve();
          return finish.promise;
        },
      },
    });
    await runner.start();
    // Claimed is not begun yet.
    await begun.promise;
    const stopping = runner.stop();
    setTimeout(finish.resolve, 30);
    await stopping;
    assert.deepEqual([await lake.stateOf(ids[0]!), await lake.stateOf(ids[1]!)], ['succeeded', 'queued']);
  });

  it('gives back unharmed what does not end within the grace', async () => {
    const runId = await lake.enqueue({ maxAttempts: 1 });
    const runner = lake.runner({ handlers: { work: untilAborted } });
    await runner.start();
    await eventually(async () => (await lake.stateOf(runId)) === 'running');
    await runner.stop(20);
    const run = await lake.queue.show(runId);
    assert.deepEqual([run.state, run.attempts], ['queued', 0]);
  });

  it('runs each of sixty runs once with four workers, two at a time each', async () => {
    const began = new Map<string, number>();
    let now = 0;
    let most = 0;
    const work = async ({ run }: JobContext) => {
      began.set(run.id, (began.get(run.id) ?? 0) + 1);
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setTimeout(resolve, 2));
      now -= 1;
    };
    const ids = await Promise.all(Array.from({ length: 60 }, () => lake.enqueue()));
    const runners = Array.from({ length: 4 }, (_, index) =>
      lake.runner({ worker: `worker-${index}`, concurrency: 2, handlers: { work } }),
    );
    await Promise.all(runners.map((runner) => runner.start()));
    await eventually(async () => (await lake.queue.counts()).succeeded === 60);
    await Promise.all(runners.map((runner) => runner.stop()));
    assert.deepEqual([...began.keys()].sort(), ids.sort());
    assert(
      [...began.values()].every((times) => times === 1),
      'a run began twice',
    );
    assert(most > 1 && most <= 8, `${most} at the same time`);
  });

  it('wakes at once when told', async () => {
    const runner = lake.runner({ pollMilliseconds: 60_000 });
    await runner.start();
    await new Promise((resolve) => setTimeout(resolve, 20));
    const runId = await lake.enqueue();
    runner.wake();
    await eventually(async () => (await lake.stateOf(runId)) === 'succeeded');
    await runner.stop();
  });

  it('outlives a queue that cannot be reached for a while', async () => {
    let reachable = false;
    const queue = {
      ...lake.queue,
      claim: (...args: Parameters<typeof lake.queue.claim>) =>
        reachable
          ? lake.queue.claim(...args)
          : Promise.reject(new LakeError('Unavailable', 'The state database cannot be reached.')),
    };
    const runner = lake.runner({ queue });
    await runner.start();
    const runId = await lake.enqueue();
    await eventually(() => lake.errors.length > 2);
    reachable = true;
    await eventually(async () => (await lake.stateOf(runId)) === 'succeeded');
    await runner.stop();
  });

  it('refuses a schedule whose job it cannot run', async () => {
    const schedule = { name: 'nightly', job: 'other', cron: '0 2 * * *', timeZone: 'Europe/London' };
    await assert.rejects(lake.runner({ schedules: [schedule] }).start(), { code: 'InvalidArgument' });
  });
});
