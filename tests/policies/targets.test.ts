import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { targetsPage } from '../../stacks/commands/targets-page';
import { repository } from '../support/machine-tools';
import { awsMutants } from './aws-mutants';
import { keptAwsStack } from './kept-aws-stack';

/** The hand-made stack, as if one component had made all of it. */
const ofOneComponent = (stack: typeof keptAwsStack) =>
  stack.map((resource) => ({ ...resource, component: 'urn:pulumi:test::nhs-data-lake::lake:test:Test::test' }));
describe('The page of targets', () => {
  it('is made by its script, and says of nothing that a guard rail is not kept', () => {
    const [introduction = '', table = ''] = targetsPage({ AWS: [] }).split('\n| ');
    assert.ok(table.startsWith('component | capability | AWS |'));
    const page = readFileSync(join(repository, 'docs', 'targets.md'), 'utf8');
    assert.ok(page.startsWith(introduction));
    const rows = page.slice(introduction.length).trim().split('\n').slice(2);
    const cell = String.raw`(\d+|no such component|described|guarded \(\d+\))`;
    const form = new RegExp(String.raw`^\| [a-z-]* \| [a-z, -]+ \| ${cell} \| ${cell} \| ${cell} \|$`);
    assert.deepEqual(
      rows.filter((row) => !form.test(row)),
      [],
      'run npm run targets',
    );
    assert.ok(rows.length > 50);
  });

  it('says where a guard rail is not kept', () => {
    const mutant = awsMutants['rds-encrypted'];
    const pages = [keptAwsStack, mutant?.(keptAwsStack) ?? []].map((stack) =>
      targetsPage({ AWS: ofOneComponent(stack) }),
    );
    assert.ok(!pages[0]?.includes('**not kept**'));
    assert.match(pages[1] ?? '', /encrypted, erasable \| \*\*not kept\*\* \(1 of \d+\)/);
  });
});
