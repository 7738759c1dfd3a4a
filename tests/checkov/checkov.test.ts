import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { recordedStack } from '../../stacks/commands/recorded-stack';
import { deployAws, fullAwsSettings } from '../components/aws-settings';
import { devSettings, fullSettings, siteSettings } from '../components/dev-stack';
import { deploy } from '../components/recorded-lake';
import { recordLake } from '../policies/recorded-lake';
import { repository } from '../support/machine-tools';
import { type CheckovResult, checkovOf, fetchCheckov } from './checkov';
import { templateOf } from './cloudformation';
import { manifestsOf } from './manifests';

/** Checks that docs/findings.md answers: failed on purpose. */
const answered = new Set(
  readFileSync(join(repository, 'docs', 'findings.md'), 'utf8')
    .split('\n')
    .flatMap((row) => /^\| `(CKV2?_\w+)` \|/.exec(row)?.[1] ?? []),
);
const failing = new Set<string>();
const unanswered = ({ failed }: CheckovResult): readonly string[] => {
  for (const { check_id } of failed) failing.add(check_id);
  return failed
    .filter(({ check_id }) => !answered.has(check_id))
    .map(({ check_id, check_name, resource }) => `${check_id} ${check_name}: ${resource}`);
};

describe('Checkov, by its own rules', function () {
  this.timeout(300_000);
  let command = '';
  before(function () {
    command = fetchCheckov() ?? '';
    if (command !== '') return;
    console.log('      skipped: Checkov is not here and cannot be fetched (Python 3 and PyPI are needed)');
    this.skip();
  });

  it('finds nothing unanswered in the Kubernetes stacks: development, everything, a site with its own servers', async () => {
    const files = new Map<string, unknown>();
    for (const [name, settings] of Object.entries({ devSettings, fullSettings, siteSettings }))
      for (const [file, manifest] of manifestsOf(await deploy('apply', settings)))
        files.set(`${name}-${file}`, manifest);
    const result = checkovOf(command, 'kubernetes', files);
    assert.deepEqual([unanswered(result), result.unread], [[], 0]);
    assert.ok(result.passed > 1000, String(result.passed));
  });

  it('finds nothing unanswered in the stack of production on AWS, as a template of CloudFormation', async () => {
    const stack = await recordedStack('prod-aws', repository);
    const result = checkovOf(command, 'cloudformation', new Map([['lake', templateOf(stack)]]));
    assert.deepEqual([unanswered(result), result.unread], [[], 0]);
    assert.ok(result.passed > 50, String(result.passed));
  });

  it('finds nothing unanswered in a stack on AWS with everything that can be asked for', async () => {
    const stack = await deployAws('apply', fullAwsSettings);
    const result = checkovOf(command, 'cloudformation', new Map([['lake', templateOf(stack)]]));
    assert.deepEqual([unanswered(result), result.unread], [[], 0]);
    assert.ok(result.passed > 60, String(result.passed));
  });

  it('finds what is weakened', async () => {
    const open = (await recordLake()).filter(({ type }) => !type.endsWith(':BucketPublicAccessBlock'));
    const result = checkovOf(command, 'cloudformation', new Map([['lake', templateOf(open)]]));
    assert.ok(result.failed.some(({ check_id }) => check_id === 'CKV_AWS_53' || check_id === 'CKV_AWS_54'));
  });

  it('has no answer left for what it no longer finds', () => {
    assert.deepEqual(
      [...answered].filter((id) => !failing.has(id)),
      [],
    );
  });
});
