import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rules } from '../../components/guardrails/rules';
import { findingsOf } from '../../components/guardrails/rules/evaluation';
import { guardedGraph } from '../../stacks/commands/guarded-stack';
import type { RecordedResource } from '../../stacks/commands/resource-graph';
import { repository } from '../support/machine-tools';
import { shippedStack } from '../support/recorded-stacks';
import { cafAnswers } from './caf-answers';
import { keptAwsStack } from './kept-aws-stack';

interface DigestRule {
  readonly controls: Readonly<Record<string, readonly string[]>>;
  /** Empty where only a comment stands upstream. */
  readonly rule: string;
}

const digest = join(
  process.env.LAKE_SHARED ?? join(repository, '..', 'shared'),
  'data',
  'cfn-guard',
  'rules-digest.json',
);
const answers = Object.entries(cafAnswers);

describe("The NCSC's CAF rules for CloudFormation", () => {
  // What is deployed decides; the stack made up for the rules has what further settings add to it.
  let stack: readonly RecordedResource[];
  before(async () => {
    stack = [...(await shippedStack('prod-aws')), ...keptAwsStack];
  });

  it('are answered one by one: every rule that has logic, and no other', function () {
    if (!existsSync(digest)) {
      console.log('      skipped: the digest of the rules is not here (../shared/data/cfn-guard, or LAKE_SHARED)');
      this.skip();
    }
    const all = JSON.parse(readFileSync(digest, 'utf8')) as readonly DigestRule[];
    const withLogic = all.flatMap(({ controls, rule }) => ('ncsc-cafv3' in controls && rule !== '' ? [rule] : []));
    assert.equal(withLogic.length, 68);
    assert.deepEqual(Object.keys(cafAnswers).sort(), [...withLogic].sort());
  });

  it('are met by guard rails that look at something and find nothing wrong', async () => {
    const graphs = [guardedGraph(await shippedStack('prod-aws')), guardedGraph(keptAwsStack)];
    for (const [name, answer] of answers)
      for (const id of 'met' in answer ? answer.met : []) {
        const rule = rules.find((one) => one.id === id);
        assert.ok(rule !== undefined, `${name}: no rule ${id}`);
        const found = graphs.flatMap((graph) => findingsOf(rule, graph));
        assert.ok(found.length > 0 && found.every(({ wrong }) => wrong === undefined), `${name}: ${id}`);
      }
  });

  it('are not applicable where the lake has nothing of the kind', () => {
    for (const [name, answer] of answers)
      for (const begins of 'absent' in answer ? answer.absent : [])
        assert.ok(!stack.some(({ type }) => type.startsWith(begins)), `${name}: there is a ${begins}`);
  });

  it('stand in docs/findings.md with the reason where they are not met', () => {
    const findings = readFileSync(join(repository, 'docs', 'findings.md'), 'utf8');
    const rows = findings.split('\n').filter((row) => row.startsWith('| `'));
    for (const [name, answer] of answers) {
      const row = rows.find((one) => one.startsWith(`| \`${name}\` |`));
      assert.equal(row !== undefined, 'finding' in answer, `${name}: a row when and only when it is a finding`);
    }
  });
});
