import { LogGroup } from '@pulumi/aws/cloudwatch/logGroup';
import { CodeSigningConfig, FunctionEventInvokeConfig, Function as LambdaFunction } from '@pulumi/aws/lambda';
import { Queue } from '@pulumi/aws/sqs';
import type { Input, Output, Resource } from '@pulumi/pulumi';
import type { Manifest } from '../../functions/manifest';
import { manifestStatements } from '../core/aws-grants';
import type { AwsHomes } from '../core/aws-homes';
import { type AwsComponentArgs, AwsParts, type PartPlace } from '../core/aws-parts';
import type { PolicyStatement } from '../core/aws-policy';
import { type AwsPermission, awsPermissionsOf } from '../core/aws-reach';
import { addRole } from '../core/aws-role';
import { lambdaStatements } from '../core/aws-runtime-grants';
import { traceStatements } from '../core/aws-service-grants';
import { awsName } from '../core/aws-target';
import { addWaitingAlarm } from '../core/aws-waiting-alarm';
import type { LakeComponent } from '../core/lake-component';
import type { Mebibytes } from '../core/units';
import { awsBindingOf } from './aws-binding';
import { addCallers } from './aws-callers';
import { type AwsCode, awsArchive } from './aws-code';
import { type AwsTrigger, addTrigger } from './aws-triggers';

/** Where a function's network interfaces stand. */
export interface AwsFunctionNetwork {
  /** One in each availability zone, two or more. */
  readonly subnetIds: readonly Input<string>[];
  /** The group that opens the way to each thing; only what the manifest uses is attached. */
  readonly groups: Readonly<Record<AwsPermission, Input<string>>>;
}

/** Keys that the function's surroundings are encrypted with. */
export interface AwsFunctionKeys {
  readonly environmentArn: Input<string>;
  readonly logArn: Input<string>;
  readonly queueArn: Input<string>;
}

export interface AwsFunctionArgs extends AwsComponentArgs {
  readonly manifest: Manifest;
  readonly homes: AwsHomes;
  readonly place: PartPlace;
  readonly network: AwsFunctionNetwork;
  readonly code: AwsCode;
  readonly trigger: AwsTrigger;
  readonly keys: AwsFunctionKeys;
  readonly memory: Mebibytes;
  /** Seconds, 900 at most. */
  readonly timeout: number;
  /** Instances at once, kept for it; nothing else of the account can take them, and it can take no more. */
  readonly concurrency: number;
  /** Days; one of CloudWatch's own figures. */
  readonly logRetentionDays: number;
  /** Of `/tmp`. @default 512 */
  readonly spool?: Mebibytes;
  /** ARNs of layers: native code that no bundle can hold. */
  readonly layers?: readonly Input<string>[];
  /** Variables besides the binding, as the host reads them (functions/hosts/host-environment.ts). */
  readonly environment?: Readonly<Record<string, Input<string>>>;
  /** What it may reach and do beside its manifest: for those that set a lake up, never for one that handles data. */
  readonly beyondManifest?: {
    readonly permissions: readonly AwsPermission[];
    readonly statements: readonly PolicyStatement[];
  };
  /** Is told when dead letters wait. */
  readonly alarmTopicArn?: Input<string>;
  /** What its code finds when it first runs; its role, log and queue are made meanwhile. */
  readonly after?: readonly Resource[];
}

export interface AwsFunction {
  readonly kind: 'aws';
  readonly lambda: LambdaFunction;
  readonly roleArn: Output<string>;
  readonly deadLetters: Queue;
  /** Name of its log. */
  readonly logGroup: Output<string>;
}

/** Security groups of a function (Lambda API Reference, "VpcConfig"). */
const mostGroups = 5;
/** Days that a dead letter waits for a person; SQS keeps nothing longer. */
const deadLetterSeconds = 14 * 24 * 3600;

/** A function on Lambda: a role of its own with the grants of its manifest, in the zones of the network, without any address. */
export function awsFunction(component: LakeComponent, name: string, args: AwsFunctionArgs): AwsFunction {
  const { target, manifest, homes, network, keys, beyondManifest } = args;
  if (network.subnetIds.length < 2)
    throw new RangeError(`${manifest.name}: subnets in two availability zones or more are allowed.`);
  const parts = new AwsParts(component, name, args, args.place);
  const functionName = awsName(target, manifest.name);
  const logGroup = `/aws/lambda/${functionName}`;
  const group = parts.add(LogGroup, 'logs', {
    name: logGroup,
    retentionInDays: args.logRetentionDays,
    kmsKeyId: keys.logArn,
  });
  const deadLetters = parts.add(Queue, 'dead-letters', {
    name: awsName(target, manifest.name, 'dead'),
    kmsMasterKeyId: keys.queueArn,
    messageRetentionSeconds: deadLetterSeconds,
  });
  const setAside = { queueArn: deadLetters.arn, keyArn: keys.queueArn };
  const {
    role,
    arn: roleArn,
    granted,
  } = addRole(parts, {
    name: manifest.name,
    service: 'lambda.amazonaws.com',
    statements: [
      ...manifestStatements(target, manifest, homes),
      ...(beyondManifest?.statements ?? []),
      ...lambdaStatements(target, {
        functionName,
        logGroup,
        environmentKeyArn: keys.environmentArn,
        deadLetters: setAside,
        ...(args.trigger.kind === 'queue' ? { source: args.trigger.queue } : {}),
      }),
      ...traceStatements(),
    ],
  });
  const permissions = new Set([...awsPermissionsOf(manifest, homes), ...(beyondManifest?.permissions ?? [])]);
  if (permissions.size > mostGroups)
    throw new RangeError(
      `${manifest.name}: it needs ${permissions.size} security groups, and Lambda takes ${mostGroups}. Join two ways in one group (components/core/aws-reach.ts).`,
    );
  const lambda = parts.add(
    LambdaFunction,
    'function',
    {
      name: functionName,
      role: role.arn,
      runtime: 'nodejs24.x',
      architectures: ['x86_64'],
      handler: 'index.handler',
      ...codeOf(parts, args.code),
      memorySize: args.memory,
      timeout: args.timeout,
      reservedConcurrentExecutions: args.concurrency,
      ephemeralStorage: { size: args.spool ?? 512 },
      ...(args.layers === undefined ? {} : { layers: [...args.layers] }),
      kmsKeyArn: keys.environmentArn,
      environment: {
        variables: {
          LAKE_FUNCTION: manifest.name,
          LAKE_BINDING: awsBindingOf(target, manifest, homes),
          ...args.environment,
        },
      },
      vpcConfig: {
        subnetIds: [...network.subnetIds],
        securityGroupIds: [...permissions].map((permission) => network.groups[permission]),
      },
      deadLetterConfig: { targetArn: deadLetters.arn },
      tracingConfig: { mode: 'Active' },
      loggingConfig: { logFormat: 'JSON', logGroup: group.name, applicationLogLevel: 'INFO', systemLogLevel: 'INFO' },
    },
    // Lambda refuses a function whose role cannot make its interfaces yet.
    { dependsOn: [...granted, ...(args.after ?? [])] },
  );
  parts.add(FunctionEventInvokeConfig, 'asynchronous', {
    functionName: lambda.name,
    maximumRetryAttempts: 2,
    // Seconds, as long as there is: beats wait behind work that takes hours, and one that expires is a dead letter and an alarm.
    maximumEventAgeInSeconds: 21_600,
  });
  if (args.trigger.kind === 'requests') addCallers(parts, lambda, manifest, args.trigger.callers);
  addTrigger(parts, manifest.name, lambda, args.trigger, { deadLetters: setAside, keyArn: keys.environmentArn });
  addWaitingAlarm(parts, 'dead-letters-alarm', {
    name: awsName(target, manifest.name, 'dead-letters'),
    description: `Events that ${manifest.name} could not handle wait for a person.`,
    queue: deadLetters,
    topicArn: args.alarmTopicArn,
  });
  parts.complete();
  return { kind: 'aws', lambda, roleArn, deadLetters, logGroup: group.name };
}

function codeOf(parts: AwsParts, code: AwsCode) {
  if (code.kind === 'folder') return { code: awsArchive(code) };
  const signing = parts.add(CodeSigningConfig, 'signing', {
    allowedPublishers: { signingProfileVersionArns: [...code.profileVersionArns] },
    policies: { untrustedArtifactOnDeployment: 'Enforce' },
  });
  return {
    s3Bucket: code.bucket,
    s3Key: code.key,
    s3ObjectVersion: code.objectVersion,
    codeSigningConfigArn: signing.arn,
  };
}
