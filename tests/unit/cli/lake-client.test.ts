import assert from 'node:assert/strict';
import { LakeClient } from '../../../functions/cli/sending/lake-client';

describe('a sender that is stopped', () => {
  it('tries nothing again, so that Ctrl-C in the middle of the demo ends the process', async () => {
    const stop = new AbortController();
    let asked = 0;
    const client = new LakeClient({
      baseUrl: 'http://127.0.0.1:1/FHIR/R4',
      token: async () => {
        asked += 1;
        setImmediate(() => stop.abort());
        throw new TypeError('fetch failed');
      },
      signal: stop.signal,
    });
    const { status } = await client.send({ method: 'POST', path: '/', body: '{}', resources: 1, requestId: 'r' });
    assert.deepEqual([status, stop.signal.aborted], ['failed', true]);
    // The first attempt, and the one that the stop woke; not the six that would follow in twenty seconds.
    assert.equal(asked, 2);
  });
});
