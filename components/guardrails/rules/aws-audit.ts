import { listOf } from '../reachability/input-values';
import { awsAccount, awsType } from './aws-types';
import { at, isSet, listAt, textAt, textsAt } from './guarded-resource';
import { type Rule, unless } from './rule';

const trail = awsType('cloudtrail', 'Trail');
const logGroup = awsType('cloudwatch', 'LogGroup');
const vault = awsType('backup', 'Vault');
/** Figures that CloudWatch takes, from a day to ten years. */
const keptFor = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** What is written down, for how long, and who is told. */
export const awsAuditRules: readonly Rule[] = [
  {
    id: 'trail-complete',
    title: 'Every call to the account is written down in every region, so that a change of the record shows',
    references: [
      'NCSC 13',
      'CAF C1.a',
      'CAF C1.b',
      'SATRE 2.5.03',
      'FSBP CloudTrail.1',
      'FSBP CloudTrail.2',
      'FSBP CloudTrail.4',
    ],
    types: [trail],
    property: 'isMultiRegionTrail, includeGlobalServiceEvents, enableLogFileValidation, enableLogging',
    wrong: ({ props }) =>
      unless(
        at(props, 'isMultiRegionTrail') === true &&
          at(props, 'includeGlobalServiceEvents') !== false &&
          at(props, 'enableLogFileValidation') === true &&
          at(props, 'enableLogging') !== false,
        'The trail leaves out calls, or a change of it would not show. Set isMultiRegionTrail and enableLogFileValidation.',
      ),
  },
  {
    id: 'trail-encrypted',
    title: 'The record of calls is encrypted with a key of the customer',
    references: ['NCSC 2', 'NCSC 13', 'CAF B3.c', 'CAF C1.b', 'SATRE 2.8.01', 'FSBP CloudTrail.2'],
    types: [trail],
    property: 'kmsKeyId',
    wrong: ({ props }) =>
      unless(isSet(at(props, 'kmsKeyId')), 'The trail is encrypted with a key of AWS. Set kmsKeyId.'),
  },
  {
    id: 'trail-watched',
    title: 'The record of calls is where alarms look at it',
    references: ['NCSC 13', 'CAF C1.a', 'CAF C1.c', 'SATRE 2.5.03', 'FSBP CloudTrail.5'],
    types: [trail],
    property: 'cloudWatchLogsGroupArn, cloudWatchLogsRoleArn',
    wrong: ({ props }) =>
      unless(
        isSet(at(props, 'cloudWatchLogsGroupArn')) && isSet(at(props, 'cloudWatchLogsRoleArn')),
        'No alarm sees the trail. Send it to a log group (cloudWatchLogsGroupArn, cloudWatchLogsRoleArn).',
      ),
  },
  {
    id: 'trail-data-events',
    title: 'Every read and write of an object is written down',
    references: ['NCSC 13', 'CAF C1.a', 'SATRE 2.2.14', 'SATRE 2.5.03', 'FSBP S3.22', 'FSBP S3.23'],
    types: [trail],
    property: 'advancedEventSelectors: eventCategory Data, resources.type AWS::S3::Object',
    wrong: ({ props }) =>
      unless(
        listAt(props, 'advancedEventSelectors').some((selector) => {
          const fields = new Map(
            listAt(selector, 'fieldSelectors').map((one) => [textAt(one, 'field'), textsAt(one, 'equals')] as const),
          );
          return (
            fields.get('eventCategory')?.includes('Data') === true &&
            fields.get('resources.type')?.includes('AWS::S3::Object') === true &&
            !fields.has('readOnly')
          );
        }),
        'Reads or writes of objects are not written down. Add a selector for AWS::S3::Object without readOnly.',
      ),
  },
  {
    id: 'config-recorded',
    title: 'Every change of a resource is recorded',
    references: ['NCSC 5', 'NCSC 13', 'CAF B4.b', 'CAF C1.a', 'SATRE 2.4.01', 'FSBP Config.1'],
    types: [awsType('cfg', 'RecorderStatus')],
    property: 'isEnabled',
    wrong: ({ props }) => unless(at(props, 'isEnabled') === true, 'The recorder is off. Set isEnabled.'),
  },
  {
    id: 'threats-detected',
    title: 'Threats are looked for',
    references: ['NCSC 5', 'NCSC 13', 'CAF C1.a', 'CAF C1.d', 'SATRE 2.5.03', 'FSBP GuardDuty.1'],
    types: [awsType('guardduty', 'Detector')],
    property: 'enable',
    // The service's own default is on.
    wrong: ({ props }) => unless(at(props, 'enable') !== false, 'The detector is off. Set enable.'),
  },
  {
    id: 'audit-services-there',
    title: 'The account has a trail, a recorder and a detector, of this stack or by its own statement',
    references: ['NCSC 13', 'CAF C1.a', 'SATRE 2.5.03', 'FSBP CloudTrail.1', 'FSBP Config.1'],
    types: [awsAccount],
    property: 'cloudtrail Trail',
    stack: true,
    concerns: (_account, graph) => graph.of(awsType('s3', 'Bucket')).length > 0,
    wrong: (_account, graph) =>
      unless(graph.of(trail).length > 0, 'Nothing writes down who reads and changes the buckets. Add a Trail.'),
  },
  {
    id: 'log-group-kept',
    title: 'A log is kept for a stated time, from a day to ten years',
    references: ['NCSC 13', 'CAF C1.a', 'CAF C1.b', 'SATRE 2.5.03', 'FSBP CloudWatch.16'],
    types: [logGroup],
    property: 'retentionInDays',
    wrong: ({ props }) =>
      unless(
        keptFor.includes(Number(at(props, 'retentionInDays'))),
        'The log is kept for ever, or for a time that CloudWatch does not know. Set retentionInDays.',
      ),
  },
  {
    id: 'log-group-encrypted',
    title: 'A log is encrypted with a key of the customer',
    references: ['NCSC 2', 'NCSC 13', 'CAF B3.c', 'CAF C1.b', 'SATRE 2.8.01'],
    types: [logGroup],
    property: 'kmsKeyId',
    wrong: ({ props }) => unless(isSet(at(props, 'kmsKeyId')), 'The log is encrypted with a key of AWS. Set kmsKeyId.'),
  },
  {
    id: 'alarm-tells-somebody',
    title: 'An alarm tells somebody',
    references: ['NCSC 13', 'CAF C1.c', 'CAF C1.d', 'SATRE 2.6.04', 'FSBP CloudWatch.15'],
    types: [awsType('cloudwatch', 'MetricAlarm')],
    property: 'alarmActions',
    wrong: ({ props }) =>
      unless(
        listAt(props, 'alarmActions').length > 0 && at(props, 'actionsEnabled') !== false,
        'Nobody is told when the alarm goes off. Set alarmActions.',
      ),
  },
  {
    id: 'state-machine-logged',
    title: 'Runs of jobs are logged without the data in them',
    references: ['NCSC 13', 'CAF C1.a', 'CAF B3.c', 'SATRE 2.2.13', 'FSBP StepFunctions.1'],
    types: [awsType('sfn', 'StateMachine')],
    property: 'loggingConfiguration.level, loggingConfiguration.includeExecutionData',
    wrong: ({ props }) =>
      unless(
        ['ALL', 'ERROR'].includes(textAt(props, 'loggingConfiguration.level')) &&
          at(props, 'loggingConfiguration.includeExecutionData') !== true,
        'Runs are not logged, or with their data. Set level to ALL or ERROR, and includeExecutionData to false.',
      ),
  },
  {
    id: 'backup-encrypted',
    title: 'Backups are encrypted with a key of the customer',
    references: ['NCSC 2', 'CAF B5.c', 'CAF B3.c', 'SATRE 2.8.01', 'FSBP Backup.1'],
    types: [vault],
    property: 'kmsKeyArn',
    wrong: ({ props }) =>
      unless(isSet(at(props, 'kmsKeyArn')), 'Backups are encrypted with a key of AWS. Set kmsKeyArn.'),
  },
  {
    id: 'backup-locked',
    title: 'A backup cannot be deleted before its time',
    references: ['NCSC 2', 'CAF B5.c', 'SATRE 2.4.05', 'SATRE 3.1.09'],
    types: [vault],
    property: 'VaultLockConfiguration minRetentionDays',
    stack: true,
    wrong: (resource, graph) =>
      unless(
        graph
          .beside(resource, awsType('backup', 'VaultLockConfiguration'), 'backupVaultName')
          .some(
            ({ props }) =>
              Number(at(props, 'minRetentionDays')) >= 1 && listOf(at(props, 'maxRetentionDays')).length <= 1,
          ),
        'A backup can be deleted at any time. Lock the vault with minRetentionDays.',
      ),
  },
];
