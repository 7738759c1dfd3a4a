import assert from 'node:assert/strict';
import {
  type AlertClass,
  type AwsAlarmSettings,
  type AwsLog,
  alarmRules,
  alertClasses,
  callerField,
} from '../../components/audit/aws-alarm-rules';
import { place } from './aws-account';
import { meetsPattern } from './log-pattern';

const settings: AwsAlarmSettings = {
  buckets: { identity: 'lake-identity', marts: 'lake-marts', audit: 'lake-audit' },
  builders: ['lake-marts'],
  identityReaders: ['lake-identity', 'lake-backup'],
  providers: ['surgery'],
  logs: ['trail', 'flows', 'names', 'access', 'identity'],
};
const rules = alarmRules(place, settings);
/** The alarms that count a line; surgery's client id is that of the lines here. */
const counting = (log: AwsLog, line: unknown): readonly string[] =>
  rules
    .filter(({ provider }) => provider === undefined || (line as { readonly caller?: string })[callerField] === 'a1001')
    .filter(({ counts }) => Object.values(counts).some((one) => one.log === log && meetsPattern(one.pattern, line)))
    .map(({ name }) => name);

const by = (userName: string) => ({ type: 'AssumedRole', sessionContext: { sessionIssuer: { userName } } });
const read = (bucketName: string, role: string, more: object = {}) => ({
  eventSource: 's3.amazonaws.com',
  eventName: 'GetObject',
  userIdentity: by(role),
  requestParameters: { bucketName, key: 'p/1', Host: `${bucketName}.s3.eu-west-2.amazonaws.com` },
  ...more,
});
const sealed = (key: string) => ({
  eventSource: 's3.amazonaws.com',
  eventName: 'PutObject',
  userIdentity: by('lake-audit-sealer'),
  requestParameters: { bucketName: 'lake-audit', key },
});
const flow = (action: string): string =>
  `2 123456789012 eni-1 10.80.0.4 203.0.113.9 40000 443 6 3 180 1700000000 1700000060 ${action} OK`;
const request = (status: string) => ({ status, caller: 'a1001', method: 'POST', operation: '/FHIR/R4/{type}' });
const management = (eventName: string, more: object = {}) => ({
  eventSource: 'ec2.amazonaws.com',
  eventName,
  userIdentity: by('somebody'),
  ...more,
});
const [glass = ''] = place.breakGlass;
const taken = (roleArn: string) => management('AssumeRoleWithSAML', { requestParameters: { roleArn } });
const key = (eventName: string, more: object = {}) =>
  management(eventName, { eventSource: 'kms.amazonaws.com', ...more });

/** What happens when something is wrong, by class of alert: lines as the services write them, and the one alarm that counts each. */
const scenes: readonly (readonly [alert: AlertClass, alarm: string, log: AwsLog, line: unknown])[] = [
  ['failed-authentication', 'failed-authentication', 'access', request('401')],
  ['failed-authentication', 'failed-authentication', 'access', request('403')],
  ['bulk-read-off-hours', 'bulk-read-off-hours', 'trail', read('lake-marts', 'lake-warehouse')],
  [
    'bulk-read-off-hours',
    'bulk-read-off-hours',
    'trail',
    read('arn:aws:s3:eu-west-2:123456789012:accesspoint/lake-marts-tre', 'lake-research-flu', {
      requestParameters: { Host: 'lake-marts-tre-123456789012.s3-accesspoint.eu-west-2.amazonaws.com' },
    }),
  ],
  ['identity-read-without-request', 'identity-read-without-request', 'trail', read('lake-identity', 'administrator')],
  [
    'identity-read-without-request',
    'identity-read-without-request',
    'trail',
    read('lake-identity', 'lake-ingest', { errorCode: 'AccessDenied' }),
  ],
  ['egress-attempt', 'egress-packet', 'flows', flow('REJECT')],
  ['egress-attempt', 'egress-name', 'names', { query_name: 'example.org.', firewall_rule_action: 'BLOCK' }],
  ['rejected-messages', 'rejected-messages-surgery', 'access', request('400')],
  ['rejected-messages', 'rejected-messages-surgery', 'access', request('422')],
  ['opt-out-stale', 'opt-out-stale', 'identity', { level: 'error', name: 'LakeError', code: 'PreconditionFailed' }],
  ['unexpected-key-use', 'unexpected-key-use', 'trail', key('Decrypt', { errorCode: 'AccessDenied' })],
  ['guard-changed', 'key-changed', 'trail', key('PutKeyPolicy')],
  ['guard-changed', 'key-changed', 'trail', key('ScheduleKeyDeletion')],
  ['guard-changed', 'watch-changed', 'trail', management('StopLogging')],
  ['guard-changed', 'watch-changed', 'trail', management('StopConfigurationRecorder')],
  ['guard-changed', 'watch-changed', 'trail', management('DeleteAlarms')],
  ['guard-changed', 'gateway-made', 'trail', management('CreateNatGateway')],
  ['guard-changed', 'gateway-made', 'trail', management('ModifyVpcBlockPublicAccessOptions')],
  ['break-glass', 'break-glass', 'trail', taken(glass)],
  [
    'break-glass',
    'break-glass',
    'trail',
    { eventName: 'ConsoleLogin', eventType: 'AwsConsoleSignIn', userIdentity: { type: 'Root' } },
  ],
];

/** An ordinary day. */
const quiet: readonly (readonly [log: AwsLog, line: unknown])[] = [
  ['access', request('201')],
  ['access', { ...request('422'), caller: 'rx101' }],
  ['trail', read('lake-marts', 'lake-marts')],
  ['trail', read('lake-identity', 'lake-identity')],
  ['trail', read('lake-identity', 'lake-backup')],
  ['trail', read('lake-landing', 'lake-curate')],
  ['flows', flow('ACCEPT')],
  ['flows', '2 123456789012 eni-1 - - - - - - - 1700000000 1700000060 - NODATA'],
  ['names', { query_name: 'kms.eu-west-2.amazonaws.com.', firewall_rule_action: 'ALLOW' }],
  ['names', { query_name: 's3.eu-west-2.amazonaws.com.' }],
  ['identity', { level: 'error', name: 'LakeError', code: 'PermissionDenied' }],
  ['trail', key('Decrypt')],
  ['trail', key('CreateGrant', { userIdentity: { ...by('lake-deploy'), invokedBy: 'rds.amazonaws.com' } })],
  ['trail', management('CreateSecurityGroup')],
  ['trail', taken('arn:aws:iam::123456789012:role/lake-deploy')],
  ['trail', { eventName: 'CreateServiceLinkedRole', eventType: 'AwsServiceEvent', userIdentity: { type: 'Root' } }],
];

describe('Alarms on AWS, scene by scene', () => {
  for (const [index, [alert, alarm, log, line]] of scenes.entries())
    it(`${alarm} counts scene ${index + 1}, and no other does`, () => {
      assert.deepEqual(counting(log, line), [alarm]);
      assert.equal(rules.find(({ name }) => name === alarm)?.alert, alert);
    });

  it('count a checkpoint of each stream for that stream alone: its absence is the alarm', () => {
    for (const stream of ['lake', 'identity'])
      assert.deepEqual(counting('trail', sealed(`${stream}/checkpoints/1.json`)), [`audit-gap-${stream}`]);
    assert.deepEqual(counting('trail', { ...sealed('lake/checkpoints/1.json'), errorCode: 'AccessDenied' }), []);
  });

  it('stay silent on an ordinary day', () => {
    for (const [log, line] of quiet) assert.deepEqual(counting(log, line), [], JSON.stringify(line));
  });

  it('are shown for every class of alert', () => {
    const shown = new Set(scenes.map(([alert]) => alert));
    assert.deepEqual(
      alertClasses.filter((alert) => !shown.has(alert)),
      ['audit-gap'],
    );
  });

  it('are refused for more providers than CloudWatch surely counts apart in an hour', () => {
    const providers = Array.from({ length: 901 }, (_, n) => `provider-${n}`);
    assert.throws(() => alarmRules(place, { ...settings, providers }), /^RangeError: providers: allowed: 900 at most/);
    assert.doesNotThrow(() => alarmRules(place, { ...settings, providers: providers.slice(1) }));
  });

  it('go off at so many in so long, and reads of marts outside weekdays from 7 to 19 alone', () => {
    const at = (name: string): readonly unknown[] => {
      const rule = rules.find((one) => one.name === name);
      return [rule?.atLeast ?? rule?.below, rule?.periodSeconds];
    };
    assert.deepEqual(at('failed-authentication'), [50, 300]);
    assert.deepEqual(at('rejected-messages-surgery'), [100, 300]);
    assert.deepEqual(at('bulk-read-off-hours'), [500, 3600]);
    assert.deepEqual(at('audit-gap-lake'), [1, 900]);
    for (const name of [
      'identity-read-without-request',
      'egress-packet',
      'egress-name',
      'unexpected-key-use',
      'break-glass',
    ])
      assert.deepEqual(at(name), [1, 300], name);
    const { expression } = rules.find(({ name }) => name === 'bulk-read-off-hours') ?? {};
    assert.equal(expression, 'IF(HOUR(reads) < 7 OR HOUR(reads) >= 19 OR DAY(reads) > 5, reads, 0)');
  });
});
