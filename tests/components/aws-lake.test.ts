import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { explain, findPaths } from '../../components/guardrails/reachability';
import { lakeBorders } from '../../components/guardrails/reachability/lake-borders';
import { awsFunctions } from '../../stacks/aws-functions';
import { readAwsConfig } from '../../stacks/aws-settings';
import { ConfigError } from '../../stacks/config-schema';
import { readStackConfig } from '../../stacks/program';
import { kindOf, type Mode, modes, only, type Recorded } from '../support/pulumi-mocks';
import { policyOf, undefinedTexts } from './aws-account';
import { awsSettings, awsSource, deployAws, fullAwsSettings } from './aws-settings';

const source = (changes: Readonly<Record<string, string>> = {}) => awsSource({ ...awsSettings, ...changes });
const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const jwks = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'ES384' }] };
const providers = JSON.stringify([{ ods: 'A1001', name: 'A surgery', jwks }]);
const signers = '{"A1001":"arn:aws:iam::123456789012:role/surgery"}';
const deploy = (mode: Mode, changes?: Readonly<Record<string, string>>, told?: Parameters<typeof deployAws>[2]) =>
  deployAws(mode, { ...awsSettings, ...changes }, told);

for (const mode of modes) {
  describe(`The lake on AWS, ${mode}`, () => {
    let recorded: readonly Recorded[];
    let shown: string | undefined;
    before(async () => {
      recorded = await deploy(mode, {}, (outputs) => {
        if ('gatewayName' in outputs) outputs.gatewayName.apply((name) => (shown = name));
      });
    });
    const aws = () => recorded.filter(({ type }) => type.startsWith('aws:'));

    it('is made of these components', () => {
      const components = recorded
        .filter(({ type }) => type.startsWith('lake:'))
        .map(({ type }) => type.slice('lake:'.length));
      assert.deepEqual([...new Set(components)].sort(), [
        'audit:Alarms',
        'audit:Audit',
        'backup:Backup',
        'budget:Budget',
        'events:Events',
        'function:EngineLayer',
        'function:LakeFunction',
        'gateway:Gateway',
        'key-ring:KeyRing',
        'network:Network',
        'network:Watch',
        'object-store:ObjectStore',
        'operators:Operators',
        'preparation:Preparation',
        'state-database:StateDatabase',
      ]);
      assert.ok(aws().length > 450, String(aws().length));
      assert.deepEqual(undefinedTexts(recorded), []);
    });

    it('stands under one explicit provider, each part below its component, with tags where a class takes them', () => {
      for (const { name, provider, component } of aws()) {
        assert.match(provider, /::aws::/, name);
        assert.notEqual(component, '', name);
      }
      const tagged = aws().filter(({ inputs }) => inputs.tags !== undefined);
      assert.ok(tagged.length > 200);
      for (const { name, inputs } of tagged)
        for (const key of ['Owner', 'Zone', 'Classification', 'CostCentre'])
          assert.ok((inputs.tags as Readonly<Record<string, string>>)[key], `${name} ${key}`);
    });

    if (mode === 'apply')
      it('shows the name of its endpoint for the host to lead to, as a private name has none at the gateway', () => {
        const { id } = only(recorded, 'network-lake-endpoint-execute-api');
        assert.equal(shown, `${id}.vpce.eu-west-2.vpce.amazonaws.com`);
      });

    it('keeps what holds data or evidence', () => {
      const stateful = ['Bucket', 'Key', 'Cluster', 'Trail', 'Vault', 'Vpc', 'BucketObjectLockConfiguration'];
      for (const one of aws().filter((part) => stateful.includes(kindOf(part))))
        assert.equal(one.protect, true, one.name);
    });
  });
}

describe('The lake on AWS', () => {
  let recorded: readonly Recorded[];
  before(async () => {
    recorded = await deploy('apply', {
      ingress: 'public',
      operators: '["ann=arn:aws:iam::123456789012:role/people/ann"]',
      providers,
      signers,
    });
  });

  it('takes the signature of a role for the provider it stands for, at one path of the issuer alone', () => {
    const { body } = only(recorded, 'gateway-api').inputs;
    const { paths } = JSON.parse(String(body)) as { readonly paths: Readonly<Record<string, object>> };
    const signed = Object.entries(paths).filter(([, methods]) => JSON.stringify(methods).includes('awsSignature'));
    assert.deepEqual(
      signed.map(([path, methods]) => [path, Object.keys(methods)]),
      [['/oauth2/signed-token', ['post']]],
    );
    const told = (name: string) =>
      (only(recorded, name).inputs.environment as { readonly variables: Readonly<Record<string, string>> }).variables;
    assert.equal(told('provider-access-function').LAKE_SIGNERS, '{"arn:aws:iam::123456789012:role/surgery":"a1001"}');
    assert.equal(told('ingest-function').LAKE_SIGNERS, undefined);
  });

  it('runs code once stores are there and databases are prepared, and makes what code needs beside it meanwhile', () => {
    const placesOf = (wanted: (kind: string, name: string) => boolean): readonly number[] =>
      recorded.flatMap((one, place) => (wanted(kindOf(one), one.name) ? [place] : []));
    const isPreparation = (name: string): boolean => name.startsWith('preparation');
    const found = placesOf((_, name) => /^(key-ring|object-store|state-database)-/.test(name));
    const prepared = placesOf((kind) => kind === 'Invocation');
    const code = placesOf((kind, name) => kind === 'Function' && !isPreparation(name));
    // Its name has the API's id in it, and the API the functions'.
    const late = 'gateway-error-log';
    const beside = placesOf(
      (kind, name) => (['Role', 'LogGroup', 'Queue'].includes(kind) && name !== late) || isPreparation(name),
    );
    assert.ok(found.length > 90 && prepared.length === 2 && code.length > 15 && beside.length > 60);
    assert.ok(Math.max(...found) < Math.min(...prepared));
    assert.ok(Math.max(...prepared) < Math.min(...code));
    assert.ok(Math.max(...beside.filter((place) => !prepared.includes(place))) < Math.min(...prepared));
  });

  it('gives every function a role of its own, the grants of its manifest and its own zone', () => {
    for (const { manifest, zone } of awsFunctions(readAwsConfig(source()))) {
      const { inputs } = only(recorded, `${manifest.name}-function`);
      assert.equal(inputs.role, `arn:aws:iam::123456789012:role/lake-test-${manifest.name}`);
      const { subnetIds } = inputs.vpcConfig as { readonly subnetIds: readonly string[] };
      const subnets = recorded.filter(
        (one) => kindOf(one) === 'Subnet' && one.name.startsWith(`network-lake-${zone}-`),
      );
      assert.equal(subnetIds.length, subnets.length);
      assert.equal(subnetIds.length, 2);
    }
  });

  it('lets each function ask those alone that its manifest and the other one name, by an alias that is its own', () => {
    const aliases = recorded.filter(({ name }) => name.includes('-for-') && !name.endsWith('-policy'));
    assert.deepEqual(aliases.map(({ name }) => name).sort(), [
      'identity-erasure-for-erasure',
      'identity-key-rotation-for-key-rotation',
      'identity-operator-for-operator-ann',
      'identity-requests-for-erasure',
      'identity-requests-for-key-rotation',
      'identity-requests-for-marts',
      'identity-requests-for-research',
      'mart-sql-for-operator',
      'operator-for-operator-ann',
      'quarantine-replay-for-identity-operator',
    ]);
    for (const { name, inputs } of aliases) {
      const { resourceArn, policy } = only(recorded, `${name}-policy`).inputs;
      const [asked = '', caller = ''] = name.split('-for-');
      assert.equal(inputs.name, caller);
      assert.match(String(resourceArn), new RegExp(`:function:lake-test-${asked}:${caller}$`));
      const [statement, ...others] = policyOf(policy).Statement;
      assert.deepEqual(others, []);
      assert.deepEqual(
        [statement?.Effect, statement?.Principal, statement?.Action, statement?.Resource],
        ['Deny', '*', 'lambda:InvokeFunction', resourceArn],
      );
      assert.match(String(statement?.Condition?.ArnNotEquals?.['aws:PrincipalArn']), new RegExp(`-${caller}$`));
    }
    for (const asked of ['identity-requests', 'identity-erasure', 'identity-key-rotation']) {
      const [statement] = policyOf(only(recorded, `${asked}-policy`).inputs.policy).Statement;
      assert.deepEqual([statement?.Effect, statement?.Principal, statement?.Condition], ['Deny', '*', undefined]);
    }
  });

  it('lets nobody but the functions of identity open it, in the policies of its bucket and of its key alike', () => {
    const bucket = policyOf(only(recorded, 'object-store-identity-policy').inputs.policy);
    const reads = bucket.Statement.find(
      ({ Sid, Action }) => Sid?.startsWith('OnlyObjects') && [Action].flat().includes('s3:GetObject'),
    );
    assert.deepEqual(
      [reads?.Condition?.ArnNotEquals?.['aws:PrincipalArn'] ?? []]
        .flat()
        .map((arn) => arn.split('/').at(-1))
        .sort(),
      [
        'lake-test-backup',
        'lake-test-identity',
        'lake-test-identity-collector',
        'lake-test-identity-erasure',
        'lake-test-identity-key-rotation',
        'lake-test-identity-operator',
        'lake-test-quarantine-replay',
      ],
    );
    const key = policyOf(only(recorded, 'key-ring-key-identity').inputs.policy);
    const decrypts = key.Statement.find(
      ({ Effect, Action }) => Effect === 'Deny' && [Action].flat().includes('kms:Decrypt'),
    );
    assert.deepEqual(
      [decrypts?.Condition?.ArnNotEquals?.['aws:PrincipalArn'] ?? []]
        .flat()
        .map((arn) => arn.split('/').at(-1))
        .sort(),
      [
        'lake-test-bulk-import',
        'lake-test-identity',
        'lake-test-identity-collector',
        'lake-test-identity-erasure',
        'lake-test-identity-key-rotation',
        'lake-test-identity-operator',
        'lake-test-identity-requests',
        'lake-test-quarantine-replay',
      ],
    );
  });

  it('lets a person who operates it ask the two desks by the alias of that name, and nothing else', () => {
    const { Statement: trust } = policyOf(only(recorded, 'operators-operator-ann-role').inputs.assumeRolePolicy);
    assert.deepEqual(
      trust.map(({ Effect, Principal }) => [Effect, Principal]),
      [['Allow', { AWS: 'arn:aws:iam::123456789012:role/people/ann' }]],
    );
    const asked = (name: string) => `arn:aws:lambda:eu-west-2:123456789012:function:lake-test-${name}:operator-ann`;
    assert.deepEqual(policyOf(only(recorded, 'operators-operator-ann-policy').inputs.policy).Statement, [
      {
        Effect: 'Allow',
        Action: 'lambda:InvokeFunction',
        Resource: ['operator', 'identity-operator'].map(asked),
      },
    ]);
    assert.throws(
      () =>
        readStackConfig(
          source({ operators: '["ann=arn:aws:iam::123456789012:role/x","ben=arn:aws:iam::123456789012:role/x"]' }),
        ),
      /each person once/,
    );
    assert.throws(() => readStackConfig(source({ operators: '["ann=*"]' })), ConfigError);
  });

  it('tells its schedule of retention to the function that erases, and to no other', async () => {
    const told = await deploy('apply', { retentionSchedule: '{"quarantineDays":90}' });
    const functions = told.filter(({ name }) => name.endsWith('-function') && !name.startsWith('preparation'));
    const schedules = functions.map(({ name, inputs }) => {
      const { variables } = inputs.environment as { readonly variables: Readonly<Record<string, string>> };
      return [name, variables.LAKE_RETENTION] as const;
    });
    assert.deepEqual(
      schedules.filter(([, schedule]) => schedule !== undefined),
      [['erasure-function', '{"quarantineDays":90}']],
    );
  });

  it('lets nothing out of the account by any way that the solver knows', () => {
    assert.deepEqual(findPaths(recorded, lakeBorders(recorded)).map(explain), []);
  });
});

describe('Settings of a stack on AWS', () => {
  it('are refused together, each with what is allowed', () => {
    const wrong = source({
      accountId: '12',
      zones: '["eu-west-2a","eu-west-2a"]',
      deployers: '["someone"]',
      lakeRange: '10.0.0.0/8',
      domain: 'x',
      analyticsVpc: 'vpc-0123456789abcdef0',
    });
    assert.throws(
      () => readStackConfig(wrong),
      (error: unknown) => {
        assert.ok(error instanceof ConfigError);
        const keys = error.problems.map((problem) => problem.split(':')[0]);
        assert.deepEqual(keys, [
          'domain',
          'accountId',
          'deployers',
          'lakeRange',
          'zones',
          'analyticsAccount',
          'analyticsRange',
        ]);
        return true;
      },
    );
    assert.throws(
      () => readStackConfig(source({ zones: '["eu-west-2a"]', analyticsVpc: 'vpc-0123456789abcdef0' })),
      (error: unknown) => error instanceof ConfigError && error.problems.length === 3,
    );
  });

  it('are asked for together with what they need', () => {
    const problemsOf = (changes: Readonly<Record<string, string>>): readonly (string | undefined)[] => {
      try {
        readStackConfig(source(changes));
        return [];
      } catch (error) {
        assert.ok(error instanceof ConfigError);
        return error.problems.map((problem) => problem.split(':')[0]);
      }
    };
    const { federation = '', foreignData = '', columnGrants = '', vpnPeople = '' } = fullAwsSettings;
    assert.deepEqual(problemsOf({ warehouse: 'redshift', sparkJobs: '[{"name":"marts","script":"marts.py"}]' }), [
      'sparkArtefacts',
      'sparkArtefactsKey',
      'sparkJars',
      'zones',
    ]);
    assert.deepEqual(problemsOf({ federation, foreignData, columnGrants, businessIntelligence: 'quicksight' }), [
      'columnGrants',
      'foreignData',
      'federation',
      'businessIntelligence',
    ]);
    assert.deepEqual(problemsOf({ providers, signers }), []);
    assert.deepEqual(problemsOf({ signers, tokenIssuer: 'cognito', accountId: '210987654321' }), [
      'cognitoDomain',
      'signers',
      'signers',
      'signers',
    ]);
    assert.deepEqual(problemsOf({ providers: '[{"ods":"A1001","name":"A surgery"}]' }), ['providers']);
    assert.deepEqual(
      problemsOf({ staffIdentity: '{"kind":"oidc","name":"Staff","issuer":"https://id.nhs.uk","clientId":"c"}' }),
      ['staffDomain', 'staffCallbacks', 'staffSecret'],
    );
    assert.deepEqual(problemsOf({ truststoreUri: 's3://trust/a.pem', analyticsRole: 'arn:aws:iam::1:role/a' }), [
      'analyticsRole',
      'truststoreVersion',
      'truststoreUri',
    ]);
    assert.deepEqual(problemsOf({ truststoreUri: 's3://trust/a.pem', vpnPeople, vpnGateway: '192.0.2.1' }), [
      'vpnRanges',
      'truststoreVersion',
      'vpnPeople',
      'truststoreUri',
    ]);
    assert.deepEqual(
      problemsOf({
        projects: '[{"name":"flu"}]',
        logDaysOf: '{"trail":4000}',
        columnGrants: '[{"principal":"arn:aws:iam::123456789012:role/a","zone":"identity","table":"patient"}]',
        federation: federation.replace('planning.cluster-1.eu-west-2.rds.amazonaws.com', 'elsewhere.example.com'),
        signedCode: '{"bucket":"lake-code"}',
      }),
      ['signedCode', 'logDaysOf', 'columnGrants', 'federation', 'projects'],
    );
  });

  it('of another target stay what they were', () => {
    assert.throws(() => readStackConfig(source({ target: 'kubernetes' })), ConfigError);
    assert.throws(() => readStackConfig(source({ target: 'azure' })), /kubernetes, aws/);
  });
});
