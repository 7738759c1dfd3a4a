import assert from 'node:assert/strict';
import { type AwsAuditArgs, awsAudit } from '../../components/audit/aws';
import { alarmRules, alertClasses } from '../../components/audit/aws-alarm-rules';
import { awsAlarms } from '../../components/audit/aws-alarms';
import { addEvidenceBucket } from '../../components/audit/aws-evidence';
import { awsBackup, backupRoleArn } from '../../components/backup/aws';
import { awsBudget } from '../../components/budget/aws';
import { awsLogDaysFor } from '../../components/core/aws-log-days';
import { AwsParts } from '../../components/core/aws-parts';
import type { AwsTarget } from '../../components/core/aws-target';
import { accessLogFormat } from '../../components/gateway/access-log';
import { kindOf, modes, only, type Recorded } from '../support/pulumi-mocks';
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
  identityReaders: ['lake-test-identity', 'lake-test-backup'],
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
          databaseSubnets: 'lake-test-state-lake',
          keyArn: key('backup'),
          failureTopicArn: topicArn,
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
        'aws:cloudwatch:EventRule': 3,
        'aws:cloudwatch:EventTarget': 3,
        'aws:cloudwatch:LogGroup': 1,
        'aws:cloudwatch:LogMetricFilter': 14,
        'aws:cloudwatch:MetricAlarm': 15,
        'aws:costexplorer:AnomalyMonitor': 1,
        'aws:costexplorer:AnomalySubscription': 1,
        'aws:guardduty:Detector': 1,
        'aws:guardduty:DetectorFeature': 3,
        'aws:iam:Policy': 2,
        'aws:iam:Role': 2,
        'aws:iam:RolePolicyAttachment': 6,
        'aws:macie2:Account': 1,
        'aws:s3:Bucket': 2,
        'aws:s3:BucketLifecycleConfiguration': 2,
        'aws:s3:BucketObjectLockConfiguration': 1,
        'aws:s3:BucketOwnershipControls': 2,
        'aws:s3:BucketPolicy': 2,
        'aws:s3:BucketPublicAccessBlock': 2,
        'aws:s3:BucketServerSideEncryptionConfiguration': 2,
        'aws:s3:BucketVersioning': 2,
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
      // The log that the alarms look at.
      if (mode === 'apply')
        assert.equal(inputs.cloudWatchLogsGroupArn, `${String(only(recorded, 'audit-trail-logs').outputs.arn)}:*`);
      const text = JSON.stringify(inputs.advancedEventSelectors);
      for (const part of ['Management', 'arn:aws:s3:::lake-identity/', 'AWS::Lambda::Function', 'AWS::S3::AccessPoint'])
        assert.ok(text.includes(part), part);
      assert.deepEqual(only(recorded, 'audit-evidence-lock').inputs.rule, {
        defaultRetention: { mode: 'COMPLIANCE', days: 3653 },
      });
    });

    it('lets services write evidence for this account, and no principal of it', () => {
      const letIn = (bucket: string) => {
        const { Statement } = policyOf(only(recorded, `audit-${bucket}-policy`).inputs.policy);
        const denied = Statement.find(({ Sid }) => Sid === 'OnlyServicesWrite');
        const looks = Statement.find(({ Sid }) => Sid === 'LookFromInside');
        assert.deepEqual(looks?.Condition?.ArnNotLike?.['aws:PrincipalArn'], [...place.breakGlass, ...place.deployers]);
        for (const call of ['s3:PutObject', 's3:DeleteObject', 's3:DeleteObjectVersion'])
          assert.ok([denied?.Action].flat().includes(call), call);
        return Statement.filter(({ Effect }) => Effect === 'Allow').map(
          ({ Principal, Condition, Action, Resource }) => {
            assert.equal(Condition?.StringEquals?.['aws:SourceAccount'], '123456789012');
            const puts = [Action].flat().includes('s3:PutObject');
            const keys = puts ? [Resource].flat().map((arn) => String(arn).replace(/^[^/]*\//, '')) : [];
            return [(Principal as { readonly Service: string }).Service, Condition?.ArnLike?.['aws:SourceArn'], keys];
          },
        );
      };
      const trail = 'arn:aws:cloudtrail:eu-west-2:123456789012:trail/lake-test-trail';
      const logs = 'arn:aws:logs:eu-west-2:123456789012:*';
      assert.deepEqual(letIn('evidence'), [
        ['cloudtrail.amazonaws.com', trail, []],
        ['cloudtrail.amazonaws.com', trail, ['AWSLogs/123456789012/*']],
        ['delivery.logs.amazonaws.com', logs, []],
        // The second is how partitions of Hive begin, as the flow logs ask for them.
        ['delivery.logs.amazonaws.com', logs, ['AWSLogs/123456789012/*', 'AWSLogs/aws-account-id=123456789012/*']],
      ]);
      assert.deepEqual(letIn('configuration'), [
        ['config.amazonaws.com', undefined, []],
        ['config.amazonaws.com', undefined, ['AWSLogs/123456789012/*']],
      ]);
    });

    it('records the configuration of the account, where AWS Config delivers it: in a bucket without a lock', () => {
      const { recordingGroup, recordingMode, roleArn } = only(recorded, 'audit-recorder').inputs;
      assert.deepEqual(recordingGroup, { allSupported: true, includeGlobalResourceTypes: true });
      assert.deepEqual(recordingMode, { recordingFrequency: 'CONTINUOUS' });
      assert.match(String(roleArn), /:role\/aws-service-role\/config\.amazonaws\.com\/AWSServiceRoleForConfig$/);
      const { inputs: channel, after } = only(recorded, 'audit-recorder-channel');
      // Both services write at once when they are told where, and are refused before the bucket lets them in.
      assert.ok(after?.includes(only(recorded, 'audit-configuration-policy').urn));
      assert.ok(only(recorded, 'audit-trail').after?.includes(only(recorded, 'audit-evidence-policy').urn));
      const { id, inputs, protect } = only(recorded, 'audit-configuration');
      assert.deepEqual([channel.s3BucketName, inputs.objectLockEnabled, protect], [id, undefined, true]);
      assert.ok(!recorded.some(({ name }) => name === 'audit-configuration-lock'));
      assert.equal(only(recorded, 'audit-recorder-on').inputs.isEnabled, true);
      assert.ok(
        JSON.stringify(only(recorded, 'audit-trail').inputs.advancedEventSelectors).includes('-configuration-'),
      );
    });

    it('looks for what is wrong, and tells what is high, critical and new', () => {
      const standards = recorded.filter((one) => kindOf(one) === 'StandardsSubscription');
      assert.deepEqual(
        standards.map(({ inputs }) => String(inputs.standardsArn).replace(/^.*standards\//, '')).sort(),
        ['aws-foundational-security-best-practices/v/1.0.0', 'cis-aws-foundations-benchmark/v/5.0.0'],
      );
      const features = recorded.filter((one) => kindOf(one) === 'DetectorFeature');
      assert.deepEqual(
        features.map(({ inputs }) => [inputs.name, inputs.status]),
        [
          ['S3_DATA_EVENTS', 'ENABLED'],
          ['LAMBDA_NETWORK_LOGS', 'ENABLED'],
          ['RDS_LOGIN_EVENTS', 'ENABLED'],
        ],
      );
      assert.equal(only(recorded, 'audit-threats').inputs.enable, true);
      assert.equal(only(recorded, 'audit-sensitive-data').inputs.status, 'ENABLED');
      assert.equal(only(recorded, 'audit-outside-access').inputs.type, 'ACCOUNT');
      const { detail } = JSON.parse(String(only(recorded, 'audit-findings-told').inputs.eventPattern)) as {
        readonly detail: { readonly findings: object };
      };
      assert.deepEqual(detail.findings, {
        Severity: { Label: ['HIGH', 'CRITICAL'] },
        Workflow: { Status: ['NEW'] },
        RecordState: ['ACTIVE'],
      });
      if (mode === 'apply')
        assert.equal(only(recorded, 'audit-findings-topic').inputs.arn, only(recorded, 'audit-alarms').outputs.arn);
    });

    it('lets every service that tells something publish to the topic of alarms, and mails it to people', () => {
      const { Statement } = policyOf(only(recorded, 'audit-alarms-policy').inputs.policy);
      const allowed = Statement.filter(({ Effect }) => Effect === 'Allow');
      assert.deepEqual(
        allowed.map(({ Principal, Condition }) => [(Principal as { readonly Service: unknown }).Service, Condition]),
        [
          [
            ['budgets', 'cloudwatch', 'costalerts'].map((service) => `${service}.amazonaws.com`),
            { StringEquals: { 'aws:SourceAccount': '123456789012' } },
          ],
          // Under a condition nothing that it tells would arrive.
          ['events.amazonaws.com', undefined],
        ],
      );
      const { protocol, endpoint } = only(recorded, 'audit-alarms-mail-1').inputs;
      assert.deepEqual([protocol, endpoint], ['email', 'security@example.nhs.uk']);
    });

    it('copies every store into a vault that nobody empties, and restores every week', () => {
      assert.equal(only(recorded, 'backup-vault').protect, true);
      assert.equal(only(recorded, 'backup-vault-lock').inputs.changeableForDays, 3);
      const [rule] = only(recorded, 'backup-plan').inputs.rules as readonly Readonly<Record<string, unknown>>[];
      assert.deepEqual(
        [rule?.lifecycle, rule?.enableContinuousBackup, rule?.schedule],
        [{ deleteAfter: 35 }, true, 'cron(0 1 * * ? *)'],
      );
      assert.equal(only(recorded, 'backup-restore-test').inputs.scheduleExpression, 'cron(0 5 ? * SUN *)');
      const [bounds] = policyOf(only(recorded, 'backup-bounds').inputs.policy).Statement as readonly {
        readonly Effect: string;
        readonly NotAction?: readonly string[];
      }[];
      assert.equal(bounds?.Effect, 'Deny');
      for (const call of ['backup:*', 'kms:*', 'rds:*', 's3:*']) assert.ok(bounds?.NotAction?.includes(call), call);
      const { Statement } = policyOf(only(recorded, 'backup-vault-policy').inputs.policy);
      const all = Statement.find(({ Sid }) => Sid === 'NobodyDeletesACopy');
      assert.equal(all?.Condition, undefined);
      assert.equal(only(recorded, 'backup-restore-test').inputs.name, 'lake_test_restore_test');
      const { minRetentionDays, maxRetentionDays } = only(recorded, 'backup-vault-lock').inputs;
      assert.deepEqual([minRetentionDays, maxRetentionDays], [7, 35]);
      assert.deepEqual(only(recorded, 'backup-selection').inputs.resources, [
        'arn:aws:s3:::lake-landing',
        'arn:aws:rds:eu-west-2:123456789012:cluster:lake',
      ]);
      const tested = recorded.filter((one) => kindOf(one) === 'RestoreTestingSelection');
      assert.deepEqual(
        tested.map(({ inputs }) => [inputs.protectedResourceType, inputs.restoreMetadataOverrides]),
        [
          ['S3', undefined],
          // Not in the account's default network.
          ['Aurora', { dbSubnetGroupName: 'lake-test-state-lake' }],
        ],
      );
    });

    it('tells of a copy that was not made, and of one that did not open', () => {
      for (const [role, type, field] of [
        ['copy-failed', 'Backup Job State Change', 'state'],
        ['restore-failed', 'Restore Job State Change', 'status'],
      ] as const) {
        const { arn, rule } = only(recorded, `backup-${role}-told`).inputs;
        assert.equal(arn, topicArn, role);
        if (mode === 'preview') continue;
        const made = only(recorded, `backup-${role}`);
        assert.equal(rule, made.inputs.name, role);
        const pattern = JSON.parse(String(made.inputs.eventPattern)) as {
          readonly source: unknown;
          readonly 'detail-type': unknown;
          readonly detail: Readonly<Record<string, readonly string[]>>;
        };
        assert.deepEqual([pattern.source, pattern['detail-type']], [['aws.backup'], [type]]);
        assert.ok(pattern.detail[field]?.includes('FAILED'), role);
      }
    });

    it('tells people before the month costs more', () => {
      const { inputs } = only(recorded, 'budget-month');
      assert.deepEqual([inputs.limitAmount, inputs.limitUnit, inputs.timeUnit], ['2000', 'USD', 'MONTHLY']);
      // A tag counts nothing before the organisation's payer activates it, and is the payer's alone to watch.
      assert.equal(inputs.costFilters, undefined);
      const { monitorType, monitorDimension, monitorSpecification } = only(recorded, 'budget-oddities').inputs;
      assert.deepEqual([monitorType, monitorDimension, monitorSpecification], ['DIMENSIONAL', 'SERVICE', undefined]);
      const { subscribers, frequency, thresholdExpression } = only(recorded, 'budget-oddities-told').inputs;
      assert.deepEqual([subscribers, frequency], [[{ type: 'SNS', address: topicArn }], 'IMMEDIATE']);
      assert.ok(JSON.stringify(thresholdExpression).includes('["200"]'));
      const told = inputs.notifications as readonly { threshold: number; subscriberSnsTopicArns: readonly string[] }[];
      assert.deepEqual(
        told.map(({ threshold }) => threshold),
        [80, 100, 100],
      );
      for (const { subscriberSnsTopicArns } of told) assert.deepEqual(subscriberSnsTopicArns, [topicArn]);
    });
  });
}

describe('The budget on AWS', () => {
  it('leaves the monitor of an account that has one as it is', async () => {
    const recorded = await recordBuilder('apply', (component, target) => {
      awsBudget(component, 'budget', { target, monthlyDollars: 2000, topicArn, spendMonitor: 'existing' });
    });
    assert.deepEqual(
      recorded.filter(({ type }) => /^aws:/.test(type)).map((one) => kindOf(one)),
      ['Budget'],
    );
  });
});

describe('Evidence on AWS', () => {
  it('is moved to cheaper classes only as long as it is kept', async () => {
    for (const [evidenceDays, moves] of [
      [30, []],
      [90, [90]],
      [399, [90]],
      [3653, [90, 400]],
    ] as const) {
      const recorded = await recordBuilder('apply', (component, target) => {
        const parts = new AwsParts(component, 'audit', { target }, { zone: 'evidence', classification: 'audit' });
        addEvidenceBucket(parts, { keyArn: key('evidence'), days: evidenceDays, endpoints: ['vpce-lake'] });
      });
      const [rule] = only(recorded, 'audit-evidence-lifecycle').inputs.rules as readonly {
        readonly transitions?: readonly { readonly days: number }[];
        readonly expiration: { readonly days: number };
      }[];
      const days = (rule?.transitions ?? []).map((one) => one.days);
      assert.deepEqual([days, rule?.expiration], [moves, { days: evidenceDays + 1 }]);
    }
  });
});

describe('Alarms on AWS', () => {
  const settings = {
    ...alarmSettings,
    providers: alarmSettings.providers.map(({ name }) => name),
    logs: ['trail', 'flows', 'names', 'access', 'identity'] as const,
  };

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

  it('refuse names so long that CloudWatch would not take a pattern', () => {
    const builders = Array.from({ length: 12 }, (_, index) => `lake-${'long-'.repeat(10)}${index}`);
    assert.throws(() => alarmRules(place, { ...settings, builders }), /shorter name/);
  });

  it('count the reads of marts by people, and every read of sealed originals by whom nothing asks to', () => {
    const patternOf = (rule: string): string =>
      alarmRules(place, settings).find(({ name }) => name === rule)?.counts.reads?.pattern ?? '';
    const notBy = (pattern: string): readonly string[] =>
      [...pattern.matchAll(/sessionIssuer\.userName != "([^"]+)"/g)].map(([, role = '']) => role);
    assert.deepEqual(notBy(patternOf('bulk-read-off-hours')), settings.builders);
    assert.deepEqual(notBy(patternOf('identity-read-without-request')), settings.identityReaders);
    // Researchers read marts through an access point, and the trail has its name then.
    assert.ok(patternOf('bulk-read-off-hours').includes('$.requestParameters.Host = "*.s3-accesspoint.*"'));
  });

  it('take the status of a request as API Gateway writes it: as text', () => {
    assert.ok(accessLogFormat.includes('"status":"$context.status"'));
    for (const [rule, codes] of [
      ['failed-authentication', [401, 403]],
      ['rejected-messages-surgery', [400, 422]],
    ] as const) {
      const pattern = alarmRules(place, settings).find(({ name }) => name === rule)?.counts.refused?.pattern ?? '';
      for (const code of codes) assert.ok(pattern.includes(`$.status = "${code}"`), `${rule} ${code}`);
    }
  });

  it('look at the metric that their own filter makes, and tell when it is over', async () => {
    const recorded = await recordBuilder('apply', (component, target) => {
      const logs = { trail: 'trail', flows: 'flows', names: 'names', access: 'access', identity: 'identity' };
      awsAlarms(component, 'alarms', { target, ...alarmSettings, logs, topicArn });
    });
    interface Query {
      readonly expression?: string;
      readonly returnData: boolean;
      readonly metric?: { readonly metricName: string; readonly namespace: string; readonly dimensions?: object };
    }
    const filters = recorded
      .filter((one) => kindOf(one) === 'LogMetricFilter')
      .map(({ inputs }) => inputs.metricTransformation as { readonly name: string; readonly namespace: string });
    const alarms = recorded.filter((one) => kindOf(one) === 'MetricAlarm');
    const looked = alarms.flatMap(({ name, inputs }) => {
      const queries = inputs.metricQueries as readonly Query[];
      assert.equal(queries.filter(({ returnData }) => returnData).length, 1, name);
      // Ten metrics at most (CloudWatch User Guide, "Alarms on metric math").
      assert.ok(queries.length <= 11, name);
      assert.deepEqual([inputs.alarmActions, inputs.okActions], [[topicArn], [topicArn]], name);
      return queries.flatMap(({ metric }) => (metric === undefined ? [] : [metric]));
    });
    const shown = (one: { readonly namespace: string; readonly dimensions?: object }, name: string): string =>
      [one.namespace, name, ...Object.keys(one.dimensions ?? {})].join(' ');
    assert.deepEqual(
      new Set(looked.map((one) => shown(one, one.metricName))),
      new Set(filters.map((one) => shown(one, one.name))),
    );
    assert.equal(new Set(filters.map(({ name }) => name)).size, filters.length);
    // A filter without a match makes no figure: only for the sealer's silence that is one.
    for (const { name, inputs } of alarms)
      assert.equal(inputs.treatMissingData, name.includes('audit-gap') ? 'breaching' : 'notBreaching', name);
  });

  it('are no more filters of a log group for more providers than it takes, and still an alarm for each', async () => {
    const clientIdOf = (n: number): string => `client-${n}`;
    const recorded = await recordBuilder('apply', (component, target) => {
      const logs = { trail: 'trail', flows: 'flows', names: 'names', access: 'access', identity: 'identity' };
      const providers = Array.from({ length: 150 }, (_, n) => ({ name: `p${n}`, clientId: clientIdOf(n) }));
      awsAlarms(component, 'alarms', { target, ...alarmSettings, providers, logs, topicArn });
    });
    const filters = recorded.filter((one) => kindOf(one) === 'LogMetricFilter');
    // 100 for each log group (CloudWatch Logs quotas).
    assert.ok(filters.filter(({ inputs }) => inputs.logGroupName === 'access').length < 100);
    assert.equal(filters.length, 14);
    const callers = recorded
      .filter((one) => kindOf(one) === 'MetricAlarm' && one.name.includes('rejected-messages'))
      .map(({ inputs }) =>
        JSON.stringify((inputs.metricQueries as readonly { readonly metric?: object }[])[0]?.metric),
      );
    assert.equal(new Set(callers).size, 150);
    assert.ok(callers.every((text, n) => text.includes(`"dimensions":{"caller":"${clientIdOf(n)}"}`)));
    // What a dimension is made of must stand in every line of the API's log.
    assert.ok(accessLogFormat.includes('"caller":'));
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
