import assert from 'node:assert/strict';
import { LakeError } from '../../../adapters/ports/errors';
import { Retry, type RetryPolicy } from '../../../adapters/shared/retry';

const policy: RetryPolicy = { attempts: 4, firstPause: 2, attemptTimeout: 1000, deadline: 2000 };
const away = (retryAfterSeconds?: number) =>
  new LakeError('Unavailable', 'away', retryAfterSeconds === undefined ? {} : { retryAfterSeconds });

describe('Retry', () => {
  const failing = (failures: number, error: Error) => {
    const calls = { count: 0 };
    const call = async (): Promise<number> => {
      calls.count += 1;
      if (calls.count <= failures) throw error;
      return calls.count;
    };
    return { calls, call };
  };

  it('repeats what did not get through, and gives the answer of the first try that did', async () => {
    assert.equal(await new Retry(policy).run(failing(3, away()).call), 4);
  });

  it('gives up after its tries with what the last one said', async () => {
    const { calls, call } = failing(9, away());
    await assert.rejects(new Retry(policy).run(call), { code: 'Unavailable' });
    assert.equal(calls.count, 4);
  });

  for (const code of ['PermissionDenied', 'InvalidArgument', 'NotFound', 'PreconditionFailed', 'Unknown'] as const) {
    it(`does not repeat ${code}`, async () => {
      const { calls, call } = failing(9, new LakeError(code, 'no'));
      await assert.rejects(new Retry(policy).run(call), { code });
      assert.equal(calls.count, 1);
    });
  }

  it('waits as long as the service asks for', async () => {
    const begin = performance.now();
    await new Retry(policy).run(failing(1, away(0.2)).call);
    assert.ok(performance.now() - begin >= 195);
  });

  it('gives up at once when the service asks for more than the deadline allows', async () => {
    const { calls, call } = failing(1, away(60));
    await assert.rejects(new Retry(policy).run(call), { retryAfterSeconds: 60 });
    assert.equal(calls.count, 1);
  });

  it('ends a try that takes too long', async () => {
    let tries = 0;
    const hanging = (signal: AbortSignal) =>
      new Promise<never>((_, reject) => {
        tries += 1;
        signal.addEventListener('abort', () => reject(away()));
      });
    await assert.rejects(new Retry({ ...policy, attempts: 2, attemptTimeout: 30 }).run(hanging), {
      code: 'Unavailable',
    });
    assert.equal(tries, 2);
  });

  it('ends with its caller, also in a pause', async () => {
    const abort = new AbortController();
    const { calls, call } = failing(9, away(1));
    const run = new Retry(policy).run(call, abort.signal);
    setTimeout(() => abort.abort(new RangeError('enough')), 20);
    const begin = performance.now();
    await assert.rejects(run, ({ cause }: Error) => cause instanceof RangeError);
    assert.ok(performance.now() - begin < 500);
    assert.equal(calls.count, 1);
  });

  it('stops repeating when most calls fail, and begins again when they succeed', async () => {
    const retry = new Retry({ ...policy, firstPause: 0 });
    const count = async (runs: number): Promise<number> => {
      let tries = 0;
      for (let run = 0; run < runs; run += 1) {
        const { calls, call } = failing(9, away());
        await retry.run(call).catch(() => undefined);
        tries += calls.count;
      }
      return tries;
    };
    // 50 retries are in the budget: 100 calls would be 400 tries without it.
    assert.equal(await count(100), 150);
    for (let run = 0; run < 15; run += 1) await retry.run(async () => run);
    assert.equal(await count(10), 13);
  });
});
