import assert from 'node:assert/strict';
import { Bucket, BucketVersioning } from '@pulumi/aws/s3';
import { output } from '@pulumi/pulumi';
import { manifestStatements } from '../../components/core/aws-grants';
import { AwsParts } from '../../components/core/aws-parts';
import { awsPermissionsOf } from '../../components/core/aws-reach';
import { addRole } from '../../components/core/aws-role';
import { lambdaStatements } from '../../components/core/aws-runtime-grants';
import { awsAliasPrefix, awsBucketName, awsRoleArn, awsTarget } from '../../components/core/aws-target';
import { LakeComponent, type Transform } from '../../components/core/lake-component';
import { importManifest } from '../../functions/bulk-import/manifest';
import { curateManifest } from '../../functions/curate/manifest';
import { dispatchManifest } from '../../functions/dispatch/manifest';
import { lambdaManifests } from '../../functions/hosts/aws-lambda/manifests';
import { identityManifest } from '../../functions/identity/manifest';
import { ingestManifest } from '../../functions/ingest/manifest';
import { defineManifest, key, type Manifest, objectStoreUnder } from '../../functions/manifest';
import { kindOf, only, record } from '../support/pulumi-mocks';
import { account, countsOf, homesOf, place, policyOf, undefinedTexts } from './aws-account';

const named = { ...place, kind: 'aws', partition: 'aws' } as const;

class Probe extends LakeComponent {
  constructor(build: (parts: AwsParts) => void, transform: Transform = {}) {
    super('probe', 'Probe', 'probe');
    const parts = new AwsParts(
      this,
      'probe',
      { target: account(), transform },
      { zone: 'lake', classification: 'none' },
    );
    build(parts);
    parts.complete();
  }
}

const recordProbe = (build: (parts: AwsParts) => void, transform?: Transform) =>
  record('apply', () => void new Probe(build, transform));

const bucket = (parts: AwsParts): Bucket => parts.keep(Bucket, 'bucket', { bucket: 'b', tags: { Purpose: 'test' } });

/** The statements of a role that has these grants, as IAM would get them. */
async function grantsOf(manifest: Manifest) {
  const recorded = await recordProbe((parts) => {
    const statements = manifestStatements(parts.target, manifest, homesOf(parts.target));
    addRole(parts, { name: manifest.name, service: 'lambda.amazonaws.com', statements });
  });
  const policies = recorded.filter((one) => kindOf(one) === 'Policy');
  return policies.flatMap(({ inputs }) => policyOf(inputs.policy).Statement);
}

const actionsOf = (statements: Awaited<ReturnType<typeof grantsOf>>): readonly string[] =>
  [...new Set(statements.flatMap(({ Action }) => Action))].sort();

describe('The frame of AWS', () => {
  it('tags every part, sets it under its component with the explicit provider, and gives tags to no class without them', async () => {
    const recorded = await recordProbe((parts) => {
      const made = bucket(parts);
      parts.add(BucketVersioning, 'versions', { bucket: made.bucket, versioningConfiguration: { status: 'Enabled' } });
    });
    const { inputs, provider } = only(recorded, 'probe-bucket');
    assert.deepEqual(inputs.tags, {
      Application: 'nhs-data-lake',
      Classification: 'none',
      CostCentre: 'NHS-1',
      Environment: 'production',
      Lake: 'lake',
      Owner: 'platform-team',
      Purpose: 'test',
      Stack: 'test',
      Zone: 'lake',
    });
    assert.match(provider, /::aws::/);
    assert.equal(only(recorded, 'probe-versions').inputs.tags, undefined);
    assert.deepEqual(only(recorded, 'aws').inputs.allowedAccountIds, '["123456789012"]');
  });

  it('changes a part by the transform of its role, and refuses a transform of no part and a role twice', async () => {
    const forced: Transform = { bucket: (args) => ({ ...args, forceDestroy: true }) };
    const recorded = await recordProbe((parts) => void bucket(parts), forced);
    assert.equal(only(recorded, 'probe-bucket').inputs.forceDestroy, true);
    await assert.rejects(
      recordProbe((parts) => void bucket(parts), { buckets: (args) => ({ ...args }) }),
      /transform names parts/,
    );
    await assert.rejects(
      recordProbe((parts) => void [bucket(parts), bucket(parts)]),
      /two parts have the role bucket/,
    );
  });

  it('names what the account can hold', () => {
    assert.equal(awsBucketName(named, 'landing'), 'lake-test-landing-123456789012-eu-west-2-an');
    const long = awsBucketName({ ...named, stack: 'a'.repeat(100) }, 'landing');
    assert.ok(long.length <= 63 && long.endsWith('-123456789012-eu-west-2-an'), long);
    assert.equal(awsAliasPrefix(named), 'lake-test');
    assert.throws(() => awsTarget({ ...place, accountId: '1' }), /twelve digits/);
    assert.throws(() => awsTarget({ ...place, zones: ['eu-west-2a', 'eu-west-2a'] }), /availability zones/);
    assert.throws(() => awsTarget({ ...place, zones: ['eu-west-1a', 'eu-west-2b'] }), /availability zones/);
  });

  it('fails where something inside an apply fails', async () => {
    await assert.rejects(
      recordProbe((parts) => {
        const name = output('x').apply((): string => {
          throw new RangeError('inside');
        });
        parts.add(Bucket, 'bucket', { bucket: name });
      }),
      /inside/,
    );
  });
});

describe('Roles on AWS', () => {
  it('are taken by one service for this account, under the boundary, with a policy of their own', async () => {
    const recorded = await recordProbe((parts) => {
      const statements = [{ Effect: 'Allow' as const, Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/*' }];
      addRole(parts, { name: 'reader', service: 'lambda.amazonaws.com', statements });
    });
    assert.deepEqual(undefinedTexts(recorded), []);
    assert.deepEqual(countsOf(recorded), {
      'aws:iam:Policy': 1,
      'aws:iam:Role': 1,
      'aws:iam:RolePolicyAttachment': 1,
      'lake:probe:Probe': 1,
      'pulumi:providers:aws': 1,
    });
    const { inputs } = only(recorded, 'probe-reader-role');
    assert.equal(inputs.name, 'lake-test-reader');
    assert.equal(awsRoleArn(named, 'reader'), 'arn:aws:iam::123456789012:role/lake-test-reader');
    assert.equal(inputs.permissionsBoundary, place.boundary);
    assert.deepEqual(policyOf(inputs.assumeRolePolicy).Statement, [
      {
        Effect: 'Allow',
        Principal: { Service: 'lambda.amazonaws.com' },
        Action: 'sts:AssumeRole',
        Condition: { StringEquals: { 'aws:SourceAccount': '123456789012' } },
      },
    ]);
    assert.equal(only(recorded, 'probe-reader-grants').inputs.role, 'lake-test-reader');
  });
});

describe('Grants on AWS', () => {
  it('let ingest put and never read', async () => {
    const statements = await grantsOf(ingestManifest);
    const onObjects = statements.filter(({ Resource }) => /landing-1234.*\*$/.test(String(Resource)));
    assert.deepEqual(
      onObjects.flatMap(({ Action }) => Action),
      ['s3:AbortMultipartUpload', 's3:PutObject'],
    );
    assert.ok(!actionsOf(statements).some((action) => /List|Delete|s3:.*Policy|kms:(Create|Put|Encrypt)/.test(action)));
    const readable = statements.filter(({ Action }) => [Action].flat().includes('s3:GetObject'));
    assert.deepEqual(
      readable.map(({ Resource }) => Resource),
      ['arn:aws:s3:::lake-test-inbox-123456789012-eu-west-2-an/outcomes/*'],
    );
  });

  it('bind a data key to the zone of its context, and the key of a bucket to S3 and that bucket', async () => {
    const statements = await grantsOf(ingestManifest);
    const of = (id: string) => statements.filter(({ Resource }) => [Resource].flat().join().endsWith(`key/${id}`));
    assert.deepEqual(of('landing'), [
      {
        Effect: 'Allow',
        Action: ['kms:GenerateDataKey'],
        Resource: ['arn:aws:kms:eu-west-2:123456789012:key/landing'],
        Condition: { StringEquals: { 'kms:EncryptionContext:zone': 'landing' } },
      },
    ]);
    assert.deepEqual(
      of('identity').flatMap(({ Action }) => Action),
      ['kms:GetPublicKey'],
    );
    assert.deepEqual(of('store-landing'), [
      {
        Effect: 'Allow',
        Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
        Resource: 'arn:aws:kms:eu-west-2:123456789012:key/store-landing',
        Condition: {
          StringEquals: {
            'kms:ViaService': 's3.eu-west-2.amazonaws.com',
            'kms:EncryptionContext:aws:s3:arn': 'arn:aws:s3:::lake-test-landing-123456789012-eu-west-2-an',
          },
        },
      },
    ]);
  });

  it('open with the private half of an RSA key by its algorithm, since RSA binds no context', async () => {
    const statements = await grantsOf(identityManifest);
    const opening = statements.filter(
      ({ Action, Resource }) => [Action].flat().includes('kms:Decrypt') && String(Resource).endsWith('key/identity'),
    );
    assert.deepEqual(
      opening.map(({ Condition }) => Condition),
      [{ StringEquals: { 'kms:EncryptionAlgorithm': 'RSAES_OAEP_SHA_256' } }],
    );
  });

  it("log in to a database as the function's own role", async () => {
    const statements = await grantsOf(curateManifest);
    const connects = statements.filter(({ Action }) => Action === 'rds-db:connect');
    assert.ok(connects.length > 0);
    for (const { Resource } of connects)
      assert.equal(Resource, 'arn:aws:rds-db:eu-west-2:123456789012:dbuser:cluster-LAKE/lake_curate');
  });

  it('publish to the declared topics, and refuse a topic that is not there', async () => {
    const statements = await grantsOf(dispatchManifest);
    assert.deepEqual(
      statements.filter(({ Action }) => Action === 'sns:Publish').flatMap(({ Resource }) => Resource),
      [
        'arn:aws:sns:eu-west-2:123456789012:lake-test-landed-identity',
        'arn:aws:sns:eu-west-2:123456789012:lake-test-landed-clinical',
      ],
    );
    await assert.rejects(
      recordProbe((parts) => {
        manifestStatements(parts.target, dispatchManifest, { ...homesOf(parts.target), topics: {} });
      }),
      /no topic was given/,
    );
  });

  it('hold a prefix, for objects and for lists', async () => {
    const manifest = defineManifest({
      name: 'probe',
      trigger: { kind: 'request', from: {} },
      uses: { part: objectStoreUnder('audit', 'collected/', ['putIfAbsent', 'list']) },
    });
    const [objects, list] = await grantsOf(manifest);
    assert.match(String(objects?.Resource), /:::lake-test-audit-[^/]+\/collected\/\*$/);
    assert.deepEqual(list?.Condition, { StringLike: { 's3:prefix': 'collected/*' } });
  });

  it('refuse a function that rotates keys', async () => {
    const manifest = defineManifest({
      name: 'p',
      trigger: { kind: 'request', from: {} },
      uses: { k: key('landing', ['rotate']) },
    });
    await assert.rejects(grantsOf(manifest), /makes a new version/);
  });

  it('name no wildcard of actions, and no resource but one of the account', async () => {
    for (const manifest of lambdaManifests) {
      const statements = await grantsOf(manifest);
      // IAM counts the characters of a managed policy without white space (IAM User Guide, "IAM and AWS STS quotas").
      const length = JSON.stringify({ Version: '2012-10-17', Statement: statements }).length;
      assert.ok(length < 6144, `${manifest.name}: ${length} characters`);
      for (const { Action, Resource, Effect } of statements) {
        assert.equal(Effect, 'Allow');
        for (const action of [Action].flat()) assert.match(action, /^[a-z0-9-]+:[A-Za-z]+$/, manifest.name);
        for (const resource of [Resource].flat())
          assert.match(String(resource), /^arn:aws:(s3:::lake-test-|[a-z-]+:eu-west-2:123456789012:)./, manifest.name);
      }
    }
  });

  it('give network interfaces to the service and not to the code', () => {
    const statements = lambdaStatements(named, {
      functionName: 'lake-test-ingest',
      logGroup: '/aws/lambda/lake-test-ingest',
      environmentKeyArn: 'arn:aws:kms:eu-west-2:123456789012:key/x',
    });
    const [allowed, denied] = statements.filter(({ Resource }) => Resource === '*');
    assert.deepEqual([allowed?.Effect, denied?.Effect], ['Allow', 'Deny']);
    assert.deepEqual(allowed?.Action, denied?.Action);
    assert.deepEqual(denied?.Condition, {
      ArnEquals: { 'lambda:SourceFunctionArn': 'arn:aws:lambda:eu-west-2:123456789012:function:lake-test-ingest' },
    });
    assert.ok(!JSON.stringify(statements).includes('CreateLogGroup'));
  });
});

describe('What a function on AWS may reach', () => {
  it('is what its manifest declares', () => {
    assert.deepEqual(awsPermissionsOf(ingestManifest), ['object-store', 'key', 'state-lake']);
    assert.deepEqual(awsPermissionsOf(identityManifest), ['object-store', 'key', 'state-identity']);
    assert.deepEqual(awsPermissionsOf(dispatchManifest), ['events', 'state-lake']);
    for (const manifest of [...lambdaManifests, importManifest]) {
      const reach = awsPermissionsOf(manifest);
      assert.ok(!(reach.includes('state-lake') && reach.includes('state-identity')), manifest.name);
    }
  });
});
