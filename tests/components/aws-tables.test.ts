import assert from 'node:assert/strict';
import { type AwsCatalogueArgs, awsCatalogue } from '../../components/catalogue/aws';
import type { AwsTarget } from '../../components/core/aws-target';
import { type AwsCurationArgs, awsCuration } from '../../components/curation/aws';
import { kindOf, modes, only, type Recorded } from '../support/pulumi-mocks';
import { homesOf, policyOf, undefinedTexts } from './aws-account';
import { kindsOf, recordBuilder } from './aws-probe';

const keyArn = 'arn:aws:kms:eu-west-2:123456789012:key/catalogue';
const topicArn = 'arn:aws:sns:eu-west-2:123456789012:lake-test-changes';
const columns = [
  { name: 'id', type: 'string' },
  { name: 'version', type: 'bigint' },
  { name: 'resource', type: 'string' },
];
const foreignStore = { bucket: 'others', keyArn: 'arn:aws:kms:eu-west-2:123456789012:key/others' };

const catalogueArgs = (target: AwsTarget): AwsCatalogueArgs => ({
  target,
  stores: homesOf(target).stores,
  tables: [
    { zone: 'curated', name: 'patient', columns },
    { zone: 'marts', name: 'frailty', columns },
  ],
  grants: [
    { principal: 'arn:aws:iam::123456789012:role/analyst', zone: 'curated', table: 'patient', excluded: ['resource'] },
    {
      principal: 'arn:aws:iam::123456789012:role/analyst',
      zone: 'marts',
      table: 'frailty',
      columns: ['id', 'version'],
    },
  ],
  users: [{ name: 'marts', roleArn: 'arn:aws:iam::123456789012:role/marts', publishes: true }],
  readers: [
    { name: 'warehouse', roleArn: 'arn:aws:iam::123456789012:role/warehouse', zones: ['marts'], reads: true },
    { name: 'spark', roleArn: 'arn:aws:iam::123456789012:role/spark', zones: ['curated', 'marts'], reads: false },
  ],
  keyArn,
  logKeyArn: 'arn:aws:kms:eu-west-2:123456789012:key/logs',
  changeTopicArn: topicArn,
  foreign: {
    store: foreignStore,
    prefix: 'fhir/',
    schedule: 'cron(15 2 * * ? *)',
    subnetId: 'subnet-a',
    availabilityZone: 'eu-west-2a',
    securityGroupIds: ['sg-object-store'],
  },
});

const statementsOf = (recorded: readonly Recorded[], name: string) =>
  policyOf(only(recorded, name).inputs.policy).Statement;

for (const mode of modes) {
  describe(`The catalogue on AWS, ${mode}`, () => {
    let recorded: readonly Recorded[];
    before(async () => {
      recorded = await recordBuilder(
        mode,
        (component, target) => void awsCatalogue(component, 'catalogue', catalogueArgs(target)),
      );
    });

    it('is made of these parts', () => {
      const counted = new Map<string, number>();
      for (const one of kindsOf(recorded)) counted.set(one.split(' ')[0]!, (counted.get(one.split(' ')[0]!) ?? 0) + 1);
      assert.deepEqual(Object.fromEntries(counted), {
        CatalogDatabase: 3,
        CatalogTable: 2,
        Classifier: 1,
        Connection: 1,
        Crawler: 1,
        DataCatalogEncryptionSettings: 1,
        DataLakeSettings: 1,
        EventRule: 2,
        EventTarget: 2,
        // Two grants of columns, six of a function, six of engines, one of the crawler.
        Permissions: 15,
        Policy: 2,
        Resource: 2,
        Role: 2,
        RolePolicyAttachment: 2,
        SecurityConfiguration: 1,
      });
      assert.deepEqual(undefinedTexts(recorded), []);
    });

    it('opens nothing to whoever IAM lets in, and columns to those who are named', () => {
      const { createDatabaseDefaultPermissions, createTableDefaultPermissions } = only(
        recorded,
        'catalogue-settings',
      ).inputs;
      assert.deepEqual([createDatabaseDefaultPermissions, createTableDefaultPermissions], [[], []]);
      for (const one of recorded.filter((part) => kindOf(part) === 'CatalogDatabase'))
        assert.deepEqual(one.inputs.createTableDefaultPermissions, [], one.name);
      const granted = (name: string) =>
        only(recorded, name).inputs.tableWithColumns as Readonly<Record<string, unknown>>;
      assert.deepEqual(granted('catalogue-grant-curated-patient-1').excludedColumnNames, ['resource']);
      assert.deepEqual(granted('catalogue-grant-marts-frailty-2').columnNames, ['id', 'version']);
      assert.equal(granted('catalogue-grant-marts-frailty-2').wildcard, undefined);
    });

    it('knows the tables of the lake from its schemas, and crawls only what is not its own', () => {
      const { parameters, storageDescriptor } = only(recorded, 'catalogue-curated-patient').inputs as {
        readonly parameters: Readonly<Record<string, string>>;
        readonly storageDescriptor: { readonly location: string; readonly columns: readonly object[] };
      };
      assert.equal(parameters['spark.sql.sources.provider'], 'delta');
      assert.match(storageDescriptor.location, /^s3:\/\/lake-test-curated-[^/]+\/patient\/$/);
      assert.deepEqual(storageDescriptor.columns, columns);
      const { s3Targets, schemaChangePolicy, schedule } = only(recorded, 'catalogue-foreign-crawler').inputs as {
        readonly s3Targets: readonly { readonly path: string }[];
        readonly schemaChangePolicy: object;
        readonly schedule: string;
      };
      assert.deepEqual(
        s3Targets.map(({ path }) => path),
        ['s3://others/fhir/'],
      );
      assert.deepEqual(schemaChangePolicy, { updateBehavior: 'UPDATE_IN_DATABASE', deleteBehavior: 'LOG' });
      assert.equal(schedule, 'cron(15 2 * * ? *)');
      const reads = statementsOf(recorded, 'catalogue-crawler-policy').filter(
        ({ Action }) => Action === 's3:GetObject',
      );
      assert.deepEqual(
        reads.map(({ Resource }) => Resource),
        ['arn:aws:s3:::others/fhir/*'],
      );
    });

    it('lets the crawler make tables, stand in the network and write its log, which Glue encrypts with the key of logs', () => {
      const { permissions, database } = only(recorded, 'catalogue-foreign-tables').inputs;
      assert.deepEqual(permissions, ['CREATE_TABLE', 'DESCRIBE']);
      if (mode === 'apply') assert.deepEqual(database, { name: 'lake_test_foreign' });
      const statements = statementsOf(recorded, 'catalogue-crawler-policy');
      const calls = statements.flatMap(({ Action }) => Action);
      for (const call of [
        'CreateNetworkInterface',
        'DescribeVpcEndpoints',
        'DescribeSubnets',
        'DescribeSecurityGroups',
      ])
        assert.ok(calls.includes(`ec2:${call}`), call);
      for (const call of ['CreateLogGroup', 'AssociateKmsKey']) assert.ok(calls.includes(`logs:${call}`), call);
      const tags = statements.find(({ Action }) => [Action].flat().includes('ec2:CreateTags'));
      assert.deepEqual(tags?.Condition?.['ForAllValues:StringEquals'], {
        'aws:TagKeys': ['aws-glue-service-resource'],
      });
      const { encryptionConfiguration } = only(recorded, 'catalogue-foreign-security').inputs as {
        readonly encryptionConfiguration: Readonly<Record<string, Readonly<Record<string, string>>>>;
      };
      assert.match(String(encryptionConfiguration.cloudwatchEncryption?.kmsKeyArn), /key\/logs$/);
    });

    it('has Lake Formation let engines to the tables of their zones, and lend data to whom it says alone', () => {
      const grants = (name: string) => only(recorded, `catalogue-${name}`).inputs;
      assert.deepEqual(grants('warehouse-marts-tables').permissions, ['DESCRIBE', 'SELECT']);
      for (const zone of ['curated', 'marts']) {
        assert.deepEqual(grants(`spark-${zone}-tables`).permissions, ['DESCRIBE']);
        assert.deepEqual(grants(`spark-${zone}-database`).permissions, ['DESCRIBE']);
      }
      assert.ok(!recorded.some(({ name }) => name.startsWith('catalogue-warehouse-curated')));
    });

    it('grants only when whoever deploys is an administrator of Lake Formation, by name', () => {
      const { urn, inputs } = only(recorded, 'catalogue-settings');
      assert.deepEqual(inputs.admins, ['arn:aws:iam::123456789012:role/lake-deploy']);
      // Tables and columns are of a database that waits for the settings, places are not.
      for (const one of [
        'curated-database',
        'marts-database',
        'foreign-database',
        'marts-curated-place',
        'marts-marts-place',
      ])
        assert.ok(only(recorded, `catalogue-${one}`).after?.includes(urn), one);
      assert.ok(
        only(recorded, 'catalogue-foreign-crawler').after?.includes(only(recorded, 'catalogue-foreign-tables').urn),
      );
    });

    it('is encrypted, and tells of every change of a schema', () => {
      const { dataCatalogEncryptionSettings: settings } = only(recorded, 'catalogue-encryption').inputs as {
        readonly dataCatalogEncryptionSettings: {
          readonly encryptionAtRest: object;
          readonly connectionPasswordEncryption: object;
        };
      };
      assert.deepEqual(settings.connectionPasswordEncryption, {
        returnConnectionPasswordEncrypted: true,
        awsKmsKeyId: keyArn,
      });
      // Beside Lake Formation IAM lets nobody in.
      for (const zone of ['curated', 'marts'])
        assert.equal(only(recorded, `catalogue-${zone}-place`).inputs.hybridAccessEnabled, false);
      assert.deepEqual(settings.encryptionAtRest, { catalogEncryptionMode: 'SSE-KMS', sseAwsKmsKeyId: keyArn });
      assert.equal(only(recorded, 'catalogue-schema-change-target').inputs.arn, topicArn);
      assert.equal(only(recorded, 'catalogue-crawl-failed-target').inputs.arn, topicArn);
      if (mode === 'preview') return;
      const pattern = String(only(recorded, 'catalogue-schema-change').inputs.eventPattern);
      // Tables of others as well: a change there is news above all.
      for (const database of ['curated', 'marts', 'foreign'])
        assert.ok(pattern.includes(`"lake_test_${database}"`), database);
      assert.match(pattern, /"Glue Data Catalog Table State Change"/);
      const failed = JSON.parse(String(only(recorded, 'catalogue-crawl-failed').inputs.eventPattern)) as object;
      assert.deepEqual(failed, {
        source: ['aws.glue'],
        'detail-type': ['Glue Crawler State Change'],
        detail: { crawlerName: ['lake-test-foreign'], state: ['Failed'] },
      });
    });
  });

  describe(`Curation on AWS, ${mode}`, () => {
    let recorded: readonly Recorded[];
    before(async () => {
      recorded = await recordBuilder(
        mode,
        (component, target) => void awsCuration(component, 'curation', curationArgs(target)),
      );
    });

    it('is made of these parts', () => {
      assert.deepEqual(kindsOf(recorded), [
        'Application curation-application',
        'EventRule curation-job-failed',
        'EventRule curation-run-ended',
        'EventTarget curation-job-failed-target',
        'EventTarget curation-run-ended-target',
        'LogGroup curation-runs-log',
        'MetricAlarm curation-not-begun-alarm',
        ...['curation-runs', 'curation-schedule', 'spark'].map((role) => `Policy curation-${role}-policy`),
        'Queue curation-not-begun',
        ...['curation-runs', 'curation-schedule', 'spark'].map((role) => `Role curation-${role}-role`),
        ...['curation-runs', 'curation-schedule', 'spark'].map(
          (role) => `RolePolicyAttachment curation-${role}-grants`,
        ),
        'Schedule curation-schedule',
        'StateMachine curation-runs',
      ]);
      assert.deepEqual(undefinedTexts(recorded), []);
    });

    it('cannot cost more than the stack says, stands in the lake’s network, and nobody talks to a job', () => {
      const { inputs } = only(recorded, 'curation-application');
      assert.deepEqual(inputs.maximumCapacity, { cpu: '64 vCPU', memory: '256 GB', disk: '1000 GB' });
      assert.deepEqual(inputs.autoStopConfiguration, { enabled: true, idleTimeoutMinutes: 5 });
      assert.deepEqual(inputs.networkConfiguration, {
        subnetIds: ['subnet-a', 'subnet-b'],
        securityGroupIds: ['sg-spark'],
      });
      assert.deepEqual(inputs.interactiveConfiguration, { livyEndpointEnabled: false, studioEnabled: false });
    });

    it('begins every night, and tells of a run that could not begin, failed or was ended', () => {
      const {
        scheduleExpression,
        scheduleExpressionTimezone,
        target: begun,
      } = only(recorded, 'curation-schedule').inputs;
      assert.deepEqual([scheduleExpression, scheduleExpressionTimezone], ['cron(30 1 * * ? *)', 'UTC']);
      const alarm = only(recorded, 'curation-not-begun-alarm').inputs;
      assert.deepEqual([alarm.namespace, alarm.metricName], ['AWS/SQS', 'ApproximateNumberOfMessagesVisible']);
      assert.deepEqual([alarm.treatMissingData, alarm.alarmActions], ['notBreaching', [topicArn]]);
      for (const rule of ['run-ended', 'job-failed'])
        assert.equal(only(recorded, `curation-${rule}-target`).inputs.arn, topicArn, rule);
      // Scheduler opens the schedule's input as this role; where it may not, no run is begun.
      const { kmsKeyArn } = only(recorded, 'curation-schedule').inputs;
      assert.equal(kmsKeyArn, keyArn);
      if (mode === 'preview') return;
      const opens = statementsOf(recorded, 'curation-curation-schedule-policy').find(
        ({ Action, Resource }) => Action === 'kms:Decrypt' && Resource === kmsKeyArn,
      );
      assert.deepEqual(opens?.Condition, {
        StringLike: {
          'kms:EncryptionContext:aws:scheduler:schedule:arn': 'arn:aws:scheduler:eu-west-2:123456789012:schedule/*',
        },
      });
      const { deadLetterConfig, arn, retryPolicy } = begun as Readonly<
        Record<string, Readonly<Record<string, unknown>>>
      >;
      const notBegun = only(recorded, 'curation-not-begun');
      assert.equal(arn, only(recorded, 'curation-runs').outputs.arn);
      assert.equal(deadLetterConfig?.arn, notBegun.outputs.arn);
      assert.equal(retryPolicy?.maximumRetryAttempts, 3);
      assert.deepEqual(alarm.dimensions, { QueueName: notBegun.inputs.name });
      const detailOf = (rule: string) =>
        (JSON.parse(String(only(recorded, `curation-${rule}`).inputs.eventPattern)) as { readonly detail: object })
          .detail;
      assert.deepEqual(detailOf('run-ended'), { status: ['ABORTED', 'FAILED', 'TIMED_OUT'], stateMachineArn: [arn] });
      assert.deepEqual(detailOf('job-failed'), {
        state: ['FAILED'],
        applicationId: [only(recorded, 'curation-application').id],
      });
    });

    it('runs Spark 3.5 with the Delta of the release and the jars of the site', () => {
      const { releaseLabel, runtimeConfigurations } = only(recorded, 'curation-application').inputs as {
        readonly releaseLabel: string;
        readonly runtimeConfigurations: readonly { readonly properties: Readonly<Record<string, string>> }[];
      };
      assert.match(releaseLabel, /^emr-7\./);
      assert.deepEqual(runtimeConfigurations[0]?.properties['spark.jars']?.split(','), [
        '/usr/share/aws/delta/lib/delta-spark.jar',
        '/usr/share/aws/delta/lib/delta-storage.jar',
        's3://artefacts/jars/pathling.jar',
      ]);
    });

    it('lets machine and jobs use the key of what they leave behind, by way of their services alone', () => {
      if (mode === 'preview') return;
      for (const [role, services] of [
        ['curation-runs', ['states', 'emr-serverless']],
        ['spark', ['emr-serverless']],
      ] as const) {
        const uses = statementsOf(recorded, `curation-${role}-policy`).filter(({ Resource }) => Resource === keyArn);
        const kept = uses.find(({ Action }) => [Action].flat().includes('kms:GenerateDataKey'));
        assert.deepEqual(
          [kept?.Condition?.StringEquals?.['kms:ViaService']].flat(),
          services.map((service) => `${service}.eu-west-2.amazonaws.com`),
          role,
        );
      }
    });

    it('keeps what runs hold out of the log, under its own key', () => {
      const { loggingConfiguration, encryptionConfiguration } = only(recorded, 'curation-runs').inputs as {
        readonly loggingConfiguration: { readonly includeExecutionData: boolean; readonly level: string };
        readonly encryptionConfiguration: { readonly kmsKeyId: string };
      };
      assert.equal(loggingConfiguration.includeExecutionData, false);
      assert.equal(loggingConfiguration.level, 'ALL');
      assert.deepEqual(only(recorded, 'curation-application').inputs.monitoringConfiguration, {
        managedPersistenceMonitoringConfiguration: { enabled: true, encryptionKeyArn: keyArn },
      });
      assert.equal(encryptionConfiguration.kmsKeyId, keyArn);
    });

    it('lets a job read curated tables and do in staging what it does on Kubernetes, and touch neither identity nor landing', () => {
      const statements = statementsOf(recorded, 'curation-spark-policy');
      const marts = statements.filter(({ Resource }) => JSON.stringify(Resource).includes(':lake-test-marts-'));
      assert.deepEqual(
        marts.map(({ Action, Resource, Condition }) => [Action, String(Resource).replace(/^.*-an/, ''), Condition]),
        [
          [['s3:AbortMultipartUpload', 's3:DeleteObject', 's3:GetObject', 's3:PutObject'], '/staging/*', undefined],
          [['s3:ListBucket'], '', { StringLike: { 's3:prefix': 'staging/*' } }],
        ],
      );
      assert.ok(!JSON.stringify(statements).match(/identity|landing/));
    });

    it('hands the role of jobs to EMR alone', () => {
      if (mode === 'preview') return;
      const passes = statementsOf(recorded, 'curation-curation-runs-policy').filter(
        ({ Action }) => Action === 'iam:PassRole',
      );
      assert.equal(passes[0]?.Resource, 'arn:aws:iam::123456789012:role/lake-test-spark');
      assert.deepEqual(passes[0]?.Condition, {
        StringEquals: { 'iam:PassedToService': 'emr-serverless.amazonaws.com' },
      });
      const { definition } = only(recorded, 'curation-runs').inputs;
      assert.ok(String(definition).includes('"ExecutionRoleArn":"arn:aws:iam::123456789012:role/lake-test-spark"'));
    });
  });
}

const curationArgs = (target: AwsTarget): AwsCurationArgs => ({
  target,
  jobs: [
    { name: 'marts', script: 'spark/marts.py' },
    { name: 'report', script: 'spark/report.py', dependsOn: ['marts'] },
  ],
  schedule: 'cron(30 1 * * ? *)',
  stores: homesOf(target).stores,
  artefacts: { bucket: 'artefacts', keyArn: 'arn:aws:kms:eu-west-2:123456789012:key/artefacts' },
  jars: ['jars/pathling.jar'],
  tables: { databases: ['lake_test_curated', 'lake_test_marts'], keyArn },
  subnetIds: ['subnet-a', 'subnet-b'],
  securityGroupIds: ['sg-spark'],
  capacity: { processors: 64, memoryGigabytes: 256, diskGigabytes: 1000 },
  keyArn,
  logKeyArn: 'arn:aws:kms:eu-west-2:123456789012:key/logs',
  logRetentionDays: 365,
  failures: { topicArn, keyArn: 'arn:aws:kms:eu-west-2:123456789012:key/events' },
});
