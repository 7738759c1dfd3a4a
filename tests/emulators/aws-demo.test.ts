import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { martLibrary } from '../../functions/hosts/compose/marts-function';
import { LocalIdentity } from '../../functions/hosts/local/local-identity';
import { readMarts } from '../../functions/marts/mart-library';
import type { ProviderCredentials } from '../../functions/provider-access/client-assertion';
import { simulatedProviders } from '../../functions/simulation/providers';
import { describeOver } from '../support/given-servers';
import { loadOptOutLists } from '../support/opt-out-lists';
import { RunningLake } from '../support/running-lake';
import { awsHome } from './aws-home';
import { type AwsHome, LambdaLake } from './lambda-lake';
import { sendPopulation } from './population';
import { StackCommand } from './stack-command';

/** A process for each function, one request at a time: few are enough to meet every kind of message. */
const people = 3;
/** Killed one after the other while the population is sent, at moments nobody chose. */
const killed = [
  'ingest',
  'dispatch',
  'curate',
  'identity',
  'audit-sealer',
  'identity-audit-sealer',
  'ingest',
  'curate',
];

describeOver('The demo on S3, KMS, SNS, SQS, Glue and PostgreSQL, with kills', ['aws', 'postgres'], function (servers) {
  this.timeout(600_000);

  let home: AwsHome;
  let lake: LambdaLake;
  let machine: RunningLake;
  let command: StackCommand;
  before(async () => {
    machine = await RunningLake.start();
    home = await awsHome(servers);
    lake = await LambdaLake.start(home);
    const desks = ['operator', 'identity-operator'].map((name) => [name, { functionName: name, region: 'eu-west-2' }]);
    command = new StackCommand(
      { desks: Object.fromEntries(desks) },
      { ...home.environment, LAKE_OPERATOR: 'ann', AWS_ENDPOINT_URL_LAMBDA: lake.invokeEndpoint },
    );
  });
  after(async () => {
    command?.remove();
    await lake?.stop();
    await machine?.remove();
  });

  /** The answer of a verb, asked of the stack. */
  const stack = async (...args: readonly string[]): Promise<unknown> => {
    const { code, out, error } = await command.run(...args, '--stack', 'test', '--json');
    assert.equal(code, 0, `${args.join(' ')}: ${error}${out}`);
    return JSON.parse(out);
  };

  it('gives each message of a simulated population the answer of one machine, though functions die under it', async () => {
    const here = new Map<string, ProviderCredentials>();
    const there = new Map<string, ProviderCredentials>();
    for (const { ods } of simulatedProviders) {
      here.set(ods, (await machine.provider(ods)).credentials);
      there.set(ods, await lake.register(ods, ['system/*.cu']));
    }
    const { baseUrl, origin } = machine.lake;
    const tokenUrl = `${origin}/oauth2/token`;
    const expected = await sendPopulation({ baseUrl, tokenUrl, people, credentialsOf: (ods) => here.get(ods)! });
    const each = Math.floor(expected.length / (killed.length + 1));
    let sent = 0;
    let over = false;
    const kills: Promise<void>[] = [];
    const taking = ['identity', 'curate'].map(async (name) => {
      while (!over) if ((await lake.take(name)) === 0) await setTimeout(100);
    });
    const answers = await sendPopulation({
      baseUrl: lake.baseUrl,
      tokenUrl: lake.tokenUrl,
      people,
      credentialsOf: (ods) => there.get(ods)!,
      before: async () => {
        sent += 1;
        const name = sent % each === 0 ? killed[sent / each - 1] : undefined;
        // While the message that follows is on its way.
        if (name !== undefined) kills.push(setTimeout(Math.random() * 100).then(() => lake.kill(name)));
      },
    });
    over = true;
    await Promise.all([...kills, ...taking]);
    assert.equal(kills.length, killed.length);
    assert.equal(answers.length, expected.length);
    const others = answers.filter((answer, index) => answer !== expected[index]);
    // Asked again, the lake says that it has it: by a message at most for each kill of ingest.
    assert.ok(
      others.every((answer) => answer.endsWith('duplicate')),
      others.join(', '),
    );
    assert.ok(others.length <= killed.filter((name) => name === 'ingest').length, others.join(', '));
    for (const status of ['accepted', 'refused', 'quarantined'])
      assert.ok(
        answers.some((one) => one.endsWith(status)),
        status,
      );
  });

  it('curates, builds marts and answers SQL as one machine does, asked for by the command line', async () => {
    await lake.settle();
    await machine.operator.curate();
    await lake.whileBeating(stack('curate'), 'curate');
    const asOf = new Date(Date.now() - 86_400_000).toISOString();
    const identity = new LocalIdentity(machine.parts);
    for (const name of ['national', 'type-1'] as const)
      await identity.loadOptOuts({ name, asOf, longestAgeDays: 7, text: '' });
    await loadOptOutLists(home.identity);
    await machine.operator.buildMarts([]);
    const marts = readMarts(martLibrary);
    const built = (await lake.whileBeating(stack('marts', 'build'), 'marts')) as readonly object[];
    assert.equal(built.length, marts.length);
    const counts =
      'SELECT provider, count(*)::INTEGER AS n, max(version)::INTEGER AS newest FROM curated.observation GROUP BY 1 ORDER BY 1';
    assert.deepEqual(await lake.rows(counts), (await machine.operator.sql(counts)).rows);
    for (const { name } of marts) {
      const text = `SELECT count(*)::INTEGER AS n FROM marts.${name}`;
      const [there] = (await stack('sql', text)) as readonly { readonly n: number }[];
      const [here] = (await machine.operator.sql(text)).rows;
      assert.deepEqual({ name, n: there?.n }, { name, n: here?.n });
    }
    // Until the sealer's beat after the last question, records stand behind its last checkpoint.
    let verified = await command.run('audit', 'verify', '--stack', 'test', '--json');
    for (let beat = 0; verified.code !== 0 && beat < 60; beat += 1) {
      await setTimeout(1000);
      verified = await command.run('audit', 'verify', '--stack', 'test', '--json');
    }
    assert.equal(verified.code, 0, verified.error);
    assert.equal((JSON.parse(verified.out) as { readonly ok: boolean }).ok, true, verified.out);
  });
});
