import assert from 'node:assert/strict';
import { rules } from '../../components/guardrails/rules';
import { pulumiEnvironment, repository } from '../support/machine-tools';
import { PulumiStack } from '../support/pulumi-stack';

const environment = pulumiEnvironment();
const pack = 'components/guardrails/policy-pack';

/** One line of the program changed as a person might, and the rule that must stop it. */
const weakened = [
  {
    rule: 'kubernetes-container-read-only',
    file: 'components/core/kubernetes-pods.ts',
    from: 'readOnlyRootFilesystem: true',
    to: 'readOnlyRootFilesystem: false',
  },
  {
    rule: 'kubernetes-namespace-closed',
    file: 'components/network/kubernetes.ts',
    from: "policyTypes: ['Ingress', 'Egress'] }",
    to: "policyTypes: ['Ingress'] }",
  },
];

describe('The policy pack on the real engine', function () {
  this.timeout(600_000);
  let stack: PulumiStack | undefined;
  const dev = (): PulumiStack => {
    assert.ok(stack !== undefined);
    return stack;
  };
  const refusal = (...args: readonly string[]): Promise<string> =>
    dev()
      .pulumi(...args, '--policy-pack', pack)
      .then(
        () => assert.fail('the engine let it through'),
        (error: Error) => error.message,
      );

  before(async function () {
    if (environment === undefined) {
      console.log('      skipped: no Pulumi engine here (../shared/tools/pulumi-engine builds one)');
      this.skip();
    }
    stack = await PulumiStack.create('dev', environment, {
      secret: 'the secret of a stack that lives for one test run',
    });
  });
  after(() => stack?.remove());

  it('lets the dev stack through, planned and brought up', async () => {
    await dev().pulumi('preview', '--policy-pack', pack);
    await dev().pulumi('up', '--yes', '--skip-preview', '--policy-pack', pack);
  });

  for (const { rule, file, from, to } of weakened)
    it(`stops a weakened stack: ${rule}`, async () => {
      dev().edit(file, (text) => text.replace(from, to));
      const said = await refusal('preview');
      const found = rules.map(({ id }) => id).filter((id) => said.includes(`[mandatory]  ${id} `));
      assert.deepEqual(found, [rule]);
      dev().use(repository);
    });
});
