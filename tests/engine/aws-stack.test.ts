import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reachabilityPolicy } from '../../components/guardrails/reachability/engine-policy';
import { rules } from '../../components/guardrails/rules';
import { pulumiEnvironment, repository, run } from '../support/machine-tools';
import { named, replaced } from '../support/plan-steps';
import { awsEnvironment } from '../support/provider-answers';
import { PulumiStack } from '../support/pulumi-stack';

const environment = pulumiEnvironment();
const pack = ['--policy-pack', 'components/guardrails/policy-pack'];
/** Nothing of these may ever be replaced by an update: they hold data, evidence, or what opens them. */
const stateful = [
  's3/bucket:Bucket',
  'kms/key:Key',
  'rds/cluster:Cluster',
  'redshiftserverless/namespace:Namespace',
  'cloudwatch/logGroup:LogGroup',
  'sqs/queue:Queue',
  'backup/vault:Vault',
  'glue/catalogDatabase:CatalogDatabase',
  'ec2/vpc:Vpc',
  'ec2/instance:Instance',
];
/** All that the development provider may take for a credential: a setting of an instance's metadata. */
const harmless = /metadataOptions\.httpTokens: plain text/;

const settings = readFileSync(join(repository, 'Pulumi.prod-aws.yaml'), 'utf8');
/** The same in an account of staging: what is not production's alone, behind a private link, without what serves tables. */
const staging = settings
  .slice(0, settings.indexOf('  nhs-data-lake:catalogue:'))
  .replace('nhs-data-lake:ingress: public', 'nhs-data-lake:ingress: private')
  .replace('target: aws\n', 'target: aws\n  nhs-data-lake:environment: development\n');

/** One line of the program changed as a person might, and the policy that must stop it. */
const weakened = [
  {
    policy: 'rds-private',
    file: 'components/state-database/aws.ts',
    from: 'publiclyAccessible: false',
    to: 'publiclyAccessible: true',
    says: /publiclyAccessible/,
  },
  {
    policy: 'no-undeclared-way-out',
    file: 'components/events/aws.ts',
    from: 'endpoint: queue.arn,',
    to: "endpoint: 'arn:aws:sqs:eu-west-2:999988887777:elsewhere',",
    says: /Topic events-landed\.clinical-topic reaches account 999988887777\s+-> TopicSubscription events-landed\.clinical-subscription/,
  },
];
const policies = [...rules.map(({ id }) => id), reachabilityPolicy.name];

function built(): boolean {
  const there = existsSync(join(repository, 'dist', 'aws-lambda', 'prepare', 'index.js'));
  if (!there) console.log('      skipped: the functions are not built (npm run build)');
  if (environment === undefined)
    console.log('      skipped: no Pulumi engine here (../shared/tools/pulumi-engine builds one)');
  return there && environment !== undefined;
}

/** What the development provider warned of beside what is known to be no credential. */
const warned = (log: string): readonly string[] =>
  log.split('\n').filter((line) => line.includes('plain text under a name') && !harmless.test(line));

describe('The stack of production on AWS, on the real engine', function () {
  this.timeout(900_000);
  let stack: PulumiStack | undefined;
  const prod = (): PulumiStack => {
    assert.ok(stack !== undefined);
    return stack;
  };
  const refusal = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => assert.fail('the engine let it through'),
      (error: Error) => error.message,
    );

  before(async function () {
    if (!built()) this.skip();
    stack = await PulumiStack.create('prod-aws', awsEnvironment(environment ?? {}), { settings });
  });
  after(() => stack?.remove());

  it('is planned, and brought up past the policy pack', async () => {
    const steps = await prod().plan();
    assert.ok(steps.length > 500 && steps.every(({ op }) => op === 'create'));
    // Before anything is made, when most is not known: as a pull request looks at it.
    await prod().pulumi('preview', '-s', 'prod-aws', ...pack);
    assert.deepEqual(warned(await prod().pulumi('up', '--yes', '--skip-preview', '-s', 'prod-aws', ...pack)), []);
    const outputs = await prod().outputs();
    assert.equal(outputs.baseUrl, 'https://lake.example.nhs.uk/FHIR/R4');
    assert.equal(outputs.send, 'lake send --stack prod-aws --provider FILE_OF_CREDENTIALS PATH');
  });

  it('has nothing to do the second time, nor after a refresh', async () => {
    assert.deepEqual(named(await prod().plan()), []);
    await prod().refresh();
    assert.deepEqual(named(await prod().plan()), []);
  });

  it('changes what a setting concerns and replaces nothing stateful', async () => {
    await prod().set('requestsPerMinute', '500');
    const limited = await prod().plan();
    assert.deepEqual(replaced(limited, stateful), []);
    assert.deepEqual(named(limited), ['update ingest-function', 'update provider-access-function']);
    await prod().set('requestsPerMinute', '6000');
  });

  it('shows no secret in its state: it is given none and makes none', () => {
    const state = prod().state();
    assert.ok(state.includes('"aws:rds/cluster:Cluster"'), 'the state was read');
    assert.ok(!/"(plaintext|masterPassword|adminUserPassword|clientSecret|presharedKey)":/.test(state));
    // The provider calls the name of the warehouse's administrator a secret: of that, the state shows the cipher text alone.
    assert.ok(/"adminUsername":\{[^}]*"ciphertext":/.test(state));
    assert.equal(state.match(/"ciphertext":/g)?.length, 2, 'of its inputs and its outputs');
  });

  it('is protected where it holds data: the engine replaces and deletes nothing of it', async () => {
    await prod().set('name', 'other');
    const message = await refusal(prod().plan());
    await prod().set('name', 'lake');
    assert.match(message, /unable to replace resource [\s\S]*marked for protection/);
    const before = prod().state();
    assert.match(
      await refusal(prod().pulumi('destroy', '--yes', '-s', 'prod-aws')),
      /cannot be deleted[\s\S]*protected/,
    );
    assert.equal(prod().state().match(/"urn"/g)?.length, before.match(/"urn"/g)?.length);
  });

  for (const { policy, file, from, to, says } of weakened)
    it(`is stopped in a preview when it is weakened: ${policy}`, async () => {
      prod().edit(file, (text) => text.replace(from, to));
      const said = await refusal(prod().pulumi('preview', '-s', 'prod-aws', ...pack));
      prod().use(repository);
      assert.deepEqual(
        policies.filter((id) => said.includes(`[mandatory]  ${id} `)),
        [policy],
      );
      assert.match(said, says);
    });

  it('leaves nothing behind when it is destroyed, once someone said that it may go', async () => {
    await prod().pulumi('state', 'unprotect', '--all', '--yes', '-s', 'prod-aws');
    await prod().destroy();
    const { checkpoint } = JSON.parse(prod().state()) as { checkpoint: { latest: { resources?: unknown[] } } };
    assert.deepEqual(checkpoint.latest.resources ?? [], []);
  });
});

describe('The stack of staging on AWS, on the real engine', function () {
  this.timeout(900_000);

  it('takes the state of the commit before over and replaces nothing stateful', async function () {
    if (!built()) this.skip();
    const before = mkdtempSync(join(tmpdir(), 'lake-before-'));
    let stack: PulumiStack | undefined;
    try {
      try {
        run('git', ['-C', repository, 'cat-file', '-e', 'HEAD~1:stacks/aws-lake.ts']);
      } catch {
        console.log('      skipped: the commit before is not here (a shallow clone), or has no AWS');
        this.skip();
      }
      run('bash', ['-c', `git -C '${repository}' archive HEAD~1 | tar -x -C '${before}'`]);
      stack = await PulumiStack.create('staging-aws', awsEnvironment(environment ?? {}), {
        settings: staging,
        program: before,
      });
      await stack.up();
      stack.use(repository);
      assert.deepEqual(replaced(await stack.plan(), stateful), []);
      await stack.up();
      assert.deepEqual(named(await stack.plan()), []);
    } finally {
      stack?.remove();
      rmSync(before, { recursive: true, force: true });
    }
  });
});
