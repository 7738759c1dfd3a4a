import assert from 'node:assert/strict';
import { sentText } from '../../../functions/cli/demo';
import { simulate } from '../../../functions/simulation/simulate';

describe('what the demo says of its sending', () => {
  it('tells what senders sent twice as that, also of a new lake', () => {
    const totals = { accepted: 90, refused: 2, quarantined: 3, duplicate: 5 };
    const said = sentText(60, 1.25, totals);
    assert.match(said, /90 resources accepted, 2 refused, 3 quarantined, 5 sent again and kept once$/);
    assert.ok(!said.includes('known'));
    // Simulated senders do that: the count is not nought in a lake that knows nothing.
    const messages = [...simulate({ people: 20, seed: 2026 })].map(({ provider, body }) => `${provider} ${body}`);
    assert.ok(new Set(messages).size < messages.length);
  });
});
