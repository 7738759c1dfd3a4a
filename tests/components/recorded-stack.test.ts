import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ComponentResource, CustomResource, output } from '@pulumi/pulumi';
import { recordedStack } from '../../stacks/commands/recorded-stack';
import { recordGraph } from '../../stacks/commands/resource-graph';
import { currentTargetsPage } from '../../stacks/targets-page';
import { guideSections } from '../support/guide-commands';
import { repository } from '../support/machine-tools';
import { shippedStack } from '../support/recorded-stacks';

class Part extends CustomResource {
  constructor(name: string, inputs: Record<string, unknown>, parent: ComponentResource) {
    super('aws:s3/bucket:Bucket', name, { ...inputs, arn: undefined }, { parent, protect: true });
  }
}

class Whole extends ComponentResource {
  constructor(name: string, inputs: Record<string, unknown> = {}, parent?: ComponentResource) {
    super('lake:test:Whole', name, {}, parent === undefined ? {} : { parent });
    new Part(`${name}-part`, inputs, this);
  }
}

describe('A recorded stack', () => {
  for (const stack of ['dev', 'prod', 'prod-aws'] as const) {
    it(`is every resource of ${stack}, each below its component, under an explicit provider`, async () => {
      const recorded = await shippedStack(stack);
      const urns = new Set(recorded.map(({ urn }) => urn));
      assert.equal(urns.size, recorded.length);
      assert.ok(recorded.length > 80, String(recorded.length));
      for (const { urn, parent, component, custom, provider, type } of recorded) {
        assert.ok(parent === '' || urns.has(parent), urn);
        const standing =
          type.startsWith('pulumi:providers:') || type === 'kubernetes:core/v1:Secret' || urns.has(component);
        assert.ok(standing, urn);
        assert.ok(!custom || type.startsWith('pulumi:') || provider !== '', urn);
      }
      assert.ok(!JSON.stringify(recorded).includes('undefined'), 'a value that nothing gave');
    });
  }

  it('gives the page of targets, with what the suites left', async () => {
    const page = readFileSync(join(repository, 'docs', 'targets.md'), 'utf8');
    assert.ok(page === (await currentTargetsPage(shippedStack)), 'The page is of another day: npm run targets.');
  });

  it('has the clusters and the vault that the guide to an account looks for by how their names begin', async () => {
    const names = (await shippedStack('prod-aws')).flatMap(({ inputs }) => [inputs.clusterIdentifier, inputs.name]);
    const commands = guideSections.flatMap((section) => section.commands).join('\n');
    const asked = [...commands.matchAll(/starts_with\(\w+, '(lake-prod-aws-[^']+)'\)/g)].map(
      ([, beginning = '']) => beginning,
    );
    assert.ok(asked.length > 1);
    for (const beginning of asked) {
      const found = new Set(names.filter((name) => String(name).startsWith(beginning)));
      assert.equal(found.size, 1, beginning);
      assert.ok(!commands.replaceAll(`'${beginning}'`, '').includes(beginning), 'a name with a checksum made up');
    }
    assert.ok(!/lake-prod-aws-(?!state-lake-'|vault-')\w/.test(commands), 'a name that nobody asked for');
  });

  it('says what is below what, and what is protected', async () => {
    const recorded = await recordGraph(() => new Whole('inner', {}, new Whole('outer')));
    const named = (name: string) => recorded.find((one) => one.name === name);
    assert.equal(
      named('inner-part')?.urn,
      'urn:pulumi:test::nhs-data-lake::lake:test:Whole$lake:test:Whole$aws:s3/bucket:Bucket::inner-part',
    );
    assert.equal(named('inner')?.parent, named('outer')?.urn);
    assert.equal(named('inner-part')?.component, named('inner')?.urn);
    assert.deepEqual([named('inner-part')?.protect, named('inner')?.protect], [true, false]);
  });

  it('is refused when the inputs of a resource could not be computed', async () => {
    const broken = output('x').apply((): string => {
      throw new RangeError('no such key');
    });
    await assert.rejects(
      recordGraph(() => new Whole('outer', { bucket: broken })),
      /never registered: aws:s3\/bucket:Bucket outer-part\. .*no such key/,
    );
  });

  it('is refused for a stack without settings, and for settings that are wrong', async () => {
    await assert.rejects(recordedStack('nowhere', repository), /There is no Pulumi.nowhere.yaml here/);
    await assert.rejects(recordedStack('../prod', repository), /There is no Pulumi/);
  });
});
