import assert from 'node:assert/strict';
import { secret } from '@pulumi/pulumi';
import type { AwsTarget } from '../../components/core/aws-target';
import { awsMachineAccess } from '../../components/provider-access/aws';
import { awsStaffAccess } from '../../components/provider-access/aws-staff';
import { type AwsTreArgs, awsTre } from '../../components/tre/aws';
import { type AwsWarehouseArgs, awsWarehouse } from '../../components/warehouse/aws';
import { externalSchema, federatedSchema, readerGrants } from '../../components/warehouse/redshift-sql';
import { readTokenSource } from '../../functions/provider-access/token-source';
import { readAwsConfig } from '../../stacks/aws-settings';
import { kindOf, modes, only, type Recorded } from '../support/pulumi-mocks';
import { homesOf, policyOf, undefinedTexts } from './aws-account';
import { kindsOf, recordBuilder } from './aws-probe';
import { awsSettings, awsSource } from './aws-settings';

const keyArn = 'arn:aws:kms:eu-west-2:123456789012:key/warehouse';
const topicArn = 'arn:aws:sns:eu-west-2:123456789012:lake-test-alarms';
const catalogueKeyArn = 'arn:aws:kms:eu-west-2:123456789012:key/catalogue';
const statementsOf = (recorded: readonly Recorded[], name: string) =>
  policyOf(only(recorded, name).inputs.policy).Statement;
const kindsIn = (recorded: readonly Recorded[]) => [...new Set(kindsOf(recorded).map((one) => one.split(' ')[0]))];

const warehouseArgs = (target: AwsTarget): AwsWarehouseArgs => ({
  target,
  marts: homesOf(target).stores.marts,
  database: 'lake_test_marts',
  catalogueKeyArn,
  subnetIds: ['subnet-a', 'subnet-b', 'subnet-c'],
  securityGroupIds: ['sg-warehouse'],
  keyArn,
  logKeyArn: 'arn:aws:kms:eu-west-2:123456789012:key/logs',
  logRetentionDays: 3653,
  baseUnits: 8,
  mostUnits: 32,
  unitHoursOfMonth: 400,
  topicArn,
  readers: ['analysts'],
  federation: {
    schema: 'planning',
    host: 'planning.example.nhs.uk',
    port: 5432,
    database: 'planning',
    secretArn: 'arn:aws:secretsmanager:eu-west-2:123456789012:secret:planning',
    secretKeyArn: 'arn:aws:kms:eu-west-2:123456789012:key/secrets',
  },
});

const treArgs = (target: AwsTarget): AwsTreArgs => ({
  target,
  projects: ['flu', 'frailty'].map((name) => ({
    name,
    imageId: 'ami-1',
    instanceType: 'm7i.large',
    diskGigabytes: 100,
  })),
  accessPointArn: 'arn:aws:s3:eu-west-2:123456789012:accesspoint/lake-test-tre',
  marts: homesOf(target).stores.marts,
  tables: { databases: ['lake_test_marts'], keyArn: catalogueKeyArn },
  subnetIds: ['subnet-a', 'subnet-b'],
  workspaceGroupId: 'sg-workspaces',
  keyArn,
  businessIntelligence: { securityGroupId: 'sg-workspaces' },
});

for (const mode of modes) {
  describe(`The warehouse on AWS, ${mode}`, () => {
    let recorded: readonly Recorded[];
    before(async () => {
      recorded = await recordBuilder(
        mode,
        (component, target) => void awsWarehouse(component, 'warehouse', warehouseArgs(target)),
      );
    });

    it('is made of these parts', () => {
      assert.deepEqual(kindsOf(recorded), [
        ...['connectionlog', 'useractivitylog', 'userlog'].map((log) => `LogGroup warehouse-log-${log}`),
        'MetricAlarm warehouse-limit-alarm',
        'MetricAlarm warehouse-notice-alarm',
        'Namespace warehouse-namespace',
        'Policy warehouse-warehouse-policy',
        'Role warehouse-warehouse-role',
        'RolePolicyAttachment warehouse-warehouse-grants',
        ...['closed', 'federation', 'marts', 'reader-analysts-1', 'reader-analysts-2'].map(
          (one) => `Statement warehouse-${one}`,
        ),
        'UsageLimit warehouse-limit',
        'UsageLimit warehouse-notice',
        'Workgroup warehouse-workgroup',
      ]);
      assert.deepEqual(undefinedTexts(recorded), []);
    });

    it('is encrypted with its own key, speaks TLS, fetches by the network, and is closed to the public', () => {
      const { inputs: namespace, protect } = only(recorded, 'warehouse-namespace');
      assert.ok(protect);
      assert.deepEqual([namespace.kmsKeyId, namespace.adminPasswordSecretKmsKeyId], [keyArn, keyArn]);
      assert.equal(namespace.manageAdminPassword, true);
      assert.ok(namespace.adminUsername !== 'admin' && namespace.dbName !== 'dev');
      assert.deepEqual(namespace.logExports, ['userlog', 'connectionlog', 'useractivitylog']);
      const { inputs: workgroup, ignores } = only(recorded, 'warehouse-workgroup');
      assert.deepEqual(ignores, ['configParameters'], 'AWS gives back all there are');
      assert.deepEqual(
        [workgroup.publiclyAccessible, workgroup.enhancedVpcRouting, workgroup.baseCapacity, workgroup.maxCapacity],
        [false, true, 8, 32],
      );
      if (mode === 'apply') {
        const { arn } = only(recorded, 'warehouse-warehouse-role').outputs;
        assert.deepEqual([namespace.iamRoles, namespace.defaultIamRoleArn], [[arn], arn]);
      }
      assert.equal(only(recorded, 'warehouse-closed').inputs.sql, 'REVOKE CREATE ON SCHEMA public FROM PUBLIC');
      const parameters = workgroup.configParameters as readonly Readonly<
        Record<'parameterKey' | 'parameterValue', string>
      >[];
      assert.deepEqual(Object.fromEntries(parameters.map((one) => [one.parameterKey, one.parameterValue])), {
        require_ssl: 'true',
        enable_user_activity_logging: 'true',
        max_query_execution_time: '3600',
      });
      const { breachAction, usageType, period, amount } = only(recorded, 'warehouse-limit').inputs;
      assert.deepEqual([breachAction, usageType, period, amount], ['deactivate', 'serverless-compute', 'monthly', 400]);
    });

    it('tells somebody at four fifths of its month and when it stops, by what each limit counts', () => {
      /** Alarms of a month in which so many unit hours were used, as each limit says it of itself. */
      const toldAt = (consumed: number): readonly string[] =>
        recorded
          .filter((one) => kindOf(one) === 'MetricAlarm')
          .filter(({ inputs }) => {
            assert.deepEqual(
              [inputs.namespace, inputs.metricName, inputs.statistic, inputs.comparisonOperator],
              ['AWS/Redshift-Serverless', 'UsageLimitConsumed', 'Maximum', 'GreaterThanOrEqualToThreshold'],
            );
            // Silence is a rest, also that of a warehouse that was stopped: neither the end of an alarm nor one.
            assert.equal(inputs.treatMissingData, 'ignore');
            assert.deepEqual([inputs.alarmActions, inputs.okActions], [[topicArn], [topicArn]]);
            return consumed >= Number(inputs.threshold);
          })
          .map(({ name }) => name)
          .sort();
      assert.deepEqual(toldAt(319), []);
      assert.deepEqual(toldAt(320), ['warehouse-notice-alarm']);
      assert.deepEqual(toldAt(400), ['warehouse-limit-alarm', 'warehouse-notice-alarm']);
      for (const [role, action] of [
        ['notice', 'emit-metric'],
        ['limit', 'deactivate'],
      ]) {
        const limit = only(recorded, `warehouse-${role}`);
        const { dimensions, threshold } = only(recorded, `warehouse-${role}-alarm`).inputs;
        assert.deepEqual([limit.inputs.breachAction, limit.inputs.amount], [action, threshold]);
        if (mode === 'preview') continue;
        const { workgroupName } = only(recorded, 'warehouse-workgroup').inputs;
        assert.deepEqual(dimensions, {
          UsageLimitId: limit.id,
          UsageType: 'SERVERLESS_COMPUTE',
          Workgroup: workgroupName,
        });
      }
    });

    it('finds its logs made before it makes them itself, and is set up by its first user', () => {
      const { after } = only(recorded, 'warehouse-namespace');
      for (const log of ['userlog', 'connectionlog', 'useractivitylog']) {
        const { urn, inputs } = only(recorded, `warehouse-log-${log}`);
        assert.deepEqual([inputs.name, inputs.retentionInDays], [`/aws/redshift/lake-test-warehouse/${log}`, 3653]);
        assert.ok(after?.includes(urn), log);
      }
      if (mode === 'preview') return;
      const { adminPasswordSecretArn } = only(recorded, 'warehouse-namespace').outputs;
      const statements = recorded.filter((one) => kindOf(one) === 'Statement');
      assert.equal(statements.length, 5);
      for (const { name, inputs } of statements) assert.equal(inputs.secretArn, adminPasswordSecretArn, name);
    });

    it('reads marts and one login, and no other zone', () => {
      const text = JSON.stringify(statementsOf(recorded, 'warehouse-warehouse-policy'));
      assert.ok(text.includes('lake-test-marts-') && text.includes('secret:planning'));
      assert.ok(!/landing|identity|curated|PutObject/.test(text));
    });
  });

  describe(`The research environment on AWS, ${mode}`, () => {
    let recorded: readonly Recorded[];
    before(async () => {
      recorded = await recordBuilder(mode, (component, target) => void awsTre(component, 'tre', treArgs(target)));
    });

    it('is made of these parts', () => {
      assert.deepEqual(kindsOf(recorded, 'tre-flu'), ['Instance tre-flu-workspace', 'InstanceProfile tre-flu-profile']);
      assert.deepEqual(kindsIn(recorded), [
        'Instance',
        'InstanceProfile',
        'Policy',
        'Role',
        'RolePolicyAttachment',
        'VpcConnection',
      ]);
      assert.equal(recorded.filter((one) => kindOf(one) === 'Role').length, 3);
      assert.deepEqual(undefinedTexts(recorded), []);
    });

    it('has hosts without an address outside, encrypted, entered by Systems Manager alone', () => {
      for (const project of ['flu', 'frailty']) {
        const { inputs } = only(recorded, `tre-${project}-workspace`);
        assert.equal(inputs.associatePublicIpAddress, false);
        assert.equal(inputs.disableApiTermination, true);
        assert.equal(inputs.keyName, undefined);
        assert.deepEqual(inputs.metadataOptions, {
          httpEndpoint: 'enabled',
          httpTokens: 'required',
          httpPutResponseHopLimit: 1,
        });
        const { encrypted, kmsKeyId } = inputs.rootBlockDevice as {
          readonly encrypted: boolean;
          readonly kmsKeyId: string;
        };
        assert.deepEqual([encrypted, kmsKeyId], [true, keyArn]);
      }
    });

    it('gives reports a connection in each zone, through their own group', () => {
      const { subnetIds, securityGroupIds } = only(recorded, 'tre-business-intelligence').inputs;
      assert.deepEqual([subnetIds, securityGroupIds], [['subnet-a', 'subnet-b'], ['sg-workspaces']]);
    });

    it('reads marts through the access point and nothing else, and writes nothing', () => {
      const statements = statementsOf(recorded, 'tre-research-flu-policy');
      const reads = statements.filter(
        ({ Action, Effect }) => Effect === 'Allow' && [Action].flat().some((one) => one.startsWith('s3:')),
      );
      for (const { Resource } of reads) assert.match(String(Resource), /accesspoint\/lake-test-tre/);
      const denied = statements.find(({ NotResource }) => NotResource !== undefined);
      assert.deepEqual([denied?.Effect, denied?.Action], ['Deny', 's3:*']);
      assert.ok(
        !statements.some(
          ({ Action, Effect }) => Effect === 'Allow' && /Put|Delete|GenerateDataKey/.test(String(Action)),
        ),
      );
    });
  });

  describe(`Access of providers and staff on AWS, ${mode}`, () => {
    let recorded: readonly Recorded[];
    before(async () => {
      recorded = await recordBuilder(mode, (component, target) => {
        awsMachineAccess(component, 'providers', {
          target,
          domain: 'lake-test',
          keys: [],
          clients: [
            { name: 'gp', scopes: ['system/*.cu'] },
            { name: 'lab', scopes: ['system/Observation.c', 'system/Specimen.c'] },
          ],
        });
        awsStaffAccess(component, 'staff', {
          target,
          domain: 'lake-test-staff',
          identity: {
            kind: 'oidc',
            name: 'entra',
            issuer: 'https://login.example',
            clientId: 'c',
            clientSecret: secret('hush'),
          },
          callbackUrls: ['https://console.example.nhs.uk/callback'],
          logoutUrls: [],
        });
      });
    });

    it('is made of these parts', () => {
      assert.deepEqual(kindsOf(recorded, 'providers'), [
        'ResourceServer providers-scopes',
        'UserPool providers-pool',
        'UserPoolClient providers-client-gp',
        'UserPoolClient providers-client-lab',
        'UserPoolDomain providers-domain',
      ]);
      assert.deepEqual(kindsOf(recorded, 'staff'), [
        'IdentityProvider staff-identity',
        'ManagedLoginBranding staff-pages',
        'RiskConfiguration staff-risk',
        'UserPool staff-pool',
        'UserPoolClient staff-console',
        'UserPoolDomain staff-domain',
      ]);
      assert.deepEqual(undefinedTexts(recorded), []);
    });

    it('gives machines short tokens for their own scopes alone', () => {
      const { inputs } = only(recorded, 'providers-client-lab');
      assert.deepEqual(inputs.allowedOauthFlows, ['client_credentials']);
      assert.equal(inputs.enableTokenRevocation, true);
      assert.deepEqual([inputs.accessTokenValidity, inputs.tokenValidityUnits], [15, { accessToken: 'minutes' }]);
      if (mode === 'apply')
        assert.deepEqual(inputs.allowedOauthScopes, ['lake/system.Observation.c', 'lake/system.Specimen.c']);
    });

    it('shows staff the pages of the version that it asks for, which are empty without a style', () => {
      assert.equal(only(recorded, 'staff-domain').inputs.managedLoginVersion, 2);
      const { useCognitoProvidedValues, userPoolId } = only(recorded, 'staff-pages').inputs;
      assert.equal(useCognitoProvidedValues, true);
      assert.equal(userPoolId, only(recorded, 'staff-console').inputs.userPoolId);
    });

    it('asks staff for a second factor and holds off who took an account over', () => {
      const { inputs, protect } = only(recorded, 'staff-pool');
      assert.ok(protect);
      assert.deepEqual(
        [inputs.mfaConfiguration, inputs.deletionProtection, inputs.userPoolTier],
        ['ON', 'ACTIVE', 'PLUS'],
      );
      assert.deepEqual(inputs.userPoolAddOns, { advancedSecurityMode: 'ENFORCED' });
      // The whole of it is secret: the secret of the client stands in it.
      assert.deepEqual(Object.keys(only(recorded, 'staff-identity').inputs.providerDetails as object), ['secret']);
      assert.deepEqual(only(recorded, 'staff-console').inputs.allowedOauthFlows, ['code']);
    });
  });
}

describe('Staff who sign in by SAML', () => {
  const console = 'https://console.example.nhs.uk/callback';

  it('come by the metadata of their organisation, which encrypts what it says of them', async () => {
    const { staffIdentity: identity } = readAwsConfig(
      awsSource({
        ...awsSettings,
        staffIdentity: '{"kind":"saml","name":"Entra","metadataUrl":"https://login.example.nhs.uk/metadata.xml"}',
        staffDomain: 'lake-staff',
        staffCallbacks: JSON.stringify([console]),
      }),
    );
    if (identity?.kind !== 'saml') throw new Error('The setting was read as something else.');
    const recorded = await recordBuilder('apply', (component, target) => {
      awsStaffAccess(component, 'staff', { target, domain: 'd', identity, callbackUrls: [console], logoutUrls: [] });
    });
    const { providerType, providerDetails } = only(recorded, 'staff-identity').inputs;
    assert.equal(providerType, 'SAML');
    assert.deepEqual(providerDetails, {
      MetadataURL: 'https://login.example.nhs.uk/metadata.xml',
      IDPSignout: 'true',
      EncryptedResponses: 'true',
      RequestSigningAlgorithm: 'rsa-sha256',
    });
    assert.deepEqual(only(recorded, 'staff-console').inputs.supportedIdentityProviders, ['Entra']);
  });
});

describe('Tokens of a user pool', () => {
  it('are told to the functions as they read it', async () => {
    let told = '';
    await recordBuilder('apply', (component, target) => {
      const { tokens } = awsMachineAccess(component, 'providers', { target, domain: 'd', clients: [], keys: [] });
      tokens.apply((text) => {
        told = text;
      });
    });
    const { verification, jwksUrl } = readTokenSource(told, 'https://lake.example.nhs.uk/FHIR/R4');
    assert.equal(verification.scopePrefix, 'lake/');
    assert.equal(jwksUrl, `${verification.issuer}/.well-known/jwks.json`);
  });
});

describe('The warehouse', () => {
  it('takes units as Redshift does: in eights, and no fewer at most than at least', async () => {
    for (const mostUnits of [20, 0]) {
      const made = recordBuilder('apply', (component, target) => {
        awsWarehouse(component, 'warehouse', { ...warehouseArgs(target), mostUnits });
      });
      await assert.rejects(made, /multiples of 8/);
    }
    assert.throws(() => readAwsConfig(awsSource({ ...awsSettings, warehouseUnits: '20' })), /a multiple of 8/);
  });

  it('has a catalogue only where an administrator of Lake Formation can be named', () => {
    const deployers = '["arn:aws:iam::123456789012:role/deploy-*"]';
    assert.throws(
      () => readAwsConfig(awsSource({ ...awsSettings, catalogue: 'glue', deployers })),
      /a role without \*/,
    );
  });
});

describe('SQL of the warehouse', () => {
  it('takes names as identifiers and everything else as literals', () => {
    assert.match(externalSchema("a'b", 'arn'), /DATABASE 'a''b' IAM_ROLE 'arn'/);
    assert.throws(() => readerGrants('x; DROP SCHEMA marts'), /letters, digits and underscores/);
    const federated = { schema: 'p"', host: 'h', port: 1, database: 'd', secretArn: 's', roleArn: 'r' };
    assert.throws(() => federatedSchema(federated), /letters, digits and underscores/);
  });

  it('is not asked of two availability zones', async () => {
    const made = recordBuilder('apply', (component, target) => {
      awsWarehouse(component, 'warehouse', { ...warehouseArgs(target), subnetIds: ['subnet-a', 'subnet-b'] });
    });
    await assert.rejects(made, /three availability zones/);
  });
});
