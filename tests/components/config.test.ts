import assert from 'node:assert/strict';
import { generateProviderKey } from '../../functions/provider-access/client-assertion';
import { awsSchema, readAwsConfig } from '../../stacks/aws-settings';
import { readConfig, schema } from '../../stacks/config';
import { ConfigError } from '../../stacks/config-schema';
import { awsSource, fullAwsSettings } from './aws-settings';
import { devSettings, siteSettings, sourceOf, sparkStackSettings } from './dev-stack';

const problemsOf = (settings: Readonly<Record<string, string>>): readonly string[] => {
  try {
    readConfig(sourceOf(settings));
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.problems;
  }
  return [];
};

describe('Configuration of a stack', () => {
  it('takes a development stack and the stack of a site', () => {
    assert.deepEqual(problemsOf(devSettings), []);
    assert.deepEqual(problemsOf(siteSettings), []);
    assert.equal(readConfig(sourceOf(siteSettings)).stateDatabase, 'cloudnativepg');
  });

  it('names everything that is wrong at once: key, value seen, values allowed', () => {
    const problems = problemsOf({
      ...devSettings,
      scheme: 'ftp',
      ingestPods: '0',
      apiServerCidrs: '10.0.0.1',
      colour: 'red',
    });
    assert.equal(problems.length, 4, problems.join('\n'));
    assert.ok(problems.includes('scheme: "ftp"; allowed: https, http'));
    assert.ok(problems.includes('colour: no such setting'));
    assert.ok(problems.some((problem) => problem.startsWith('ingestPods: "0"; allowed: a whole number from 1 to 100')));
    assert.ok(problems.some((problem) => problem.startsWith('apiServerCidrs: "10.0.0.1"; allowed: a list')));
  });

  it('names what single values and what several together show in one go', () => {
    const problems = problemsOf({ ...devSettings, environment: 'production', ingestPods: '0', objectStore: 'cloud' });
    assert.deepEqual(problems.map((problem) => problem.split(':')[0]).sort(), [
      'ingestPods',
      'keyRing',
      'objectStore',
      'scheme',
      'stateDatabase',
    ]);
  });

  const wrong = 'https://wrong.example.nhs.uk:99999 ';
  type Changes = Readonly<Record<string, string>>;
  for (const [target, known, read] of [
    ['kubernetes', schema, (changes: Changes) => readConfig(sourceOf({ ...sparkStackSettings, ...changes }))],
    ['AWS', awsSchema, (changes: Changes) => readAwsConfig(awsSource({ ...fullAwsSettings, ...changes }))],
  ] as const) {
    const readable = Object.entries(known).filter(([, { kind }]) => kind === 'plain');
    const problemsWith = (changes: Changes): readonly string[] => {
      try {
        read(changes);
      } catch (error) {
        assert.ok(error instanceof ConfigError, String(error));
        return error.problems;
      }
      return [];
    };
    it(`names each setting of ${target} that is wrong, and none for what another's fault hides`, () => {
      assert.deepEqual(problemsWith({}), []);
      for (const [key] of readable) {
        const found = problemsWith({ [key]: wrong });
        assert.deepEqual(
          found.map((problem) => problem.split(':')[0]),
          [key],
          found.join('\n'),
        );
        assert.match(found[0] ?? '', /; allowed: ./);
      }
      const all = problemsWith(Object.fromEntries(readable.map(([key]) => [key, wrong])));
      assert.deepEqual(
        all.map((problem) => problem.split(':')[0]),
        readable.map(([key]) => key),
      );
    });
  }

  it('knows no setting that every object has, and no address with an impossible port or number', () => {
    assert.deepEqual(problemsOf({ ...devSettings, constructor: 'x' }), ['constructor: no such setting']);
    for (const address of ['https://s3.example.nhs.uk:99999', 'https://192.0.2.999'])
      assert.deepEqual(problemsOf({ ...siteSettings, objectStoreEndpoint: address }), [
        `objectStoreEndpoint: "${address}"; allowed: an origin such as https://s3.example.nhs.uk`,
      ]);
  });

  it('never shows a secret, and says how to set it', () => {
    const source = { ...sourceOf(devSettings), secret: () => undefined };
    assert.throws(
      () => readConfig(source),
      /deploymentSecret: missing; allowed: 32 characters or more\. Set it with `pulumi config set --secret`/,
    );
  });

  it('takes providers with public keys, and does not repeat a private one', async () => {
    const { publicJwk, privateJwk } = await generateProviderKey();
    const providers = (key: object): string =>
      JSON.stringify([{ ods: 'RXX01', name: 'A hospital', jwks: { keys: [key] } }]);
    assert.equal(readConfig(sourceOf({ ...devSettings, providers: providers(publicJwk) })).providers.length, 1);
    const [problem = ''] = problemsOf({ ...devSettings, providers: providers(privateJwk) });
    assert.match(problem, /^providers: not of this form; allowed: a list, each item \{ ods, name, jwks/);
    assert.ok(!problem.includes(String(privateJwk.d)));
  });

  it('takes no range that is everywhere', () => {
    for (const range of ['0.0.0.0/0', '128.0.0.0/1', '::/0'])
      assert.equal(problemsOf({ ...devSettings, apiServerCidrs: JSON.stringify([range]) }).length, 1, range);
    for (const range of ['10.0.0.0/8', '192.0.2.1/32', 'fd00::/8', '2001:db8::1/128'])
      assert.deepEqual(problemsOf({ ...devSettings, apiServerCidrs: JSON.stringify([range]) }), [], range);
  });

  it('takes each operator once: two names of one person would be the two that a re-identification asks for', () => {
    const operators = (...users: readonly string[]) => problemsOf({ ...devSettings, operators: JSON.stringify(users) });
    assert.deepEqual(operators('ann=ann@example.nhs.uk', 'ben=ben@example.nhs.uk'), []);
    for (const twice of [
      ['ann=ann@example.nhs.uk', 'ben=ann@example.nhs.uk'],
      ['ann=ann@example.nhs.uk', 'ann=ben@example.nhs.uk'],
    ])
      assert.match(operators(...twice).join(), /^operators: .*each person once/);
  });

  it('refuses in production what is for development', () => {
    const problems = problemsOf({ ...devSettings, environment: 'production' });
    for (const key of ['scheme', 'objectStore', 'stateDatabase', 'keyRing'])
      assert.ok(
        problems.some((problem) => problem.startsWith(`${key}: `) && problem.includes('allowed in production')),
        key,
      );
  });

  it('asks for what a choice needs', () => {
    const { objectStoreEndpoint, objectStoreCredentials, keyRingAddress, ...rest } = siteSettings;
    const problems = problemsOf(rest);
    assert.deepEqual(
      problems.map((problem) => problem.split(':')[0]),
      ['objectStoreEndpoint', 'objectStoreCredentials', 'keyRingAddress'],
    );
  });
});
