import {
  Plan,
  RestoreTestingPlan,
  RestoreTestingSelection,
  Selection,
  Vault,
  VaultLockConfiguration,
  VaultPolicy,
} from '@pulumi/aws/backup';
import { EventRule, EventTarget } from '@pulumi/aws/cloudwatch';
import { Policy, Role, RolePolicyAttachment } from '@pulumi/aws/iam';
import { type Input, jsonStringify, type Output } from '@pulumi/pulumi';
import { type AwsComponentArgs, AwsParts } from '../core/aws-parts';
import { policyText } from '../core/aws-policy';
import { type AwsTarget, awsName, awsRoleArn, awsRoleName } from '../core/aws-target';
import type { LakeComponent } from '../core/lake-component';
import { nameOf } from '../core/naming';

export interface AwsBackupArgs extends AwsComponentArgs {
  /** ARNs of the buckets and of the database clusters that are copied. */
  readonly buckets: readonly Input<string>[];
  readonly clusters: readonly Input<string>[];
  /** Name of the subnets that a copy of a database is restored into as a test. */
  readonly databaseSubnets: Input<string>;
  readonly keyArn: Input<string>;
  /** Is told of a copy that was not made and of one that could not be restored. */
  readonly failureTopicArn: Input<string>;
  /**
   * Days for which a copy is kept. Nobody can delete one sooner in production, so an erased person is in copies for as long;
   * a restore replays the erasures. @default 35
   */
  readonly days?: number;
  /** @default 01:00 UTC every day */
  readonly schedule?: string;
}

export interface AwsBackup {
  readonly kind: 'aws';
  readonly vault: Vault;
  readonly plan: Plan;
}

const backupName = ({ name, stack }: AwsTarget, ...rest: readonly string[]): string =>
  nameOf('backup', name, stack, ...rest);

const roleName = 'backup';

/** What copying and restoring buckets and databases calls; whatever AWS adds to its policies, the role has no more. */
const copyingCalls = [
  'backup-storage:*',
  'backup:*',
  'cloudwatch:GetMetricData',
  'ec2:Describe*',
  'events:*',
  'kms:*',
  'rds:*',
  's3:*',
  'tag:GetResources',
];

/** What AWS maintains for its own service; nobody but the service takes the role. */
const servicePolicies = [
  'service-role/AWSBackupServiceRolePolicyForBackup',
  'service-role/AWSBackupServiceRolePolicyForRestores',
  'AWSBackupServiceRolePolicyForS3Backup',
  'AWSBackupServiceRolePolicyForS3Restore',
];

/** Copies of every store and database in a vault that nobody can empty, and a restore every week to show that they open. */
export function awsBackup(component: LakeComponent, name: string, args: AwsBackupArgs): AwsBackup {
  const { target, buckets, clusters, keyArn, days = 35, schedule = 'cron(0 1 * * ? *)' } = args;
  // Copies that go back to any moment are kept for 35 days and no longer (AWS Backup, "Continuous backups").
  if (!Number.isInteger(days) || days < 1 || days > 35)
    throw new RangeError('days: a whole number from 1 to 35 is allowed.');
  const parts = new AwsParts(component, name, args, { zone: 'backup', classification: 'identifiable' });
  const production = target.environment === 'production';
  const vault = parts.keep(Vault, 'vault', {
    name: backupName(target, 'vault'),
    kmsKeyArn: keyArn,
    forceDestroy: false,
  });
  parts.keep(VaultLockConfiguration, 'vault-lock', {
    backupVaultName: vault.name,
    minRetentionDays: Math.min(7, days),
    maxRetentionDays: days,
    // After three days nobody, AWS included, can take the lock off: never where a stack must be removable.
    ...(production ? { changeableForDays: 3 } : {}),
  });
  parts.add(VaultPolicy, 'vault-policy', {
    backupVaultName: vault.name,
    policy: policyText([
      {
        Sid: 'NobodyDeletesOrCarriesAway',
        Effect: 'Deny',
        Principal: '*',
        Action: [
          'backup:CopyFromBackupVault',
          'backup:DeleteBackupVault',
          'backup:DeleteBackupVaultAccessPolicy',
          'backup:DeleteRecoveryPoint',
          'backup:PutBackupVaultAccessPolicy',
          'backup:UpdateRecoveryPointLifecycle',
        ],
        Resource: '*',
        Condition: { ArnNotLike: { 'aws:PrincipalArn': [...target.deployers] } },
      },
      {
        Sid: 'NobodyDeletesACopy',
        Effect: 'Deny',
        Principal: '*',
        Action: ['backup:DeleteRecoveryPoint', 'backup:CopyFromBackupVault'],
        Resource: '*',
      },
    ]),
  });
  const roleArn = addBackupRole(parts);
  const plan = parts.add(Plan, 'plan', {
    name: backupName(target, 'backup'),
    rules: [
      {
        ruleName: 'daily',
        targetVaultName: vault.name,
        schedule,
        startWindow: 60,
        completionWindow: 480,
        lifecycle: { deleteAfter: days },
        // Any moment of the last weeks, for what the service can do that with.
        enableContinuousBackup: true,
      },
    ],
  });
  parts.add(Selection, 'selection', {
    name: backupName(target, 'lake'),
    planId: plan.id,
    iamRoleArn: roleArn,
    resources: [...buckets, ...clusters],
  });
  addFailureRule(parts, vault.name, args.failureTopicArn);
  addRestoreTest(parts, vault.arn, roleArn, args);
  parts.complete();
  return { kind: 'aws', vault, plan };
}

/** Both say how they ended in `state` and `status` (AWS Backup, "Monitoring events using EventBridge"); no metric is needed. */
function addFailureRule(parts: AwsParts, vaultName: Input<string>, topicArn: Input<string>): void {
  const rule = (role: string, description: string, eventPattern: Input<string>): void => {
    const made = parts.add(EventRule, role, { name: awsName(parts.target, role), description, eventPattern });
    parts.add(EventTarget, `${role}-told`, { rule: made.name, arn: topicArn });
  };
  rule(
    'copy-failed',
    'A copy of the lake was not made.',
    jsonStringify({
      source: ['aws.backup'],
      'detail-type': ['Backup Job State Change'],
      detail: { state: ['ABORTED', 'EXPIRED', 'FAILED'], backupVaultName: [vaultName] },
    }),
  );
  rule(
    'restore-failed',
    'A copy of the lake could not be restored.',
    jsonStringify({
      source: ['aws.backup'],
      'detail-type': ['Restore Job State Change'],
      detail: { status: ['ABORTED', 'FAILED'] },
    }),
  );
}

function addBackupRole(parts: AwsParts): Output<string> {
  const { target } = parts;
  const role = parts.add(Role, 'role', {
    name: awsRoleName(target, roleName),
    assumeRolePolicy: policyText([
      {
        Effect: 'Allow',
        Principal: { Service: 'backup.amazonaws.com' },
        Action: 'sts:AssumeRole',
        Condition: { StringEquals: { 'aws:SourceAccount': target.accountId } },
      },
    ]),
    ...(target.boundary === undefined ? {} : { permissionsBoundary: target.boundary }),
  });
  const bounds = parts.add(Policy, 'bounds', {
    name: awsRoleName(target, `${roleName}-bounds`),
    policy: policyText([{ Effect: 'Deny', NotAction: copyingCalls, Resource: '*' }]),
  });
  parts.add(RolePolicyAttachment, 'role-bounds', { role: role.name, policyArn: bounds.arn });
  servicePolicies.forEach((policy, index) => {
    parts.add(RolePolicyAttachment, `role-policy-${index + 1}`, {
      role: role.name,
      policyArn: `arn:${target.partition}:iam::aws:policy/${policy}`,
    });
  });
  return role.arn;
}

function addRestoreTest(
  parts: AwsParts,
  vaultArn: Input<string>,
  iamRoleArn: Input<string>,
  { buckets, clusters, databaseSubnets }: Pick<AwsBackupArgs, 'buckets' | 'clusters' | 'databaseSubnets'>,
): void {
  const { target } = parts;
  // These two take letters, digits and underscores alone.
  const named = (...rest: readonly string[]): string => backupName(target, ...rest).replaceAll('-', '_');
  const plan = parts.add(RestoreTestingPlan, 'restore-test', {
    name: named('restore-test'),
    scheduleExpression: 'cron(0 5 ? * SUN *)',
    startWindowHours: 8,
    recoveryPointSelection: {
      algorithm: 'RANDOM_WITHIN_WINDOW',
      includeVaults: [vaultArn],
      recoveryPointTypes: ['SNAPSHOT', 'CONTINUOUS'],
      selectionWindowDays: 7,
    },
  });
  const select = (type: 'S3' | 'Aurora', resources: readonly Input<string>[], overrides = {}): void => {
    parts.add(RestoreTestingSelection, `restore-test-${type.toLowerCase()}`, {
      name: named('restore', type.toLowerCase()),
      restoreTestingPlanName: plan.name,
      protectedResourceType: type,
      protectedResourceArns: [...resources],
      iamRoleArn,
      validationWindowHours: 1,
      ...overrides,
    });
  };
  select('S3', buckets);
  // Left to itself AWS Backup takes the account's default network, where there is one (AWS Backup, "Restore testing inferred
  // metadata"). Here a copy gets the network's default group, which lets nobody in.
  select('Aurora', clusters, { restoreMetadataOverrides: { dbSubnetGroupName: databaseSubnets } });
}

/** ARN of the role that copies and restores, known before it is made: keys and buckets of what is copied let it in. */
export const backupRoleArn = (target: Parameters<typeof awsRoleArn>[0]): string => awsRoleArn(target, roleName);
