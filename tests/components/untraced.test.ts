import assert from 'node:assert/strict';
import { untraced } from '../../components/core/untraced';

function askForIt(): never {
  return untraced(() => {
    throw new RangeError('no such zone');
  });
}

describe('What is made untraced', () => {
  it('takes no traces while it is made, and leaves the limit as it was', () => {
    const { stackTraceLimit } = Error;
    assert.equal(
      untraced(() => new Error('inside').stack),
      'Error: inside',
    );
    assert.equal(Error.stackTraceLimit, stackTraceLimit);
  });

  it('fails with the trace of whoever asked', () => {
    const { stackTraceLimit } = Error;
    assert.throws(askForIt, (error: Error) => {
      assert.match(error.stack ?? '', /^RangeError: no such zone\n\s+at askForIt /);
      return true;
    });
    assert.equal(Error.stackTraceLimit, stackTraceLimit);
  });
});
