import { EventRule, EventTarget } from '@pulumi/aws/cloudwatch';
import { LogGroup } from '@pulumi/aws/cloudwatch/logGroup';
import { Application } from '@pulumi/aws/emrserverless';
import { Schedule } from '@pulumi/aws/scheduler';
import { StateMachine } from '@pulumi/aws/sfn';
import { Queue } from '@pulumi/aws/sqs';
import { all, type Input, interpolate, jsonStringify, type Output, output } from '@pulumi/pulumi';
import { jobSettings, sparkManifest, stagingPrefix } from '../../functions/spark/manifest';
import { manifestStoreStatements } from '../core/aws-grants';
import type { AwsStoreHome, AwsTopicHome } from '../core/aws-homes';
import { type AwsComponentArgs, AwsParts } from '../core/aws-parts';
import { addRole } from '../core/aws-role';
import {
  keptStatements,
  type LookedUpTables,
  openScheduleStatements,
  runJobsStatements,
  setAsideStatements,
  sparkStatements,
  startRunStatements,
} from '../core/aws-service-grants';
import { awsName, awsRoleArn } from '../core/aws-target';
import { addWaitingAlarm } from '../core/aws-waiting-alarm';
import type { LakeComponent } from '../core/lake-component';
import { jobStates, type SparkJob } from './job-states';

/** Processors, memory and disk of all jobs together: what a runaway job can cost at most. */
export interface AwsCapacity {
  readonly processors: number;
  readonly memoryGigabytes: number;
  readonly diskGigabytes: number;
}

export interface AwsCurationArgs extends AwsComponentArgs {
  readonly jobs: readonly SparkJob[];
  /** When they begin: `cron(30 1 * * ? *)`, UTC. */
  readonly schedule: string;
  readonly stores: Readonly<Record<'curated' | 'marts', AwsStoreHome>>;
  /** Where scripts and the jars of Pathling lie; nothing comes from a package registry. */
  readonly artefacts: AwsStoreHome;
  /** Object keys of jars that every job has, Pathling's among them. */
  readonly jars: readonly string[];
  /** Databases of the catalogue that jobs may look up. */
  readonly tables: LookedUpTables;
  readonly subnetIds: readonly Input<string>[];
  readonly securityGroupIds: readonly Input<string>[];
  readonly capacity: AwsCapacity;
  /** The key of what EMR and Step Functions keep. */
  readonly keyArn: Input<string>;
  readonly logKeyArn: Input<string>;
  readonly logRetentionDays: number;
  readonly failures: AwsTopicHome;
}

export interface AwsCuration {
  readonly kind: 'aws';
  readonly application: Application;
  readonly stateMachine: StateMachine;
  /** What jobs run as. */
  readonly jobRoleArn: Output<string>;
}

/** Name of the role that jobs run as; buckets and keys know it by the manifest. */
const awsSparkRole = sparkManifest.name;
/** Spark 3.5; the newest that Pathling's jars are made for (EMR Serverless, "Release versions"). */
const release = 'emr-7.11.0';
/** Delta as this release brings it, which no job has by itself (EMR Serverless, "Using Delta Lake"). */
const deltaJars = ['delta-spark', 'delta-storage'].map((name) => `/usr/share/aws/delta/lib/${name}.jar`);

/**
 * The large runs: Spark with Pathling on EMR Serverless in the lake's network, begun by a schedule, in the order of what depends on
 * what. Small ones, as messages land, are the curate function's.
 */
export function awsCuration(component: LakeComponent, name: string, args: AwsCurationArgs): AwsCuration {
  const { target, capacity, keyArn, failures, artefacts, stores } = args;
  const parts = new AwsParts(component, name, args, { zone: 'curated', classification: 'pseudonymised' });
  const application = parts.add(Application, 'application', {
    name: awsName(target, 'curation'),
    type: 'spark',
    releaseLabel: release,
    architecture: 'X86_64',
    maximumCapacity: {
      cpu: `${capacity.processors} vCPU`,
      memory: `${capacity.memoryGigabytes} GB`,
      disk: `${capacity.diskGigabytes} GB`,
    },
    autoStartConfiguration: { enabled: true },
    autoStopConfiguration: { enabled: true, idleTimeoutMinutes: 5 },
    networkConfiguration: { subnetIds: [...args.subnetIds], securityGroupIds: [...args.securityGroupIds] },
    // Nobody talks to a job while it runs.
    interactiveConfiguration: { livyEndpointEnabled: false, studioEnabled: false },
    monitoringConfiguration: {
      managedPersistenceMonitoringConfiguration: { enabled: true, encryptionKeyArn: keyArn },
    },
    runtimeConfigurations: [
      {
        classification: 'spark-defaults',
        properties: {
          'spark.jars': [...deltaJars, ...args.jars.map((key) => `s3://${artefacts.bucket}/${key}`)].join(','),
          'spark.hadoop.hive.metastore.client.factory.class':
            'com.amazonaws.glue.catalog.metastore.AWSGlueDataCatalogHiveClientFactory',
          'spark.sql.extensions': 'io.delta.sql.DeltaSparkSessionExtension',
          'spark.sql.catalog.spark_catalog': 'org.apache.spark.sql.delta.catalog.DeltaCatalog',
          ...jobSettings,
          // As on Kubernetes, so that a script does not know where it runs (EMR Serverless User Guide, "Spark jobs").
          'spark.emr-serverless.driverEnv.LAKE_CURATED': `s3://${stores.curated.bucket}`,
          'spark.emr-serverless.driverEnv.LAKE_STAGING': `s3://${stores.marts.bucket}/${stagingPrefix.slice(0, -1)}`,
        },
      },
    ],
  });
  const spark = addRole(parts, {
    name: awsSparkRole,
    service: 'emr-serverless.amazonaws.com',
    statements: [
      ...manifestStoreStatements(target, sparkManifest, stores),
      ...sparkStatements(target, artefacts, args.tables),
      ...keptStatements(target, keyArn, ['emr-serverless']),
    ],
  });
  const stateMachine = addStateMachine(parts, args, application, spark.arn);
  addSchedule(parts, args, stateMachine);
  addFailureRule(parts, application, stateMachine, failures);
  parts.complete();
  return { kind: 'aws', application, stateMachine, jobRoleArn: spark.arn };
}

function addStateMachine(
  parts: AwsParts,
  { target, jobs, artefacts, keyArn, logKeyArn, logRetentionDays, failures }: AwsCurationArgs,
  application: Application,
  jobRoleArn: Input<string>,
): StateMachine {
  const log = parts.add(LogGroup, 'runs-log', {
    name: `/aws/vendedlogs/states/${awsName(target, 'curation')}`,
    retentionInDays: logRetentionDays,
    kmsKeyId: logKeyArn,
  });
  const { role, granted } = addRole(parts, {
    name: 'curation-runs',
    service: 'states.amazonaws.com',
    statements: [
      ...runJobsStatements(target, {
        application: application.arn,
        jobRole: awsRoleArn(target, awsSparkRole),
        failureTopic: failures.topicArn,
        topicKey: failures.keyArn,
      }),
      ...keptStatements(target, keyArn, ['states', 'emr-serverless']),
    ],
  });
  const definition = all([application.id, output(jobRoleArn), output(keyArn), output(failures.topicArn)]).apply(
    ([applicationId, job, logKey, failureTopicArn]) =>
      JSON.stringify(
        jobStates(jobs, {
          applicationId,
          jobRoleArn: job,
          artefactsBucket: artefacts.bucket,
          logKeyArn: logKey,
          failureTopicArn,
        }),
      ),
  );
  return parts.add(
    StateMachine,
    'runs',
    {
      name: awsName(target, 'curation'),
      roleArn: role.arn,
      definition,
      // What goes in and out of a state is left out of the log.
      loggingConfiguration: { level: 'ALL', includeExecutionData: false, logDestination: interpolate`${log.arn}:*` },
      encryptionConfiguration: {
        type: 'CUSTOMER_MANAGED_KMS_KEY',
        kmsKeyId: keyArn,
        kmsDataKeyReusePeriodSeconds: 300,
      },
      tracingConfiguration: { enabled: true },
    },
    { dependsOn: [...granted] },
  );
}

function addSchedule(
  parts: AwsParts,
  { target, schedule, failures, keyArn }: AwsCurationArgs,
  stateMachine: StateMachine,
): void {
  const notBegun = parts.add(Queue, 'not-begun', {
    name: awsName(target, 'curation-not-begun'),
    kmsMasterKeyId: failures.keyArn,
    messageRetentionSeconds: 14 * 24 * 3600,
  });
  const { role, granted } = addRole(parts, {
    name: 'curation-schedule',
    service: 'scheduler.amazonaws.com',
    statements: [
      ...startRunStatements(stateMachine.arn),
      ...setAsideStatements(target, notBegun.arn, failures.keyArn),
      ...openScheduleStatements(target, keyArn),
    ],
  });
  parts.add(
    Schedule,
    'schedule',
    {
      name: awsName(target, 'curation'),
      scheduleExpression: schedule,
      scheduleExpressionTimezone: 'UTC',
      flexibleTimeWindow: { mode: 'OFF' },
      kmsKeyArn: keyArn,
      target: {
        arn: stateMachine.arn,
        roleArn: role.arn,
        input: '{}',
        retryPolicy: { maximumRetryAttempts: 3, maximumEventAgeInSeconds: 3600 },
        deadLetterConfig: { arn: notBegun.arn },
      },
    },
    { dependsOn: [...granted] },
  );
  addWaitingAlarm(parts, 'not-begun-alarm', {
    name: awsName(target, 'curation-not-begun'),
    description: 'A run of the lake could not be begun.',
    queue: notBegun,
    topicArn: failures.topicArn,
  });
}

/**
 * What the machine may not be able to tell itself: a run that was ended from outside, took too long or failed where nothing of it is
 * caught (`States.Runtime`), and a job begun by hand.
 */
function addFailureRule(
  parts: AwsParts,
  application: Application,
  stateMachine: StateMachine,
  { topicArn }: AwsTopicHome,
): void {
  const rule = (role: string, description: string, eventPattern: Input<string>): void => {
    const made = parts.add(EventRule, role, { name: awsName(parts.target, role), description, eventPattern });
    parts.add(EventTarget, `${role}-target`, { rule: made.name, arn: topicArn });
  };
  rule(
    'run-ended',
    'A run of the lake failed, was ended or took too long.',
    jsonStringify({
      source: ['aws.states'],
      'detail-type': ['Step Functions Execution Status Change'],
      detail: { status: ['ABORTED', 'FAILED', 'TIMED_OUT'], stateMachineArn: [stateMachine.arn] },
    }),
  );
  rule(
    'job-failed',
    'A Spark job of the lake failed.',
    jsonStringify({
      source: ['aws.emr-serverless'],
      'detail-type': ['EMR Serverless Job Run State Change'],
      detail: { state: ['FAILED'], applicationId: [application.id] },
    }),
  );
}
