import assert from 'node:assert/strict';
import { explain, findPaths } from '../../components/guardrails/reachability';
import { lakeBorders } from '../../components/guardrails/reachability/lake-borders';
import type { RecordedResource } from '../../stacks/commands/resource-graph';
import { shippedStack } from '../support/recorded-stacks';

const waysOut = (stack: readonly RecordedResource[]): readonly string[] =>
  findPaths(stack, lakeBorders(stack)).map(explain);

describe('ways out of the production stack on AWS', () => {
  it('are the mail of its alarms alone', async () => {
    assert.deepEqual(waysOut(await shippedStack('prod-aws')), []);
  });

  it('are no more before the first research project, whose machines the group of workspaces waits for', async () => {
    const all = await shippedStack('prod-aws');
    const without = all.filter(({ type }) => type !== 'aws:ec2/instance:Instance');
    assert.equal(all.length - without.length, 1);
    assert.deepEqual(waysOut(without), []);
  });
});
