import assert from 'node:assert/strict';
import { type AllResults, type ShownBy, workCell } from '../../stacks/commands/suite-results';
import { targetsPage } from '../../stacks/commands/targets-page';
import { mergedResults } from '../support/results-reporter';
import { awsMutants } from './aws-mutants';
import { keptAwsStack } from './kept-aws-stack';

const shownBy: ShownBy = {
  broughtUp: { engine: /^The stack on the real engine$/, cluster: /^The stack on a real cluster$/ },
  adapters: /^(ObjectStore: S3|KeyManagement: AWS KMS)/,
  functions: /^tests\/emulators\/aws-/,
};
const nothing: AllResults = { emulators: {}, engine: {}, cluster: {} };
const all = (passed: number, failed = 0, notRun = 0) => ({ passed, failed, notRun });

/** The hand-made stack, as if one component had made all of it. */
const pageOf = (stack: typeof keptAwsStack, results: AllResults, module = 'test'): string =>
  targetsPage(
    {
      AWS: {
        ...shownBy,
        resources: stack.map((resource) => ({
          ...resource,
          component: `urn:pulumi:test::nhs-data-lake::lake:${module}:Test::test`,
        })),
      },
    },
    results,
  );

describe('The page of targets', () => {
  it('says where a guard rail is not kept', () => {
    const mutant = awsMutants['rds-encrypted'];
    assert.ok(!pageOf(keptAwsStack, nothing).includes('**not kept**'));
    assert.match(pageOf(mutant?.(keptAwsStack) ?? [], nothing), /encrypted, erasable \| \*\*not kept\*\* \(1 of \d+\)/);
  });

  it('says that a stack was brought up only when tests of it passed, and takes it back when one fails', () => {
    const row = (results: Partial<AllResults>): string =>
      /brought up and taken down \| (.*) \|/.exec(pageOf(keptAwsStack, { ...nothing, ...results }))?.[1] ?? '';
    const engine = (counts: object) => ({ 'a.test.ts': { 'The stack on the real engine': counts as never } });
    const cluster = { 'b.test.ts': { 'The stack on a real cluster': all(3) } };
    assert.equal(row({}), 'not shown');
    assert.equal(row({ engine: engine(all(7)), cluster }), 'real engine (7), real cluster (3)');
    assert.equal(row({ engine: engine(all(6, 1)), cluster }), '**real engine failed** (1 of 7), real cluster (3)');
    assert.equal(row({ engine: engine(all(0, 0, 7)) }), 'not shown');
    assert.equal(row({ engine: { 'a.test.ts': { 'Another stack on the real engine': all(7) } } }), 'not shown');
  });

  it('says that a component does its work only by the suites of its own port and adapter', () => {
    const emulators = {
      'tests/emulators/s3.test.ts': { 'ObjectStore: S3, a server': all(10), 'ObjectStore: files': all(20) },
      'tests/emulators/aws-demo.test.ts': { 'The demo on AWS': all(4) },
      'tests/emulators/server-marts.test.ts': { 'marts off one machine': all(5) },
    };
    const cells = ['object-store', 'key-ring', 'function', 'network'].map((component) =>
      workCell(component, shownBy, { ...nothing, emulators }),
    );
    assert.deepEqual(cells, ['emulator (10)', 'not shown', 'emulator (4)', 'not shown']);
    assert.match(
      pageOf(keptAwsStack, { ...nothing, emulators }, 'object-store'),
      /does its work \| emulator \(10\) \|/,
    );
  });

  it('keeps what a file showed until it runs again, and forgets files that are gone', () => {
    const before = { 'a.test.ts': { A: all(1) }, 'b.test.ts': { B: all(2) }, 'gone.test.ts': { C: all(3) } };
    const merged = mergedResults(before, { 'b.test.ts': { B: all(1, 1) } }, (file) => file !== 'gone.test.ts');
    assert.deepEqual(merged, { 'a.test.ts': { A: all(1) }, 'b.test.ts': { B: all(1, 1) } });
  });
});
