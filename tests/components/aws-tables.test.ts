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
  keyArn,
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
        EventRule: 1,
        EventTarget: 1,
        Permissions: 2,
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
      assert.deepEqual(schemaChangePolicy, { updateBehavior: 'LOG', deleteBehavior: 'LOG' });
      assert.equal(schedule, 'cron(15 2 * * ? *)');
      const reads = statementsOf(recorded, 'catalogue-crawler-policy').filter(
        ({ Action }) => Action === 's3:GetObject',
      );
      assert.deepEqual(
        reads.map(({ Resource }) => Resource),
        ['arn:aws:s3:::others/fhir/*'],
      );
    });

    it('is encrypted, and tells of every change of a schema', () => {
      const { dataCatalogEncryptionSettings: settings } = only(recorded, 'catalogue-encryption').inputs as {
        readonly dataCatalogEncryptionSettings: { readonly encryptionAtRest: object };
      };
      assert.deepEqual(settings.encryptionAtRest, { catalogEncryptionMode: 'SSE-KMS', sseAwsKmsKeyId: keyArn });
      assert.equal(only(recorded, 'catalogue-schema-change-target').inputs.arn, topicArn);
      if (mode === 'apply')
        assert.match(String(only(recorded, 'catalogue-schema-change').inputs.eventPattern), /"lake_test_curated"/);
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
        ...['curation-runs', 'curation-schedule', 'spark'].map((role) => `Policy curation-${role}-policy`),
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

    it('keeps what runs hold out of the log, under its own key', () => {
      const { loggingConfiguration, encryptionConfiguration } = only(recorded, 'curation-runs').inputs as {
        readonly loggingConfiguration: { readonly includeExecutionData: boolean };
        readonly encryptionConfiguration: { readonly kmsKeyId: string };
      };
      assert.equal(loggingConfiguration.includeExecutionData, false);
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
