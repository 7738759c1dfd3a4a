import { Analyzer } from '@pulumi/aws/accessanalyzer';
import { DeliveryChannel, Recorder, RecorderStatus } from '@pulumi/aws/cfg';
import { EventRule, EventTarget } from '@pulumi/aws/cloudwatch';
import { Detector, DetectorFeature } from '@pulumi/aws/guardduty';
import { Account as MacieAccount } from '@pulumi/aws/macie2';
import { Account as SecurityHub, StandardsSubscription } from '@pulumi/aws/securityhub';
import type { Input } from '@pulumi/pulumi';
import type { AwsBucket } from '../core/aws-bucket';
import type { AwsParts } from '../core/aws-parts';
import { awsArn, awsName } from '../core/aws-target';

/** Features of GuardDuty that look at what this lake is made of. */
const features = ['S3_DATA_EVENTS', 'LAMBDA_NETWORK_LOGS', 'RDS_LOGIN_EVENTS'];

/** What the account is made of, every change of it, kept in a bucket of its own. */
export function addRecorder(
  parts: AwsParts,
  { bucket: { bucket, policy }, keyArn }: { readonly bucket: AwsBucket; readonly keyArn: Input<string> },
): void {
  const { target } = parts;
  const name = awsName(target, 'recorder');
  const recorder = parts.add(Recorder, 'recorder', {
    name,
    // The service's own role, made once in an account (docs/deploy-aws.md).
    roleArn: awsArn(target, 'iam', 'role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig'),
    recordingGroup: { allSupported: true, includeGlobalResourceTypes: true },
    recordingMode: { recordingFrequency: 'CONTINUOUS' },
  });
  const channel = parts.add(
    DeliveryChannel,
    'recorder-channel',
    {
      name,
      s3BucketName: bucket.id,
      s3KmsKeyArn: keyArn,
      snapshotDeliveryProperties: { deliveryFrequency: 'TwentyFour_Hours' },
    },
    // It writes a first file at once.
    { dependsOn: [recorder, policy] },
  );
  parts.add(RecorderStatus, 'recorder-on', { name: recorder.name, isEnabled: true }, { dependsOn: [channel] });
}

/** Services that look for what is wrong; each is one in an account and region, so another stack may have it. */
export function addFindings(parts: AwsParts, topicArn: Input<string>): void {
  const { target } = parts;
  const hub = parts.add(SecurityHub, 'findings', { enableDefaultStandards: false, autoEnableControls: true });
  const standards = {
    foundational: 'aws-foundational-security-best-practices/v/1.0.0',
    cis: 'cis-aws-foundations-benchmark/v/5.0.0',
  };
  for (const [role, path] of Object.entries(standards))
    parts.add(
      StandardsSubscription,
      `findings-${role}`,
      { standardsArn: `arn:${target.partition}:securityhub:${target.region}::standards/${path}` },
      { dependsOn: [hub] },
    );
  const detector = parts.add(Detector, 'threats', { enable: true, findingPublishingFrequency: 'FIFTEEN_MINUTES' });
  for (const name of features)
    parts.add(DetectorFeature, `threats-${name.toLowerCase().replaceAll('_', '-')}`, {
      detectorId: detector.id,
      name,
      status: 'ENABLED',
    });
  parts.add(Analyzer, 'outside-access', { analyzerName: awsName(target, 'outside-access'), type: 'ACCOUNT' });
  parts.add(MacieAccount, 'sensitive-data', { status: 'ENABLED', findingPublishingFrequency: 'FIFTEEN_MINUTES' });
  const rule = parts.add(EventRule, 'findings-told', {
    name: awsName(target, 'findings'),
    description: 'Findings that are high or critical and nobody has taken up',
    eventPattern: JSON.stringify({
      source: ['aws.securityhub'],
      'detail-type': ['Security Hub Findings - Imported'],
      detail: {
        findings: { Severity: { Label: ['HIGH', 'CRITICAL'] }, Workflow: { Status: ['NEW'] }, RecordState: ['ACTIVE'] },
      },
    }),
  });
  parts.add(EventTarget, 'findings-topic', { rule: rule.name, arn: topicArn });
}
