import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { AliasCallers } from '../../../adapters/aws/alias-callers';
import { LambdaRequests } from '../../../adapters/aws/lambda-requests';
import { isLakeError, type LakeErrorCode } from '../../../adapters/ports/errors';
import type { RetryPolicy } from '../../../adapters/shared/retry';
import { LambdaService } from '../../support/lambda-service';

const secret = 'a-secret-of-the-test';

describe('Asking a function on Lambda', () => {
  const kept = process.env;
  let answer: () => Promise<unknown>;
  let service: LambdaService;
  let endpoint: string;

  beforeEach(async () => {
    process.env = { ...kept, AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: secret };
    answer = async () => ({ result: [1, 2] });
    service = new LambdaService((name, alias) => (name === 'asked' && alias === 'marts' ? answer : undefined), secret);
    endpoint = await service.listen();
  });
  afterEach(async () => {
    process.env = kept;
    await service.close();
  });

  const requests = (changes: object = {}, options: { readonly retries?: RetryPolicy } = {}): LambdaRequests =>
    new LambdaRequests(
      { kind: 'lambda', region: 'eu-west-2', functionName: 'asked', qualifier: 'marts', endpoint, ...changes },
      options,
    );
  const fails = (asking: Promise<unknown>, code: LakeErrorCode): Promise<void> =>
    assert.rejects(asking, (error) => isLakeError(error, code) && !error.message.includes('MARKER'));

  it('invokes it under its own alias, signed, and gives the answer', async () => {
    const request = { kind: 'opt-outs', persons: ['ä'], purpose: 'research' };
    assert.deepEqual(await requests().ask(request), [1, 2]);
    assert.deepEqual(service.asked, [{ functionName: 'asked', alias: 'marts', event: { request } }]);
  });

  it('throws the refusal of the other function with its code', async () => {
    answer = async () => ({ code: 'PermissionDenied', message: 'You may not.' });
    await fails(requests().ask({}), 'PermissionDenied');
    assert.equal(service.asked.length, 1);
  });

  it('is refused with a wrong secret, without an alias of its own, and in a closed set of codes', async () => {
    await fails(requests({ qualifier: 'curate' }).ask({ MARKER: 1 }), 'NotFound');
    service.failures = [{ status: 403, name: 'AccessDeniedException' }];
    await fails(requests().ask({ MARKER: 1 }), 'PermissionDenied');
    service.failures = [{ status: 413, name: 'RequestTooLargeException' }];
    await fails(requests().ask({ MARKER: 1 }), 'InvalidArgument');
    process.env.AWS_SECRET_ACCESS_KEY = 'another';
    await fails(requests().ask({ MARKER: 1 }), 'PermissionDenied');
    assert.deepEqual(service.asked, []);
  });

  it('asks again when the function is busy, died, or could not be reached', async () => {
    service.failures = [{ status: 429, name: 'TooManyRequestsException' }];
    let tries = 0;
    answer = async () => {
      tries += 1;
      if (tries === 1) throw new Error('The instance died.');
      if (tries === 2) return { code: 'Unavailable', message: 'Later.' };
      return { result: 'done' };
    };
    assert.equal(await requests().ask({}), 'done');
    assert.equal(tries, 3);
  });

  it('waits while the function is pending, and asks again over a connection that was closed while it was idle', async () => {
    const retries = { attempts: 2, firstPause: 1, attemptTimeout: 5000, deadline: 5000 };
    service.failures = [{ status: 409, name: 'ResourceConflictException' }];
    assert.deepEqual(await requests({}, { retries }).ask({}), [1, 2]);
    service.closesReused = true;
    // `fetch` keeps a connection as soon as this turn is over.
    await setImmediate();
    assert.deepEqual(await requests({}, { retries }).ask({}), [1, 2]);
    assert.equal(service.closed, 1);
  });

  it('sends nothing longer than Lambda takes', async () => {
    await fails(requests().ask({ persons: 'MARKER'.repeat(1024 * 1024) }), 'InvalidArgument');
    assert.deepEqual(service.asked, []);
  });
});

describe('Who asks a function on Lambda', () => {
  const own = 'arn:aws:lambda:eu-west-2:123456789012:function:lake-prod-identity-requests';

  it('is the alias that it was invoked by, and nobody without one', async () => {
    const callers = new AliasCallers();
    assert.equal(await callers.callerOf(`${own}:marts`), 'marts');
    for (const proof of [own, `${own}:$LATEST`, `${own}:7`, `${own}:marts:erasure`, 'marts', ''])
      assert.equal(await callers.callerOf(proof), undefined, proof);
  });
});
