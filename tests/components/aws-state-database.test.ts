import assert from 'node:assert/strict';
import type { AwsHomes } from '../../components/core/aws-homes';
import { LakeComponent } from '../../components/core/lake-component';
import { type AwsStateDatabaseArgs, awsStateDatabase } from '../../components/state-database/aws';
import { type Mode, modes, only, type Recorded, record } from '../support/pulumi-mocks';
import { account, countsOf, place, undefinedTexts } from './aws-account';

const key = (id: string): string => `arn:aws:kms:eu-west-2:123456789012:key/${id}`;
const stand = (id: string) => ({ subnetIds: ['subnet-a', 'subnet-b'], groupId: `sg-${id}`, keyArn: key(id) });

let state: AwsHomes['state'] | undefined;
class Probe extends LakeComponent {
  constructor(args: Partial<AwsStateDatabaseArgs>) {
    super('state-database', 'StateDatabase', 'state');
    const target = account({ environment: args.instances === undefined ? 'production' : 'development' });
    ({ state } = awsStateDatabase(this, 'state', {
      target,
      places: { lake: stand('lake'), identity: stand('identity') },
      secretKeyArn: key('secrets'),
      logKeyArn: key('logs'),
      logRetentionDays: 400,
      ...args,
    }));
  }
}

const deploy = (mode: Mode, args: Partial<AwsStateDatabaseArgs> = {}) => record(mode, () => void new Probe(args));

for (const mode of modes) {
  describe(`Databases on AWS, ${mode}`, () => {
    let recorded: readonly Recorded[];
    before(async () => {
      recorded = await deploy(mode);
    });

    it('are made of these parts', () => {
      assert.deepEqual(countsOf(recorded), {
        'aws:cloudwatch:LogGroup': 2,
        'aws:rds:Cluster': 2,
        'aws:rds:ClusterInstance': 4,
        'aws:rds:ClusterParameterGroup': 2,
        'aws:rds:SubnetGroup': 2,
        'lake:state-database:StateDatabase': 1,
        'pulumi:providers:aws': 1,
      });
      assert.deepEqual(undefinedTexts(recorded), []);
    });

    it('are kept, encrypted with the key of their zone, and logged in to by IAM over TLS', () => {
      for (const database of ['lake', 'identity']) {
        const { inputs, protect, ignores } = only(recorded, `state-${database}-cluster`);
        assert.equal(protect, true);
        // AWS Backup sets both, and RDS takes them of nobody else then.
        assert.deepEqual(ignores, ['backupRetentionPeriod', 'preferredBackupWindow']);
        assert.equal(inputs.kmsKeyId, key(database));
        assert.deepEqual(inputs.vpcSecurityGroupIds, [`sg-${database}`]);
        assert.equal(inputs.storageEncrypted, true);
        assert.equal(inputs.iamDatabaseAuthenticationEnabled, true);
        assert.equal(inputs.manageMasterUserPassword, true);
        assert.equal(inputs.masterPassword, undefined);
        assert.equal(inputs.deletionProtection, true);
        assert.equal(inputs.skipFinalSnapshot, false);
        assert.equal(inputs.backupRetentionPeriod, 35);
        assert.equal(inputs.copyTagsToSnapshot, true);
        // Units of Aurora Serverless v2: what it costs at rest, and at most.
        assert.deepEqual(inputs.serverlessv2ScalingConfiguration, { minCapacity: 0.5, maxCapacity: 8 });
        const parameters = only(recorded, `state-${database}-parameters`).inputs.parameters as {
          name: string;
          value: string;
        }[];
        const value = (name: string) => parameters.find((one) => one.name === name)?.value;
        assert.equal(value('rds.force_ssl'), '1');
        assert.equal(value('ssl_min_protocol_version'), 'TLSv1.2');
        assert.equal(value('log_parameter_max_length_on_error'), '0');
        assert.deepEqual(inputs.enabledCloudwatchLogsExports, ['postgresql']);
        assert.equal(value('log_min_error_statement'), 'panic', 'no statement, which holds values, in a log');
      }
    });

    it('say a major version alone, since Aurora takes minor ones by itself', () => {
      for (const database of ['lake', 'identity']) {
        const { inputs } = only(recorded, `state-${database}-cluster`);
        assert.deepEqual([inputs.engineVersion, inputs.allowMajorVersionUpgrade], ['17', false]);
        const group = only(recorded, `state-${database}-parameters`).inputs;
        assert.equal(group.family, 'aurora-postgresql17');
        // Two groups stand side by side while a cluster goes from one major version to the next.
        assert.match(String(group.name), /-17-/);
        if (mode === 'apply') assert.equal(inputs.dbClusterParameterGroupName, group.name);
      }
      for (const { inputs } of recorded.filter(({ type }) => type.endsWith(':ClusterInstance')))
        assert.deepEqual([inputs.engineVersion, inputs.autoMinorVersionUpgrade], [undefined, true]);
    });

    it('refuse a minor version, which the next deployment would go back to', async () => {
      for (const engineVersion of ['17.6', '17.', 'latest'])
        await assert.rejects(deploy(mode, { engineVersion }), /major version/);
    });

    it('stand in two zones, where nobody outside reaches them', () => {
      const instances = recorded.filter(({ type }) => type.endsWith(':ClusterInstance'));
      assert.deepEqual(new Set(instances.map(({ inputs }) => inputs.availabilityZone)), new Set(place.zones));
      for (const { inputs } of instances) {
        assert.equal(inputs.publiclyAccessible, false);
        assert.match(String(inputs.performanceInsightsKmsKeyId), /key\/(lake|identity)$/);
        assert.equal(inputs.instanceClass, 'db.serverless');
        assert.equal(inputs.autoMinorVersionUpgrade, true);
      }
    });
  });
}

describe('Databases on AWS', () => {
  it('tell functions where they are and the preparing function its secret', async () => {
    const recorded = await deploy('apply', { instances: 1 });
    assert.equal(recorded.filter(({ type }) => type.endsWith(':ClusterInstance')).length, 2);
    const read = async (value: unknown) =>
      new Promise<string>((resolve) => void (value as { apply(done: (text: string) => void): void }).apply(resolve));
    assert.match(
      await read(state?.identity.host),
      /^lake-test-state-identity\.cluster-.*\.eu-west-2\.rds\.amazonaws\.com$/,
    );
    assert.match(await read(state?.lake.resourceId), /^cluster-[A-Z0-9]+$/);
    assert.match(await read(state?.lake.secretArn), /^arn:aws:secretsmanager:/);
    assert.deepEqual([state?.lake.database, state?.identity.database], ['lake_lake', 'lake_identity']);
    await assert.rejects(deploy('apply', { instances: 3 }), /number of zones/);
  });
});
