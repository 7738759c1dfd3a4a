import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type Declared, explain, findPaths } from '../../components/guardrails/reachability';
import { madeUpAccount } from '../../stacks/commands/made-up-outputs';
import { recordedStack } from '../../stacks/commands/recorded-stack';

/**
 * What the production stack on AWS is meant to let pass: databases are prepared from the lake, and an import is opened beside
 * the identity zone's inbox and lands in the lake's ledger.
 */
const declared: Declared = {
  accounts: [madeUpAccount],
  exits: [{ to: 'internet', from: 'audit-findings-topic', through: 'audit-alarms-mail-1' }],
  inside: [
    ...['curated', 'lake', 'tre', 'marts'].map((from) => ({ from, to: 'network' })),
    { from: 'lake', to: 'state' },
    { from: 'identity', to: 'network' },
    { from: 'identity', to: 'state' },
    { from: 'lake', to: 'identity' },
    { from: 'tre', to: 'marts' },
  ],
};

describe('ways out of the production stack on AWS', () => {
  it('are the mail of its alarms alone', async () => {
    const found = findPaths(await recordedStack('prod-aws', join(__dirname, '..', '..')), declared);
    assert.deepEqual(found.map(explain), []);
  });
});
