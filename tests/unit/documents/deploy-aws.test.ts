import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../../../functions/cli/main';
import { awsFunctions } from '../../../stacks/aws-functions';
import { awsSchema } from '../../../stacks/aws-settings';
import { guideSections } from '../../support/guide-commands';
import { repository } from '../../support/machine-tools';
import { pulumiCommands } from '../../support/pulumi-commands';

const textOf = (path: string): string => readFileSync(join(repository, path), 'utf8');
const pipelines = readdirSync(join(repository, 'docs', 'pipelines')).map((name) => `docs/pipelines/${name}`);
const { scripts } = JSON.parse(textOf('package.json')) as { readonly scripts: Readonly<Record<string, string>> };

/** Of a line that keeps what a command says, the command. */
const commandIn = (line: string): string => /^export \w+=\$\((.*)\)$/.exec(line)?.[1] ?? line;

/** Commands of the guide, and what a step of a pipeline runs. */
const commands: readonly (readonly [where: string, command: string])[] = [
  ...guideSections.flatMap((section) =>
    section.commands.map((line) => ['docs/deploy-aws.md', commandIn(line)] as const),
  ),
  ...pipelines.flatMap((path) =>
    [...textOf(path).matchAll(/- run: (.+)$|\bsh '(.+)'$/gm)].map(
      ([, step, shell]) => [path, step ?? shell ?? ''] as const,
    ),
  ),
];

/** Words as a shell parts them, without its quotes. */
const wordsOf = (command: string): readonly string[] =>
  [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, bare]) => double ?? single ?? bare ?? '');
const optionsOf = (words: readonly string[]): readonly string[] =>
  words.filter((word) => word.startsWith('--')).map((word) => word.slice(2).split('=')[0] ?? '');

/** The longest beginning of the words that is a key of a table. */
const longest = (words: readonly string[], known: readonly string[]): string | undefined =>
  [3, 2, 1].map((length) => words.slice(0, length).join(' ')).find((name) => known.includes(name));

async function lakeTakes(words: readonly string[]): Promise<void> {
  const verb = words.slice(
    0,
    words.findIndex((word) => word.startsWith('--')),
  );
  const said: string[] = [];
  const terminal = { out: (text: string) => void said.push(text), error: () => undefined, interactive: false };
  assert.equal(await runCommand([...verb, '--help'], terminal), 0, `no verb ${verb.join(' ')}`);
  for (const option of optionsOf(words)) assert.match(said.join(''), new RegExp(`--${option}\\b`));
}

const checks: Readonly<Record<string, (words: readonly string[]) => unknown>> = {
  npx: ([program, ...words]) => {
    assert.equal(program, 'lake');
    return lakeTakes(words);
  },
  npm: ([verb, script]) =>
    verb === 'run'
      ? assert.ok(scripts[script ?? ''] !== undefined, script)
      : assert.ok(['ci', 'test'].includes(verb ?? ''), verb),
  git: ([verb]) => assert.ok(['fetch', 'merge', 'restore'].includes(verb ?? ''), verb),
  pulumi: (words) => {
    const name = longest(words, Object.keys(pulumiCommands));
    assert.ok(name !== undefined, words.join(' '));
    for (const option of optionsOf(words)) assert.ok(pulumiCommands[name]?.includes(option), `${name} --${option}`);
    const [, , key = ''] = words.filter((word) => !word.startsWith('--'));
    if (name === 'config set') assert.ok(key in awsSchema, `no setting ${key}`);
    if (name === 'up' || name === 'preview')
      assert.ok(words.includes('components/guardrails/policy-pack'), 'without the policy pack');
  },
  // What the command line of AWS takes is asked of it (tests/emulators/aws-guide.test.ts).
  aws: () => undefined,
  // Of the shell itself.
  export: () => undefined,
  unset: () => undefined,
  // Sent to a gateway, which only an account has.
  curl: () => undefined,
  mkdir: () => undefined,
  sed: () => undefined,
  for: () => undefined,
};

describe('The way to an account of AWS', () => {
  it('is made of commands that are there, with options they take', async () => {
    assert.ok(commands.length > 40, String(commands.length));
    for (const [where, command] of commands) {
      const [program = '', ...words] = wordsOf(command);
      const check = checks[program];
      assert.ok(check !== undefined, `${where}: ${program} is not checked here`);
      await check(words);
    }
  });

  it('sets everything that has no default', () => {
    const set = commands.flatMap(([, command]) => /^pulumi config set (?:--plaintext )?(\w+)/.exec(command)?.[1] ?? []);
    const required = Object.entries(awsSchema)
      .filter(([, setting]) => !('byDefault' in setting) && !('optional' in setting))
      .map(([key]) => key);
    assert.deepEqual(
      required.filter((key) => !set.includes(key)),
      [],
    );
  });

  it('deploys as the one role that keys take changes from, and closes the account after that', () => {
    const all = guideSections.flatMap((section) => section.commands);
    const at = (beginning: string, holds: string): number => {
      const index = all.findIndex((command) => command.startsWith(beginning) && command.includes(holds));
      assert.ok(index >= 0, `${beginning} … ${holds}`);
      return index;
    };
    const order = [
      at('aws iam create-role --role-name lake-deploy ', '/break-glass-trust.json'),
      at('export DEPLOYERS_SESSION=', 'role/lake-deploy'),
      at('export $(printf', '$DEPLOYERS_SESSION'),
      at('pulumi up ', '--stack prod-aws'),
      at('aws iam update-assume-role-policy --role-name lake-deploy ', '/pipeline-trust.json'),
      // From here on nobody else changes what a role trusts.
      at('aws organizations attach-policy ', ''),
      at('export EMERGENCY_SESSION=', 'role/lake-break-glass'),
    ];
    assert.deepEqual(
      order,
      [...order].sort((one, other) => one - other),
    );
  });

  it('has a user with a second factor on call, since no session of a role tells a policy of one', () => {
    const all = guideSections.flatMap((section) => section.commands);
    const [person, device] = ['PERSON', 'DEVICE'].map((name) => all.find((line) => line.startsWith(`export ${name}=`)));
    assert.match(person ?? '', /=arn:aws:iam::\$ACCOUNT:user\//);
    assert.match(device ?? '', /=arn:aws:iam::\$ACCOUNT:mfa\//);
    assert.match(textOf('docs/account/break-glass-trust.json'), /"aws:MultiFactorAuthPresent": "true"/);
    const taken = all.filter((line) => /sts (get-session-token|assume-role) /.test(line));
    // The first of the deploying role is taken with the session that the factor opened.
    assert.deepEqual(
      taken.map((line) => line.includes('--serial-number $DEVICE --token-code $TOKEN_CODE')),
      [true, false, true, true],
    );
  });

  it('names the instances that the account must let run at once', () => {
    const config = { ingestInstances: awsSchema.ingestInstances.byDefault, tokenIssuer: 'own' } as const;
    // The two that prepare databases have one each.
    const kept = awsFunctions(config).reduce((sum, { concurrency }) => sum + concurrency, 2);
    const [, all, own] =
      /run (\d+) instances at once: the functions keep (\d+)/.exec(textOf('docs/deploy-aws.md')) ?? [];
    assert.deepEqual([Number(all), Number(own)], [kept + 100, kept]);
  });

  for (const path of pipelines)
    it(`${path} looks before it changes, by another role for each stage, and holds no key`, () => {
      const text = textOf(path);
      const roles = new Set(
        [...text.matchAll(/arn:aws:iam::(\d{12}):role\/([\w-]+)/g)].map(([, account, role]) => `${account} ${role}`),
      );
      assert.equal(roles.size, 4);
      for (const stack of ['dev-aws', 'staging-aws', 'prod-aws']) assert.ok(text.includes(stack), stack);
      assert.match(text, /pull_request|ignore: main|changeRequest\(\)/);
      assert.ok(text.indexOf('pulumi preview') > 0);
      assert.match(text, /environment: prod\n|type: approval|input \{/);
      // The state of a stage lies in the account of its role.
      const of = (pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, account = '']) => account).sort();
      assert.deepEqual(
        of(/s3:\/\/lake-state-(\d{12})\?region=eu-west-2&awssdk=v2/g),
        of(/arn:aws:iam::(\d{12}):role/g),
      );
      assert.ok(!/SECRET_ACCESS_KEY|ACCESS_KEY_ID|PULUMI_ACCESS_TOKEN|PASSPHRASE/.test(text));
    });

  it('has Jenkins look whether a stage is to run before it takes an agent or asks a person', () => {
    const stages = textOf('docs/pipelines/Jenkinsfile').split("stage('").slice(1);
    const conditional = stages.filter((stage) => stage.includes('when {'));
    assert.equal(conditional.length, 4);
    for (const stage of conditional) {
      assert.match(stage, /when \{[^}]*beforeAgent true/);
      assert.ok(!stage.includes('input {') || /when \{[^}]*beforeInput true/.test(stage));
    }
  });
});
