import assert from 'node:assert/strict';
import { hkdfSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pulumiEnvironment, repository, run } from '../support/machine-tools';
import { named, replaced } from '../support/plan-steps';
import { PulumiStack } from '../support/pulumi-stack';

const environment = pulumiEnvironment();
const deploymentSecret = 'the secret of a stack that lives for one test run';
/** Nothing of these may ever be replaced by an update: they hold data, or the names of what holds it. */
const stateful = ['StatefulSet', 'Namespace', 'PersistentVolumeClaim', 'postgresql.cnpg.io'];

/** What HKDF makes of the deployment secret for one purpose, as the servers get it. */
const derived = (purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', deploymentSecret, 'nhs-data-lake', purpose, 32));

describe('The dev stack on the real engine', function () {
  this.timeout(600_000);
  let stack: PulumiStack | undefined;
  const dev = (): PulumiStack => {
    assert.ok(stack !== undefined);
    return stack;
  };

  before(async function () {
    if (environment === undefined) {
      console.log('      skipped: no Pulumi engine here (../shared/tools/pulumi-engine builds one)');
      this.skip();
    }
    stack = await PulumiStack.create('dev', environment, { secret: deploymentSecret });
  });
  after(() => stack?.remove());

  it('is planned and brought up', async () => {
    const steps = await dev().plan();
    assert.ok(steps.length > 80 && steps.every(({ op }) => op === 'create'));
    await dev().up();
    const outputs = await dev().outputs();
    assert.equal(outputs.baseUrl, 'http://ingest.lake-lake.lake.localhost/FHIR/R4');
    assert.equal(outputs.send, 'lake send --stack dev --provider FILE_OF_CREDENTIALS PATH');
  });

  it('has nothing to do the second time, nor after a refresh', async () => {
    assert.deepEqual(named(await dev().plan()), []);
    await dev().refresh();
    assert.deepEqual(named(await dev().plan()), []);
  });

  it('changes what a setting concerns and replaces nothing stateful', async () => {
    await dev().set('requestsPerMinute', '500');
    const steps = await dev().plan();
    assert.deepEqual(replaced(steps, stateful), []);
    assert.deepEqual(named(steps), ['update ingest-service', 'update provider-access-service']);
    await dev().set('requestsPerMinute', '6000');
    await dev().set('ingestPods', '5');
    // The zone finds room for every pod that may run, and one container may have all of it.
    assert.deepEqual(named(await dev().plan()), [
      'update ingest-service',
      'update network-lake-limits',
      'update network-lake-quota',
    ]);
    await dev().set('ingestPods', '3');
  });

  it('shows no secret in its state, its outputs or its log', async () => {
    const seen = [dev().state(), JSON.stringify(await dev().outputs()), await dev().up()].join('\n');
    const purposes = ['openbao seal', 'state database administrator', 'state database ingest', 'object store ingest'];
    for (const purpose of purposes) {
      const bytes = derived(purpose);
      for (const text of [bytes.toString('base64url'), bytes.toString('hex'), bytes.toString('base64')])
        assert.ok(!seen.includes(text), `the secret of ${purpose} is in the clear`);
      assert.ok(!seen.includes(Buffer.from(bytes.toString('base64url')).toString('base64')), `${purpose}, base64`);
    }
    assert.ok(!seen.includes(deploymentSecret));
    assert.ok(seen.includes('ciphertext'), 'the state was read');
  });

  it('says everything that is wrong with its settings at once', async () => {
    await dev().set('scheme', 'ftp');
    await dev().set('colour', 'red');
    await assert.rejects(dev().plan(), (error: Error) => {
      assert.match(error.message, /scheme: \\*"ftp\\*"; allowed: https, http/);
      assert.match(error.message, /colour: no such setting/);
      return true;
    });
    await dev().set('scheme', 'http');
    await dev().pulumi('config', 'rm', 'colour');
  });

  it('takes the state of the commit before over and replaces nothing stateful', async function () {
    const before = mkdtempSync(join(tmpdir(), 'lake-before-'));
    let earlier: PulumiStack | undefined;
    try {
      try {
        run('git', ['-C', repository, 'cat-file', '-e', 'HEAD~1:Pulumi.yaml']);
      } catch {
        console.log('      skipped: the commit before is not here (a shallow clone), or has no program');
        this.skip();
      }
      run('bash', ['-c', `git -C '${repository}' archive HEAD~1 | tar -x -C '${before}'`]);
      earlier = await PulumiStack.create('dev', environment ?? {}, { secret: deploymentSecret, program: before });
      await earlier.up();
      earlier.use(repository);
      assert.deepEqual(replaced(await earlier.plan(), stateful), []);
      await earlier.up();
    } finally {
      earlier?.remove();
      rmSync(before, { recursive: true, force: true });
    }
  });

  it('leaves nothing behind when it is destroyed', async () => {
    await dev().destroy();
    const { checkpoint } = JSON.parse(dev().state()) as { checkpoint: { latest: { resources?: unknown[] } } };
    assert.deepEqual(checkpoint.latest.resources ?? [], []);
  });
});
