import assert from 'node:assert/strict';
import { type AwsAuditArgs, awsAudit } from '../../components/audit/aws';
import { alarmRules, alertClasses } from '../../components/audit/aws-alarm-rules';
import { awsAlarms } from '../../components/audit/aws-alarms';
import { awsBackup, backupRoleArn } from '../../components/backup/aws';
import { awsBudget } from '../../components/budget/aws';
import { awsLogDaysFor } from '../../components/core/aws-log-days';
import type { AwsTarget } from '../../components/core/aws-target';
import { modes, only, type Recorded } from '../support/pulumi-mocks';
import { countsOf, place, policyOf, undefinedTexts } from './aws-account';
import { recordBuilder } from './aws-probe';

const key = (id: string): string => `arn:aws:kms:eu-west-2:123456789012:key/${id}`;
const topicArn = 'arn:aws:sns:eu-west-2:123456789012:lake-test-alarms';
const auditArgs = (target: AwsTarget): AwsAuditArgs => ({
  target,
  buckets: ['lake-landing', 'lake-identity'],
  evidenceKeyArn: key('evidence'),
  eventsKeyArn: key('events'),
  logKeyArn: key('logs'),
  logRetentionDays: 400,
  endpoints: ['vpce-lake'],
  notify: ['security@example.nhs.uk'],
});
const alarmSettings = {
  buckets: { identity: 'lake-identity', marts: 'lake-marts', audit: 'lake-audit' },
  builders: ['lake-test-marts', 'lake-test-compaction'],
  identityFunctions: ['lake-test-identity', 'lake-test-identity-requests'],
  providers: ['surgery', 'hospital'].map((name) => ({ name, clientId: name })),
} as const;

for (const mode of modes) {
  describe(`Audit on AWS, ${mode}`, () => {
    let recorded: readonly Recorded[];
    before(async () => {
      recorded = await recordBuilder(mode, (component, target) => {
        awsAudit(component, 'audit', auditArgs(target));
        awsAlarms(component, 'alarms', {
          target,
          ...alarmSettings,
          logs: { trail: 'trail', flows: 'flows', names: 'names', access: 'access', identity: 'identity' },
          topicArn,
        });
        awsBackup(component, 'backup', {
          target,
          buckets: ['arn:aws:s3:::lake-landing'],
          clusters: ['arn:aws:rds:eu-west-2:123456789012:cluster:lake'],
          keyArn: key('backup'),
        });
        awsBudget(component, 'budget', { target, monthlyDollars: 2000, topicArn });
      });
    });

    it('is made of these parts', () => {
      assert.deepEqual(countsOf(recorded), {
        'aws:accessanalyzer:Analyzer': 1,
        'aws:backup:Plan': 1,
        'aws:backup:RestoreTestingPlan': 1,
        'aws:backup:RestoreTestingSelection': 2,
        'aws:backup:Selection': 1,
        'aws:backup:Vault': 1,
        'aws:backup:VaultLockConfiguration': 1,
        'aws:backup:VaultPolicy': 1,
        'aws:budgets:Budget': 1,
        'aws:cfg:DeliveryChannel': 1,
        'aws:cfg:Recorder': 1,
        'aws:cfg:RecorderStatus': 1,
        'aws:cloudtrail:Trail': 1,
        'aws:cloudwatch:EventRule': 1,
        'aws:cloudwatch:EventTarget': 1,
        'aws:cloudwatch:LogGroup': 1,
        'aws:cloudwatch:LogMetricFilter': 15,
        'aws:cloudwatch:MetricAlarm': 15,
        'aws:costexplorer:AnomalyMonitor': 1,
        'aws:costexplorer:AnomalySubscription': 1,
        'aws:guardduty:Detector': 1,
        'aws:guardduty:DetectorFeature': 3,
        'aws:iam:Policy': 2,
        'aws:iam:Role': 2,
        'aws:iam:RolePolicyAttachment': 6,
        'aws:macie2:Account': 1,
        'aws:s3:Bucket': 1,
        'aws:s3:BucketLifecycleConfiguration': 1,
        'aws:s3:BucketObjectLockConfiguration': 1,
        'aws:s3:BucketOwnershipControls': 1,
        'aws:s3:BucketPolicy': 1,
        'aws:s3:BucketPublicAccessBlock': 1,
        'aws:s3:BucketServerSideEncryptionConfiguration': 1,
        'aws:s3:BucketVersioning': 1,
        'aws:securityhub:Account': 1,
        'aws:securityhub:StandardsSubscription': 2,
        'aws:sns:Topic': 1,
        'aws:sns:TopicPolicy': 1,
        'aws:sns:TopicSubscription': 1,
        'lake:probe:Probe': 1,
        'pulumi:providers:aws': 1,
      });
      assert.deepEqual(undefinedTexts(recorded), []);
    });

    it('writes down every touch of the lake in a bucket that nobody can shorten', () => {
      const { inputs, protect } = only(recorded, 'audit-trail');
      assert.equal(protect, true);
      for (const flag of ['enableLogFileValidation', 'isMultiRegionTrail', 'includeGlobalServiceEvents'])
        assert.equal(inputs[flag], true, flag);
      assert.equal(inputs.kmsKeyId, key('evidence'));
      const text = JSON.stringify(inputs.advancedEventSelectors);
      for (const part of ['Management', 'arn:aws:s3:::lake-identity/', 'AWS::Lambda::Function', 'AWS::S3::AccessPoint'])
        assert.ok(text.includes(part), part);
      assert.deepEqual(only(recorded, 'audit-evidence-lock').inputs.rule, {
        defaultRetention: { mode: 'COMPLIANCE', days: 3653 },
      });
    });

    it('lets services write evidence for this account, and no principal of it', () => {
      const { Statement } = policyOf(only(recorded, 'audit-evidence-policy').inputs.policy);
      const allows = Statement.filter(({ Effect }) => Effect === 'Allow');
      assert.equal(allows.length, 6);
      for (const { Principal, Condition } of allows) {
        assert.match(JSON.stringify(Principal), /^\{"Service":"(cloudtrail|config|delivery\.logs)\.amazonaws\.com"\}$/);
        assert.equal(Condition?.StringEquals?.['aws:SourceAccount'], '123456789012');
        assert.match(String(Condition?.ArnLike?.['aws:SourceArn']), /:123456789012:/);
      }
      const looks = Statement.find(({ Sid }) => Sid === 'LookFromInside');
      assert.deepEqual(looks?.Condition?.ArnNotLike?.['aws:PrincipalArn'], [...place.breakGlass, ...place.deployers]);
      const denied = Statement.find(({ Sid }) => Sid === 'OnlyServicesWrite');
      assert.ok([denied?.Action].flat().includes('s3:PutObject'));
    });

    it('copies every store into a vault that nobody empties, and restores every week', () => {
      assert.equal(only(recorded, 'backup-vault').protect, true);
      assert.equal(only(recorded, 'backup-vault-lock').inputs.changeableForDays, 3);
      const [rule] = only(recorded, 'backup-plan').inputs.rules as readonly { readonly lifecycle: object }[];
      assert.deepEqual(rule?.lifecycle, { deleteAfter: 35 });
      const { Statement } = policyOf(only(recorded, 'backup-vault-policy').inputs.policy);
      const all = Statement.find(({ Sid }) => Sid === 'NobodyDeletesACopy');
      assert.equal(all?.Condition, undefined);
      assert.equal(only(recorded, 'backup-restore-test').inputs.name, 'lake_test_restore_test');
    });

    it('tells people before the month costs more', () => {
      const { inputs } = only(recorded, 'budget-month');
      const told = inputs.notifications as readonly { threshold: number; subscriberSnsTopicArns: readonly string[] }[];
      assert.deepEqual(
        told.map(({ threshold }) => threshold),
        [80, 100, 100],
      );
      for (const { subscriberSnsTopicArns } of told) assert.deepEqual(subscriberSnsTopicArns, [topicArn]);
    });
  });
}

describe('Alarms on AWS', () => {
  const settings = { ...alarmSettings, logs: ['trail', 'flows', 'names', 'access', 'identity'] as const };

  it('stand for every class of alert, and say which are left out where a log is not there', () => {
    const alerts = (rules: ReturnType<typeof alarmRules>) => new Set(rules.map(({ alert }) => alert));
    assert.deepEqual(alerts(alarmRules(place, settings)), new Set(alertClasses));
    const without = alerts(alarmRules(place, { ...settings, logs: ['trail', 'flows', 'names'] }));
    assert.deepEqual(
      alertClasses.filter((alert) => !without.has(alert)),
      ['failed-authentication', 'rejected-messages', 'opt-out-stale'],
    );
  });

  it('have patterns that CloudWatch takes, and names of their own', () => {
    const rules = alarmRules(place, settings);
    assert.equal(new Set(rules.map(({ name }) => name)).size, rules.length);
    for (const { name, counts } of rules)
      for (const { pattern } of Object.values(counts)) {
        // CloudWatch Logs API, PutMetricFilter: 1024 characters.
        assert.ok(pattern.length <= 1024, `${name}: ${pattern.length}`);
        const opened = [...pattern].filter((one) => one === '(').length;
        assert.equal(opened, [...pattern].filter((one) => one === ')').length, name);
      }
  });

  it('take the silence of the sealer for a failure, and no other silence', () => {
    for (const { name, below } of alarmRules(place, settings))
      assert.equal(below, name.startsWith('audit-gap-') ? 1 : undefined, name);
  });
});

describe('Logs on AWS', () => {
  it('are kept for a figure that CloudWatch knows, from a day to ten years', () => {
    assert.equal(awsLogDaysFor(1), 1);
    assert.equal(awsLogDaysFor(366), 400);
    assert.equal(awsLogDaysFor(3653), 3653);
    assert.throws(() => awsLogDaysFor(3654), /1 to 3653/);
    assert.throws(() => awsLogDaysFor(0), /1 to 3653/);
  });
});

describe('The role of backups on AWS', () => {
  it('is known before it is made', () => {
    const named = { ...place, kind: 'aws', partition: 'aws' } as const;
    assert.equal(backupRoleArn(named), 'arn:aws:iam::123456789012:role/lake-test-backup');
  });
});
