import assert from 'node:assert/strict';
import { join } from 'node:path';
import { explain, findPaths } from '../../components/guardrails/reachability';
import { lakeBorders } from '../../components/guardrails/reachability/lake-borders';
import { recordedStack } from '../../stacks/commands/recorded-stack';

describe('ways out of the production stack on AWS', () => {
  it('are the mail of its alarms alone', async () => {
    const recorded = await recordedStack('prod-aws', join(__dirname, '..', '..'));
    const found = findPaths(recorded, lakeBorders(recorded));
    assert.deepEqual(found.map(explain), []);
  });
});
