import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ClaimedRun } from '../../../functions/jobs/job-claims';
import { enqueueJob } from '../../../functions/jobs/job-enqueue';
import { JobLake } from './job-lake';

const lostLease = { name: 'LakeError', code: 'PreconditionFailed' };

describe('JobQueue', () => {
  let lake: JobLake;
  beforeEach(async () => {
    lake = await JobLake.open();
  });
  afterEach(() => lake.close());

  const claim = (worker = 'one', leaseSeconds = 60): Promise<ClaimedRun | undefined> => {
    const now = lake.clock.now();
    return lake.queue.claim({ worker, jobs: ['work'], now, leaseUntil: new Date(now.getTime() + leaseSeconds * 1000) });
  };
  const leaseUntil = () => new Date(lake.clock.now().getTime() + 60_000);

  it('gives the oldest run first, to one worker, and only jobs that the worker knows', async () => {
    const [first, second] = [await lake.enqueue(), await lake.enqueue()];
    await lake.enqueue({ job: 'other' });
    assert.equal((await claim('one'))?.id, first);
    assert.equal((await claim('two'))?.id, second);
    assert.equal(await claim('one'), undefined);
    assert.deepEqual(await lake.queue.counts(), {
      queued: 1,
      running: 2,
      succeeded: 0,
      failed: 0,
      cancelled: 0,
      blocked: 0,
    });
  });

  it('keeps result, progress and attempts, and leaves one audit record', async () => {
    const runId = await lake.enqueue({ input: { since: 3 } });
    const claimed = (await claim())!;
    assert.deepEqual(claimed.run.input, { since: 3 });
    lake.clock.pass(5);
    await lake.queue.heartbeat(claimed, { leaseUntil: leaseUntil(), progress: { done: 4, total: 9 } });
    assert.deepEqual((await lake.queue.show(runId)).progress, { done: 4, total: 9 });
    await lake.queue.complete(claimed, { rows: 9 }, lake.clock.now());
    const run = await lake.queue.show(runId);
    assert.deepEqual([run.state, run.result, run.attempts, run.failure], ['succeeded', { rows: 9 }, 1, undefined]);
    assert.deepEqual(
      run.attemptList.map(({ worker, code }) => [worker, code]),
      [['one', 'ok']],
    );
    const audited = await lake.audited();
    assert.deepEqual(
      audited.map(({ action, outcome, runId: about }) => [action, outcome.result, about]),
      [['job:work', 'allowed', runId]],
    );
  });

  it('enqueues with a change or not at all', async () => {
    const request = { job: 'work', origin: 'event', now: lake.clock.now() };
    await assert.rejects(
      lake.database.transaction(async (tx) => {
        await enqueueJob(tx, request);
        throw new Error('the change failed');
      }),
    );
    assert.equal((await lake.queue.list()).length, 0);
  });

  it('refuses malformed requests and repeats nothing of them', async () => {
    const bad = [
      { job: 'Work' },
      { origin: 'a b' },
      { uniqueKey: 'Ann Example' },
      { maxAttempts: 0 },
      { backoffSeconds: 0.5 },
      { input: 'x'.repeat(70_000) },
    ];
    for (const request of bad) {
      await assert.rejects(lake.enqueue(request), (error: Error & { code: string }) => {
        assert.equal(error.code, 'InvalidArgument');
        assert(!/Ann|xxx|a b/.test(error.message));
        return true;
      });
    }
  });

  describe('keys', () => {
    it('lets at most one run of a key wait, also when twenty ask at once', async () => {
      const asked = await Promise.all(
        Array.from({ length: 20 }, () =>
          lake.queue.enqueue({ job: 'work', origin: 'event', uniqueKey: 'table-1', now: lake.clock.now() }),
        ),
      );
      assert.equal(new Set(asked.map(({ runId }) => runId)).size, 1);
      assert.equal(asked.filter(({ coalesced }) => !coalesced).length, 1);
      assert.notEqual(await lake.enqueue({ uniqueKey: 'table-2' }), asked[0]!.runId);
    });

    it('lets one wait while one runs, and never runs two', async () => {
      const first = await lake.enqueue({ uniqueKey: 'table-1' });
      const running = (await claim())!;
      const second = await lake.enqueue({ uniqueKey: 'table-1' });
      assert.notEqual(second, first);
      assert.equal(await lake.enqueue({ uniqueKey: 'table-1' }), second);
      assert.equal(await claim('two'), undefined);
      await lake.queue.complete(running, undefined, lake.clock.now());
      assert.equal((await claim('two'))?.id, second);
    });

    it('runs one of a turn at a time, whatever the jobs, and lets each wait', async () => {
      const marts = await lake.enqueue({ job: 'marts', turn: 'tables' });
      const erasure = await lake.enqueue({ job: 'erasure', turn: 'tables' });
      const second = await lake.enqueue({ job: 'erasure', turn: 'tables' });
      assert.equal(new Set([marts, erasure, second]).size, 3);
      const claim = async (job: string) => {
        const now = lake.clock.now();
        const leaseUntil = new Date(now.getTime() + 60_000);
        return lake.queue.claim({ worker: job, jobs: [job], now, leaseUntil });
      };
      const first = await claim('marts');
      assert.equal(first?.id, marts);
      assert.equal(await claim('erasure'), undefined);
      await lake.queue.complete(first!, undefined, lake.clock.now());
      assert.equal((await claim('erasure'))?.id, erasure);
      assert.equal(await claim('erasure'), undefined);
    });

    it('survives a retry of the first while the second waits', async () => {
      await lake.enqueue({ uniqueKey: 'table-1' });
      const running = (await claim())!;
      const second = await lake.enqueue({ uniqueKey: 'table-1' });
      await lake.queue.fail(running, { code: 'Unavailable', message: '' }, lake.clock.now(), lake.clock.now());
      assert.equal((await claim())?.id, running.id);
      assert.equal(await claim('two'), undefined);
      assert.equal(await lake.stateOf(second), 'queued');
    });
  });

  describe('leases', () => {
    it('gives the run of a silent worker to another, whose fence is higher; the first can end nothing', async () => {
      const runId = await lake.enqueue();
      const first = (await claim('one'))!;
      lake.clock.pass(59);
      assert.equal(await claim('two'), undefined);
      lake.clock.pass(2);
      const second = (await claim('two'))!;
      assert.equal(second.id, runId);
      assert(second.fence > first.fence);
      const now = lake.clock.now();
      await assert.rejects(lake.queue.complete(first, undefined, now), lostLease);
      await assert.rejects(lake.queue.fail(first, { code: 'Unknown', message: '' }, now, undefined), lostLease);
      await assert.rejects(lake.queue.release(first, now), lostLease);
      await assert.rejects(lake.queue.heartbeat(first, { leaseUntil: leaseUntil() }), lostLease);
      await lake.queue.complete(second, undefined, now);
      await assert.rejects(lake.queue.complete(second, undefined, now), lostLease);
      const run = await lake.queue.show(runId);
      assert.deepEqual(
        run.attemptList.map(({ worker, code }) => [worker, code]),
        [
          ['one', 'LeaseLost'],
          ['two', 'ok'],
        ],
      );
      assert.equal((await lake.audited()).length, 1);
    });

    it('keeps the lease while the worker beats', async () => {
      await lake.enqueue();
      const claimed = (await claim())!;
      for (let beat = 0; beat < 5; beat += 1) {
        lake.clock.pass(50);
        await lake.queue.heartbeat(claimed, { leaseUntil: leaseUntil() });
        assert.equal(await claim('two'), undefined);
      }
      await lake.queue.complete(claimed, undefined, lake.clock.now());
    });

    it('gives up on a run that kills its workers, with a notice', async () => {
      const runId = await lake.enqueue({ maxAttempts: 3 });
      for (let attempt = 1; attempt <= 3; attempt += 1) {
        assert.equal((await claim(`worker-${attempt}`))?.run.attempts, attempt);
        lake.clock.pass(61);
      }
      assert.equal(await claim(), undefined);
      const run = await lake.queue.show(runId);
      assert.deepEqual([run.state, run.failure?.code], ['failed', 'LeaseLost']);
      const [notice] = await lake.queue.notices();
      assert.deepEqual([notice?.runId, notice?.code], [runId, 'LeaseLost']);
      await lake.queue.acknowledge(notice!.id, lake.clock.now(), lake.operatorRecord());
      assert.deepEqual(await lake.queue.notices(), []);
      await assert.rejects(lake.queue.acknowledge(notice!.id, lake.clock.now(), lake.operatorRecord()), {
        code: 'NotFound',
      });
    });

    it('takes a lease from before a clock jumped back for void', async () => {
      await lake.enqueue();
      await claim('one');
      lake.clock.pass(-7200);
      assert.equal((await claim('two'))?.run.attempts, 2);
    });

    it('does not count an attempt that was given back', async () => {
      const runId = await lake.enqueue({ maxAttempts: 1 });
      for (let round = 0; round < 3; round += 1) await lake.queue.release((await claim())!, lake.clock.now());
      assert.deepEqual([await lake.stateOf(runId), (await lake.queue.show(runId)).attempts], ['queued', 0]);
    });
  });

  describe('dependencies', () => {
    const finish = async (runId: string, right = true) => {
      const claimed = (await claim())!;
      assert.equal(claimed.id, runId);
      const now = lake.clock.now();
      if (right) await lake.queue.complete(claimed, undefined, now);
      else await lake.queue.fail(claimed, { code: 'InvalidArgument', message: 'no' }, now, undefined);
    };

    it('lets a run begin when all it depends on have succeeded', async () => {
      const a = await lake.enqueue();
      const b = await lake.enqueue({ dependsOn: [a] });
      const c = await lake.enqueue({ dependsOn: [a] });
      const d = await lake.enqueue({ dependsOn: [b, c] });
      await finish(a);
      await finish(b);
      const last = (await claim())!;
      assert.equal(last.id, c);
      assert.equal(await claim('two'), undefined, 'd must wait for c');
      await lake.queue.complete(last, undefined, lake.clock.now());
      await finish(d);
    });

    it('blocks what depends on a failure, all the way down, and frees it with a retry', async () => {
      const a = await lake.enqueue();
      const b = await lake.enqueue({ dependsOn: [a] });
      const c = await lake.enqueue({ dependsOn: [b] });
      const other = await lake.enqueue();
      await finish(a, false);
      assert.deepEqual(await Promise.all([a, b, c, other].map((id) => lake.stateOf(id))), [
        'failed',
        'blocked',
        'blocked',
        'queued',
      ]);
      const late = await lake.enqueue({ dependsOn: [c] });
      assert.equal(await lake.stateOf(late), 'blocked');
      assert.equal((await lake.queue.notices()).length, 1);
      await assert.rejects(lake.queue.retry(b, lake.clock.now(), lake.operatorRecord()), lostLease);
      await lake.queue.retry(a, lake.clock.now(), lake.operatorRecord());
      assert.deepEqual(await lake.queue.notices(), []);
      for (const id of [a, b, c, other, late]) await finish(id);
      assert.deepEqual((await lake.queue.show(b)).dependsOn, [a]);
      assert.deepEqual((await lake.queue.show(b)).dependants, [c]);
    });

    it('keeps a run blocked while another of its dependencies is dead', async () => {
      const [a, b] = [await lake.enqueue(), await lake.enqueue()];
      const c = await lake.enqueue({ dependsOn: [a, b] });
      await finish(a, false);
      await finish(b, false);
      await lake.queue.retry(a, lake.clock.now(), lake.operatorRecord());
      assert.equal(await lake.stateOf(c), 'blocked');
      await lake.queue.retry(b, lake.clock.now(), lake.operatorRecord());
      assert.equal(await lake.stateOf(c), 'queued');
    });

    it('refuses to depend on a run that does not exist', async () => {
      await assert.rejects(lake.enqueue({ dependsOn: ['00000000-0000-7000-8000-000000000000'] }), { code: 'NotFound' });
      assert.equal((await lake.queue.list()).length, 0);
    });

    it('ends every random graph as its failures say', async () => {
      const graphs = fc.array(fc.record({ behind: fc.array(fc.nat(20), { maxLength: 3 }), fails: fc.boolean() }), {
        minLength: 1,
        maxLength: 12,
      });
      await fc.assert(
        fc.asyncProperty(graphs, async (nodes) => {
          const ids: string[] = [];
          const expected: string[] = [];
          for (const [index, { behind, fails }] of nodes.entries()) {
            const parents = [...new Set(behind)].filter((parent) => parent < index);
            const blocked = parents.some((parent) => expected[parent] !== 'succeeded');
            expected.push(blocked ? 'blocked' : fails ? 'failed' : 'succeeded');
            ids.push(await lake.enqueue({ dependsOn: parents.map((parent) => ids[parent]!) }));
          }
          for (let claimed = await claim(); claimed !== undefined; claimed = await claim()) {
            const now = lake.clock.now();
            if (nodes[ids.indexOf(claimed.id)]!.fails) {
              await lake.queue.fail(claimed, { code: 'Unknown', message: 'no' }, now, undefined);
            } else await lake.queue.complete(claimed, undefined, now);
          }
          assert.deepEqual(await Promise.all(ids.map((id) => lake.stateOf(id))), expected);
        }),
        { numRuns: 25 },
      );
    });
  });

  describe('control', () => {
    it('cancels what waits, with what depends on it, and asks what runs to stop', async () => {
      const a = await lake.enqueue({ uniqueKey: 'k' });
      const b = await lake.enqueue({ dependsOn: [a] });
      await lake.queue.cancel(a, lake.clock.now(), lake.operatorRecord());
      assert.deepEqual([await lake.stateOf(a), await lake.stateOf(b)], ['cancelled', 'blocked']);
      assert.deepEqual(await lake.queue.notices(), [], 'a person knows what a person cancelled');
      const c = await lake.enqueue({ uniqueKey: 'k' });
      const claimed = (await claim())!;
      assert.equal(claimed.id, c);
      await lake.queue.cancel(c, lake.clock.now(), lake.operatorRecord());
      assert.deepEqual(await lake.queue.heartbeat(claimed, { leaseUntil: leaseUntil() }), { cancelRequested: true });
      await lake.queue.fail(claimed, { code: 'Unknown', message: '' }, lake.clock.now(), lake.clock.now());
      assert.equal(await lake.stateOf(c), 'cancelled');
      await assert.rejects(lake.queue.cancel(c, lake.clock.now(), lake.operatorRecord()), lostLease);
      // Three runs ended, two requests to cancel were granted; the refused one left nothing.
      const audited = await lake.audited();
      assert.equal(audited.filter(({ event }) => event === 'job').length, 3);
      assert.equal(audited.filter(({ event }) => event === 'restrictedFunction').length, 2);
    });

    it('cancels a run whose worker died before it could listen', async () => {
      const runId = await lake.enqueue();
      await claim();
      await lake.queue.cancel(runId, lake.clock.now(), lake.operatorRecord());
      lake.clock.pass(61);
      assert.equal(await claim('two'), undefined);
      assert.equal(await lake.stateOf(runId), 'cancelled');
    });

    it('lists newest first, by job, state and page', async () => {
      const ids: string[] = [];
      for (let index = 0; index < 5; index += 1) ids.push(await lake.enqueue());
      await lake.enqueue({ job: 'other' });
      const list = async (filter: Parameters<JobLake['queue']['list']>[0]) =>
        (await lake.queue.list(filter)).map(({ id }) => id);
      assert.deepEqual(await list({ job: 'work' }), ids.toReversed());
      assert.deepEqual(await list({ job: 'work', limit: 2 }), [ids[4], ids[3]]);
      assert.deepEqual(await list({ job: 'work', limit: 2, before: ids[3]! }), [ids[2], ids[1]]);
      assert.deepEqual(await list({ state: 'failed' }), []);
      await assert.rejects(lake.queue.show('00000000-0000-7000-8000-000000000000'), { code: 'NotFound' });
    });

    it('forgets old runs, but none that an unfinished run depends on', async () => {
      const a = await lake.enqueue();
      const b = await lake.enqueue();
      const c = await lake.enqueue({ dependsOn: [b] });
      for (const id of [a, b]) {
        const claimed = (await claim())!;
        assert.equal(claimed.id, id);
        await lake.queue.complete(claimed, undefined, lake.clock.now());
      }
      lake.clock.pass(1);
      assert.equal(await lake.queue.prune(lake.clock.now()), 1);
      assert.deepEqual((await lake.queue.list()).map(({ id }) => id).sort(), [b, c].sort());
    });
  });
});
