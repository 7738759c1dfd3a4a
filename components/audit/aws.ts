import { Trail } from '@pulumi/aws/cloudtrail';
import { LogGroup } from '@pulumi/aws/cloudwatch';
import type { Bucket } from '@pulumi/aws/s3';
import { Topic, TopicPolicy, TopicSubscription } from '@pulumi/aws/sns';
import { type Input, interpolate, type Output } from '@pulumi/pulumi';
import { type AwsComponentArgs, AwsParts } from '../core/aws-parts';
import { allow, policyText } from '../core/aws-policy';
import { addRole } from '../core/aws-role';
import { awsArn, awsName } from '../core/aws-target';
import type { LakeComponent } from '../core/lake-component';
import {
  addConfigurationBucket,
  addEvidenceBucket,
  configurationBucketName,
  evidenceBucketName,
  trailName,
} from './aws-evidence';
import { addFindings, addRecorder } from './aws-findings';

export interface AwsAuditArgs extends AwsComponentArgs {
  /** Names of the buckets whose every read and write is written down. */
  readonly buckets: readonly string[];
  /** Of the locked bucket. */
  readonly evidenceKeyArn: Input<string>;
  /** Of the topic of alarms. */
  readonly eventsKeyArn: Input<string>;
  readonly logKeyArn: Input<string>;
  /** Days; one of CloudWatch's own figures. */
  readonly logRetentionDays: number;
  /** Ways to S3 of the lake's networks, by which evidence is read. */
  readonly endpoints: readonly [Input<string>, ...Input<string>[]];
  /** Days for which nobody can delete evidence. @default 3653, ten years */
  readonly evidenceDays?: number;
  /** Mail addresses of those who are told; each confirms once. @default none */
  readonly notify?: readonly string[];
  /** Whether the account's recorder is this stack's; there is one in an account and region. @default own */
  readonly recorder?: 'own' | 'existing';
  /** The same for Security Hub, GuardDuty, Access Analyzer and Macie. @default own */
  readonly findings?: 'own' | 'existing';
}

export interface AwsAudit {
  readonly kind: 'aws';
  readonly trail: Trail;
  readonly evidence: Bucket;
}

export interface AwsAuditResult {
  readonly native: AwsAudit;
  readonly evidenceBucketArn: Output<string>;
  /** Where alarms go. */
  readonly topicArn: Output<string>;
  /** The group that alarms look at: what the trail writes, a few minutes late. */
  readonly trailLog: Output<string>;
}

/**
 * What happened in the account, where nobody can undo it: a trail with every touch of the lake's data, the configuration and
 * its changes, findings of the services that look for what is wrong, and a topic that tells people.
 */
export function awsAudit(component: LakeComponent, name: string, args: AwsAuditArgs): AwsAuditResult {
  const { target, buckets, evidenceKeyArn, logKeyArn, logRetentionDays, evidenceDays = 3653 } = args;
  const parts = new AwsParts(component, name, args, { zone: 'evidence', classification: 'audit' });
  const kept = { keyArn: evidenceKeyArn, days: evidenceDays, endpoints: args.endpoints };
  const { bucket: evidence, policy: letIn } = addEvidenceBucket(parts, kept);
  const recorded = args.recorder !== 'existing';
  const own = [evidenceBucketName(target), ...(recorded ? [configurationBucketName(target)] : [])];
  const topicArn = addTopic(parts, args);
  const log = parts.keep(LogGroup, 'trail-logs', {
    name: `/lake/${trailName(target)}`,
    kmsKeyId: logKeyArn,
    retentionInDays: logRetentionDays,
  });
  const writer = addRole(parts, {
    name: 'trail',
    service: 'cloudtrail.amazonaws.com',
    sourceArn: awsArn(target, 'cloudtrail', `trail/${trailName(target)}`),
    statements: [
      allow(
        ['logs:CreateLogStream', 'logs:PutLogEvents'],
        awsArn(target, 'logs', `log-group:/lake/${trailName(target)}:*`),
      ),
    ],
  });
  const trail = parts.keep(
    Trail,
    'trail',
    {
      name: trailName(target),
      s3BucketName: evidence.id,
      kmsKeyId: evidenceKeyArn,
      cloudWatchLogsGroupArn: interpolate`${log.arn}:*`,
      cloudWatchLogsRoleArn: writer.arn,
      enableLogFileValidation: true,
      enableLogging: true,
      includeGlobalServiceEvents: true,
      isMultiRegionTrail: true,
      advancedEventSelectors: [
        { name: 'Management', fieldSelectors: [{ field: 'eventCategory', equals: ['Management'] }] },
        {
          name: 'Objects of the lake',
          fieldSelectors: [
            { field: 'eventCategory', equals: ['Data'] },
            { field: 'resources.type', equals: ['AWS::S3::Object'] },
            {
              field: 'resources.ARN',
              startsWiths: [...buckets, ...own].map((bucket) => `${awsArn(target, 's3', bucket)}/`),
            },
          ],
        },
        {
          name: 'Access points',
          fieldSelectors: [
            { field: 'eventCategory', equals: ['Data'] },
            { field: 'resources.type', equals: ['AWS::S3::AccessPoint'] },
          ],
        },
        {
          name: 'Functions',
          fieldSelectors: [
            { field: 'eventCategory', equals: ['Data'] },
            { field: 'resources.type', equals: ['AWS::Lambda::Function'] },
          ],
        },
      ],
    },
    { dependsOn: [...writer.granted, letIn] },
  );
  if (recorded) addRecorder(parts, { bucket: addConfigurationBucket(parts, kept), keyArn: evidenceKeyArn });
  if (args.findings !== 'existing') addFindings(parts, topicArn);
  parts.complete();
  return {
    native: { kind: 'aws', trail, evidence },
    evidenceBucketArn: evidence.arn,
    topicArn,
    trailLog: log.name,
  };
}

function addTopic(parts: AwsParts, { eventsKeyArn, notify = [] }: AwsAuditArgs): Output<string> {
  const { target } = parts;
  const name = awsName(target, 'alarms');
  const topic = parts.add(Topic, 'alarms', { name, kmsMasterKeyId: eventsKeyArn, signatureVersion: 2 });
  const arn = awsArn(target, 'sns', name);
  parts.add(TopicPolicy, 'alarms-policy', {
    arn: topic.arn,
    policy: policyText([
      {
        Sid: 'ServicesOfThisAccount',
        Effect: 'Allow',
        Principal: { Service: ['budgets.amazonaws.com', 'cloudwatch.amazonaws.com', 'costalerts.amazonaws.com'] },
        Action: 'sns:Publish',
        Resource: arn,
        Condition: { StringEquals: { 'aws:SourceAccount': target.accountId } },
      },
      // It says nothing of itself that a condition could hold: with one no finding and no failure would arrive, and nothing would
      // say so (EventBridge User Guide, "Amazon SNS permissions").
      {
        Sid: 'EventBridge',
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'sns:Publish',
        Resource: arn,
      },
      {
        Sid: 'NoOpenConnection',
        Effect: 'Deny',
        Principal: '*',
        Action: 'sns:Publish',
        Resource: arn,
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ]),
  });
  notify.forEach((endpoint, index) => {
    parts.add(TopicSubscription, `alarms-mail-${index + 1}`, { topic: topic.arn, protocol: 'email', endpoint });
  });
  return topic.arn;
}
