import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { asset } from '@pulumi/pulumi';
import type { AwsTarget } from '../../components/core/aws-target';
import { mebibytes } from '../../components/core/units';
import { awsEvents } from '../../components/events/aws';
import { type AwsFunctionArgs, awsFunction } from '../../components/function/aws';
import { awsArchive } from '../../components/function/aws-code';
import { awsPreparation } from '../../components/preparation/aws';
import { curateManifest } from '../../functions/curate/manifest';
import { dispatchManifest } from '../../functions/dispatch/manifest';
import { type LambdaPrepareEvent, handler as prepare } from '../../functions/hosts/aws-lambda/functions/prepare';
import { lambdaManifests } from '../../functions/hosts/aws-lambda/manifests';
import { ingestManifest } from '../../functions/ingest/manifest';
import { kindOf, type Mode, modes, only } from '../support/pulumi-mocks';
import { homesOf, policyOf, undefinedTexts } from './aws-account';
import { functionNetwork, functionSettings, kindsOf, partsOf, recordBuilder } from './aws-probe';

const queue = {
  queueArn: 'arn:aws:sqs:eu-west-2:123456789012:landed',
  keyArn: 'arn:aws:kms:eu-west-2:123456789012:key/events',
};
const argsOf = (target: AwsTarget): AwsFunctionArgs => ({
  target,
  manifest: ingestManifest,
  homes: homesOf(target),
  place: { zone: 'lake', classification: 'pseudonymised' },
  code: { kind: 'folder', folder: 'functions/preparation' },
  trigger: { kind: 'gateway' },
  memory: mebibytes(1024),
  timeout: 29,
  concurrency: 50,
  ...functionSettings,
});
const makeFunction = (mode: Mode, changes: Partial<AwsFunctionArgs> = {}) =>
  recordBuilder(mode, (component, target) => {
    awsFunction(component, (changes.manifest ?? ingestManifest).name, { ...argsOf(target), ...changes });
  });

describe('A function on AWS', () => {
  for (const mode of modes)
    it(`is made of these parts, ${mode}`, async () => {
      const recorded = await makeFunction(mode);
      assert.deepEqual(kindsOf(recorded), [
        'Function ingest-function',
        'FunctionEventInvokeConfig ingest-asynchronous',
        'LogGroup ingest-logs',
        'MetricAlarm ingest-dead-letters-alarm',
        'Policy ingest-ingest-policy',
        'Queue ingest-dead-letters',
        'Role ingest-ingest-role',
        'RolePolicyAttachment ingest-ingest-grants',
      ]);
      const { inputs } = only(recorded, 'ingest-function');
      assert.equal(inputs.runtime, 'nodejs24.x');
      assert.equal(inputs.reservedConcurrentExecutions, 50);
      assert.equal(inputs.kmsKeyArn, functionSettings.keys.environmentArn);
      assert.deepEqual(inputs.vpcConfig, {
        subnetIds: ['subnet-a', 'subnet-b'],
        securityGroupIds: ['sg-object-store', 'sg-key', 'sg-state-lake'],
      });
      const { inputs: logs } = only(recorded, 'ingest-logs');
      assert.equal(logs.name, '/aws/lambda/lake-test-ingest');
      assert.equal(logs.retentionInDays, 365);
      assert.equal(logs.kmsKeyId, functionSettings.keys.logArn);
      assert.equal(only(recorded, 'ingest-dead-letters').inputs.kmsMasterKeyId, functionSettings.keys.queueArn);
      assert.deepEqual(undefinedTexts(recorded), []);
    });

  it('finds in its environment its binding and no secret, within what Lambda takes', async () => {
    const environment = { LAKE_ORIGIN: 'https://lake.example.nhs.uk', LAKE_ISSUER: 'https://token.example.nhs.uk' };
    const recorded = await recordBuilder('apply', (component, target) => {
      for (const manifest of lambdaManifests)
        awsFunction(component, manifest.name, { ...argsOf(target), manifest, environment });
    });
    for (const manifest of lambdaManifests) {
      const { variables } = only(recorded, `${manifest.name}-function`).inputs.environment as {
        readonly variables: Readonly<Record<string, string>>;
      };
      const text = JSON.stringify(variables);
      // Lambda quotas: 4 KB of environment for all variables together.
      assert.ok(text.length < 4096, `${manifest.name}: ${text.length} bytes`);
      assert.deepEqual(
        Object.keys(JSON.parse(variables.LAKE_BINDING ?? '') as object).sort(),
        Object.keys(manifest.uses).sort(),
      );
      assert.ok(!/secret|password/i.test(text), manifest.name);
    }
  });

  it('has the grants of its manifest and of running, and no other', async () => {
    const recorded = await makeFunction('apply');
    const { Statement: statements } = policyOf(only(recorded, 'ingest-ingest-policy').inputs.policy);
    const allowed = new Set(statements.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Action }) => Action));
    for (const action of ['s3:GetObject', 'logs:CreateLogGroup', 'sns:Publish', 'secretsmanager:GetSecretValue'])
      assert.equal(allowed.has(action), action === 's3:GetObject', action);
    const reads = statements.filter(({ Action }) => [Action].flat().includes('s3:GetObject'));
    assert.ok(reads.every(({ Resource }) => String(Resource).includes('lake-test-inbox-')));
  });

  it('takes from its queue only what failed again, and beats by a schedule that may invoke it alone', async () => {
    const fed = await makeFunction('apply', {
      manifest: curateManifest,
      trigger: { kind: 'queue', queue },
      concurrency: 1,
    });
    const { inputs } = only(fed, 'curate-events');
    assert.deepEqual(inputs.functionResponseTypes, ['ReportBatchItemFailures']);
    assert.equal(inputs.eventSourceArn, queue.queueArn);
    const actions = policyOf(only(fed, 'curate-curate-policy').inputs.policy).Statement.flatMap(({ Action }) => Action);
    assert.ok(actions.includes('sqs:ReceiveMessage'));
    const trigger = { kind: 'schedule', expression: 'rate(1 minute)' } as const;
    const beaten = await makeFunction('apply', { manifest: dispatchManifest, trigger });
    const { target, kmsKeyArn } = only(beaten, 'dispatch-schedule').inputs as {
      readonly target: { readonly input: string };
      readonly kmsKeyArn: string;
    };
    assert.equal(target.input, '{"source":"aws.scheduler"}');
    assert.equal(only(beaten, 'dispatch-asynchronous').inputs.maximumEventAgeInSeconds, 6 * 3600);
    assert.equal(kmsKeyArn, functionSettings.keys.environmentArn);
    const { Statement: may } = policyOf(only(beaten, 'dispatch-dispatch-schedule-policy').inputs.policy);
    assert.deepEqual(may[0]?.Action, 'lambda:InvokeFunction');
    assert.match(String(may[0]?.Resource), /:function:lake-test-dispatch$/);
    // Scheduler opens the schedule's input as this role; where it may not, no beat comes.
    const opens = may.find(({ Action, Resource }) => Action === 'kms:Decrypt' && Resource === kmsKeyArn);
    assert.deepEqual(opens?.Condition, {
      StringLike: {
        'kms:EncryptionContext:aws:scheduler:schedule:arn': 'arn:aws:scheduler:eu-west-2:123456789012:schedule/*',
      },
    });
  });

  it('runs signed code alone where the stack asks for it', async () => {
    const profileVersionArns = ['arn:aws:signer:eu-west-2:123456789012:/signing-profiles/lake/1'];
    const recorded = await makeFunction('apply', {
      code: { kind: 'signed', bucket: 'artefacts', key: 'ingest.zip', objectVersion: '1', profileVersionArns },
    });
    assert.deepEqual(only(recorded, 'ingest-signing').inputs.policies, { untrustedArtifactOnDeployment: 'Enforce' });
    assert.equal(only(recorded, 'ingest-function').inputs.s3Key, 'ingest.zip');
  });

  it('takes no more security groups than Lambda does', async () => {
    const permissions = ['events', 'functions', 'secrets'] as const;
    await assert.rejects(
      makeFunction('apply', { beyondManifest: { permissions, statements: [] } }),
      /ingest: it needs 6 security groups, and Lambda takes 5/,
    );
  });

  it('does not stand in one availability zone', async () => {
    await assert.rejects(
      makeFunction('apply', { network: { ...functionNetwork, subnetIds: ['subnet-a'] } }),
      /two availability zones/,
    );
  });
});

describe('Events on AWS', () => {
  const make = (mode: Mode) =>
    recordBuilder(mode, (component, target) => {
      awsEvents(component, 'events', {
        alarmTopicArn: functionSettings.alarmTopicArn,
        target,
        keyArn: queue.keyArn,
        subscriptions: [
          { topic: 'landed.identity', subscriber: 'identity', timeout: 300 },
          { topic: 'landed.clinical', subscriber: 'curate', timeout: 600 },
        ],
      });
    });

  for (const mode of modes)
    it(`are a topic, a queue and dead letters for each, encrypted, ${mode}`, async () => {
      const recorded = await make(mode);
      const kinds = partsOf(recorded).map((one) => kindOf(one));
      const counted = Object.fromEntries(
        [...new Set(kinds)].map((kind) => [kind, kinds.filter((one) => one === kind).length]),
      );
      const expected = { Topic: 2, Queue: 4, TopicSubscription: 2, TopicPolicy: 2, QueuePolicy: 4, MetricAlarm: 2 };
      assert.deepEqual(counted, expected);
      for (const one of recorded.filter((part) => ['Topic', 'Queue'].includes(kindOf(part))))
        assert.equal(one.inputs.kmsMasterKeyId, queue.keyArn, one.name);
      for (const one of recorded.filter((part) => kindOf(part) === 'Topic'))
        assert.equal(one.inputs.signatureVersion, 2, one.name);
      if (mode === 'preview') return;
      for (const one of recorded.filter((part) => ['TopicPolicy', 'QueuePolicy'].includes(kindOf(part)))) {
        const denied = policyOf(one.inputs.policy).Statement.filter(({ Effect }) => Effect === 'Deny');
        assert.deepEqual(
          denied.map(({ Condition }) => Condition?.Bool ?? Condition?.StringNotEquals),
          [{ 'aws:SecureTransport': 'false' }, { 'aws:PrincipalAccount': '123456789012' }],
          one.name,
        );
      }
    });

  it('tell people when nobody could handle one', async () => {
    const recorded = await make('apply');
    for (const topic of ['landed.identity', 'landed.clinical']) {
      const { namespace, metricName, dimensions, threshold, treatMissingData, alarmActions } = only(
        recorded,
        `events-${topic}-dead-letters-alarm`,
      ).inputs;
      const { redrivePolicy } = only(recorded, `events-${topic}-queue`).inputs;
      const dead = only(recorded, `events-${topic}-dead-letters`);
      assert.ok(String(redrivePolicy).includes(String(dead.outputs.arn)), topic);
      assert.deepEqual(
        [namespace, metricName, dimensions],
        ['AWS/SQS', 'ApproximateNumberOfMessagesVisible', { QueueName: dead.inputs.name }],
      );
      assert.deepEqual([threshold, treatMissingData], [0, 'notBreaching']);
      assert.deepEqual(alarmActions, [functionSettings.alarmTopicArn]);
    }
  });

  it('come to the queue as they are, from its topic alone, and are set aside after the last delivery', async () => {
    const recorded = await make('apply');
    const { inputs } = only(recorded, 'events-landed.clinical-subscription');
    assert.equal(inputs.rawMessageDelivery, true);
    const taken = only(recorded, 'events-landed.clinical-queue').inputs;
    assert.equal(taken.visibilityTimeoutSeconds, 3600);
    assert.match(String(taken.redrivePolicy), /"maxReceiveCount":50/);
    const { Statement: statements } = policyOf(only(recorded, 'events-landed.clinical-queue-policy').inputs.policy);
    const [allowed, ...others] = statements;
    assert.deepEqual(allowed?.Principal, { Service: 'sns.amazonaws.com' });
    assert.match(String(allowed?.Condition?.ArnEquals?.['aws:SourceArn']), /lake-test-landed-clinical/);
    assert.deepEqual(
      others.map(({ Effect, Condition }) => [Effect, Object.keys(Condition ?? {})]),
      [
        ['Deny', ['Bool']],
        ['Deny', ['StringNotEquals', 'BoolIfExists']],
      ],
    );
  });
});

describe('Preparation on AWS', () => {
  const make = (mode: Mode, folder = 'functions/preparation') =>
    recordBuilder(mode, (component, target) => {
      awsPreparation(component, 'preparation', {
        target,
        homes: homesOf(target),
        manifests: lambdaManifests,
        code: { kind: 'folder', folder },
        secretsExtensionArn:
          'arn:aws:lambda:eu-west-2:133256977650:layer:AWS-Parameters-and-Secrets-Lambda-Extension:20',
        providers: [],
        networks: { lake: network, identity: network },
        after: [],
        ...settings,
      });
    });
  const { network, ...settings } = functionSettings;

  for (const mode of modes)
    it(`is a function and its invocation, ${mode}`, async () => {
      const recorded = await make(mode);
      assert.deepEqual(
        kindsOf(recorded).filter((one) => /^(Function|Invocation) /.test(one)),
        [
          'Function preparation-identity-prepare-function',
          'Function preparation-prepare-function',
          'Invocation preparation-identity-invocation',
          'Invocation preparation-invocation',
        ],
      );
    });

  it('is told where everything is, and no secret', async () => {
    const recorded = await make('apply');
    const toldBy = (invocation: string): LambdaPrepareEvent =>
      JSON.parse(String(only(recorded, invocation).inputs.input)) as LambdaPrepareEvent;
    const told = toldBy('preparation-invocation');
    const { triggers } = only(recorded, 'preparation-invocation').inputs as {
      readonly triggers: Readonly<Record<string, string>>;
    };
    const toldIdentity = toldBy('preparation-identity-invocation');
    // Without its servers: nothing answers here, and all else is of the form that the function takes.
    for (const event of [told, toldIdentity])
      assert.deepEqual(await prepare({ ...event, servers: {} }), { prepared: ['databases and roles'] });
    assert.deepEqual(
      [told, toldIdentity].map(({ servers }) => Object.keys(servers)),
      [['lake'], ['identity']],
    );
    assert.notEqual(told.servers.lake?.host, toldIdentity.servers.identity?.host);
    assert.match(toldIdentity.servers.identity?.secretId ?? '', /^arn:aws:secretsmanager:/);
    assert.equal(told.roles['audit-sealer'], 'lake_audit_sealer');
    assert.match(triggers.manifests ?? '', /ledger\.commit/);
  });

  it('is invoked again when its code changes, which a plan knows before anything is made', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lake-code-'));
    const triggerOf = async () => {
      const { triggers } = only(await make('preview', folder), 'preparation-invocation').inputs;
      return (triggers as Readonly<Record<string, string>>).code;
    };
    writeFileSync(join(folder, 'index.js'), 'exports.handler = 1;');
    const first = await triggerOf();
    writeFileSync(join(folder, 'index.js.map'), '{}');
    assert.equal(await triggerOf(), first, 'a source map is no code');
    writeFileSync(join(folder, 'index.js'), 'exports.handler = 2;');
    assert.notEqual(await triggerOf(), first);
    assert.match(first ?? '', /^[\w+/]{43}=$/);
    assert.deepEqual(Object.keys(await (awsArchive({ kind: 'folder', folder }) as asset.AssetArchive).assets), [
      'index.js',
    ]);
    rmSync(folder, { recursive: true });
  });

  it('may read the login of the database of its zone, and reach it and no other', async () => {
    const recorded = await make('apply');
    const of = (name: string) => {
      const { Statement: statements } = policyOf(only(recorded, `preparation-${name}-${name}-policy`).inputs.policy);
      const secrets = statements.filter(({ Action }) => Action === 'secretsmanager:GetSecretValue');
      const { securityGroupIds } = only(recorded, `preparation-${name}-function`).inputs.vpcConfig as {
        readonly securityGroupIds: readonly string[];
      };
      return { statements, secrets: secrets.map(({ Resource }) => String(Resource).split('!')[1]), securityGroupIds };
    };
    const { statements, ...lake } = of('prepare');
    assert.deepEqual(lake, { secrets: ['lake'], securityGroupIds: ['sg-key', 'sg-secrets', 'sg-state-lake'] });
    const { statements: _, ...identity } = of('identity-prepare');
    assert.deepEqual(identity, { secrets: ['identity'], securityGroupIds: ['sg-secrets', 'sg-state-identity'] });
    assert.ok(
      !statements.some(
        ({ Action, Effect }) => Effect === 'Allow' && [Action].flat().some((one) => one.startsWith('s3:')),
      ),
    );
  });
});
