import { auditStreams, streamPrefix } from '../../functions/audit/manifest';
import type { AwsTarget } from '../core/aws-target';

/** What an alarm looks at and when it goes off. */
export interface AwsAlarmRule {
  readonly name: string;
  /** The class of alert it stands for; each has one or more. */
  readonly alert: AlertClass;
  readonly description: string;
  /** Groups of log lines, each counted under the name. */
  readonly counts: Readonly<Record<string, { readonly log: AwsLog; readonly pattern: string }>>;
  /** Whose lines alone are looked at, of those that are counted for every caller. */
  readonly provider?: string;
  /** Of the counts; their sum when absent. */
  readonly expression?: string;
  readonly atLeast?: number;
  /** Goes off when there is less, and when there is nothing at all. */
  readonly below?: number;
  readonly periodSeconds: number;
  readonly periods?: number;
}

export type AwsLog = 'trail' | 'flows' | 'names' | 'access' | 'identity';

/** The classes of alert of a lake: audit-tre-outreach.md R4.6, and what every account is watched for (CIS AWS 5.0, section 4). */
export const alertClasses = [
  'failed-authentication',
  'bulk-read-off-hours',
  'identity-read-without-request',
  'egress-attempt',
  'rejected-messages',
  'audit-gap',
  'opt-out-stale',
  'unexpected-key-use',
  'guard-changed',
  'break-glass',
] as const;
export type AlertClass = (typeof alertClasses)[number];

export interface AwsAlarmSettings {
  /** Names of the zones' buckets. */
  readonly buckets: Readonly<Record<'identity' | 'marts' | 'audit', string>>;
  /** Names of the roles that read marts by themselves, at any hour: no person asks them. */
  readonly builders: readonly string[];
  /** Names of the roles that read sealed originals as messages and requests ask them to, and of the one that copies them. */
  readonly identityReaders: readonly string[];
  /** Names of those whose rejected messages are counted each by itself. */
  readonly providers: readonly string[];
  /** Whether there are log groups of the API and of the identity requests. */
  readonly logs: readonly AwsLog[];
}

const any = (...conditions: readonly string[]): string => conditions.map((one) => `(${one})`).join(' || ');
const every = (...conditions: readonly string[]): string => conditions.map((one) => `(${one})`).join(' && ');
const event = (...names: readonly string[]): string => any(...names.map((name) => `$.eventName = "${name}"`));
const json = (condition: string): string => `{ ${condition} }`;
const objectRead = (bucket: string): string =>
  every(
    '$.eventSource = "s3.amazonaws.com"',
    '$.eventName = "GetObject"',
    `$.requestParameters.bucketName = "${bucket}"`,
  );
/** By the bucket's name, or by an access point, whose own name stands where the bucket's would. */
const martRead = (bucket: string): string =>
  every(
    '$.eventSource = "s3.amazonaws.com"',
    '$.eventName = "GetObject"',
    any(`$.requestParameters.bucketName = "${bucket}"`, '$.requestParameters.Host = "*.s3-accesspoint.*"'),
  );
const byNone = (roles: readonly string[]): readonly string[] =>
  roles.map((role) => `$.userIdentity.sessionContext.sessionIssuer.userName != "${role}"`);
/** API Gateway writes it as text; a number is compared with numbers alone. */
const status = (code: number): string => any(`$.status = "${code}"`, `$.status = ${code}`);

const gateways = [
  'AcceptVpcPeeringConnection',
  'AttachInternetGateway',
  'CreateEgressOnlyInternetGateway',
  'CreateInternetGateway',
  'CreateNatGateway',
  'ModifyVpcBlockPublicAccessOptions',
];
const watchers = [
  'DeleteAlarms',
  'DeleteConfigurationRecorder',
  'DeleteDeliveryChannel',
  'DeleteDetector',
  'DeleteFlowLogs',
  'DeleteMetricFilter',
  'DeleteTrail',
  'DisableAlarmActions',
  'DisableSecurityHub',
  'DisassociateResolverQueryLogConfig',
  'PutEventSelectors',
  'SetAlarmState',
  'StopConfigurationRecorder',
  'StopLogging',
  'Unsubscribe',
  'UpdateDetector',
  'UpdateTrail',
];
const keyChanges = ['CreateGrant', 'DisableKey', 'PutKeyPolicy', 'ScheduleKeyDeletion'];

/**
 * The field of a line of the API's log that becomes a dimension of what is counted for each provider: a log group takes 100
 * filters (CloudWatch Logs quotas), so that there cannot be one for each.
 */
export const callerField = 'caller';

/**
 * CloudWatch Logs may switch a filter off that finds 1,000 values of its dimensions in an hour (API_PutMetricFilter). Values are the
 * client ids of verified tokens, of which issuers give none but to providers that the stack declares, and `-` for requests without a
 * token. The rest is for those that a deployment leaves out: their tokens go on for minutes.
 */
const mostProviders = 900;

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html */
const longestPattern = 1024;

/** Every alarm of a lake; those of a log that is not there are left out. */
export function alarmRules(
  target: Pick<AwsTarget, 'breakGlass'>,
  { buckets, builders, identityReaders, providers, logs }: AwsAlarmSettings,
): readonly AwsAlarmRule[] {
  if (providers.length > mostProviders)
    throw new RangeError(
      `providers: allowed: ${mostProviders} at most, as CloudWatch may stop counting what is refused to each where they are more. Divide them over two lakes.`,
    );
  const rules: readonly AwsAlarmRule[] = [
    {
      name: 'failed-authentication',
      alert: 'failed-authentication',
      description: 'Many requests in a short time that showed no good token',
      counts: { refused: { log: 'access', pattern: json(any(status(401), status(403))) } },
      atLeast: 50,
      periodSeconds: 300,
    },
    {
      name: 'bulk-read-off-hours',
      alert: 'bulk-read-off-hours',
      description: 'Many reads of marts by people or their tools outside weekdays from 7 to 19 (UTC)',
      counts: { reads: { log: 'trail', pattern: json(every(martRead(buckets.marts), ...byNone(builders))) } },
      // Day 6 and 7 are the weekend (CloudWatch User Guide, "Using metric math").
      expression: 'IF(HOUR(reads) < 7 OR HOUR(reads) >= 19 OR DAY(reads) > 5, reads, 0)',
      atLeast: 500,
      periodSeconds: 3600,
    },
    {
      name: 'identity-read-without-request',
      alert: 'identity-read-without-request',
      description: 'Somebody read or tried to read sealed originals whom no message and no request asks to',
      counts: {
        reads: { log: 'trail', pattern: json(every(objectRead(buckets.identity), ...byNone(identityReaders))) },
      },
      atLeast: 1,
      periodSeconds: 300,
    },
    {
      name: 'egress-packet',
      alert: 'egress-attempt',
      description: 'A packet was refused in a network that has nothing to refuse',
      counts: {
        refused: {
          log: 'flows',
          pattern:
            '[version, account, interface, source, destination, sourceport, destinationport, protocol, packets, bytes, start, end, action="REJECT", status]',
        },
      },
      atLeast: 1,
      periodSeconds: 300,
    },
    {
      name: 'egress-name',
      alert: 'egress-attempt',
      description: 'A name outside was asked for',
      counts: { refused: { log: 'names', pattern: json('$.firewall_rule_action = "BLOCK"') } },
      atLeast: 1,
      periodSeconds: 300,
    },
    ...providers.map(
      (provider): AwsAlarmRule => ({
        name: `rejected-messages-${provider}`,
        alert: 'rejected-messages',
        description: 'Many messages of one provider were refused',
        counts: { refused: { log: 'access', pattern: json(any(status(400), status(422))) } },
        provider,
        atLeast: 100,
        periodSeconds: 300,
      }),
    ),
    // One for each stream: a sealer that works would hide that the other does not.
    ...auditStreams.map(
      (stream): AwsAlarmRule => ({
        name: `audit-gap-${stream}`,
        alert: 'audit-gap',
        description: `No checkpoint of the audit of the ${stream} has come for a quarter of an hour`,
        counts: {
          sealed: {
            log: 'trail',
            pattern: json(
              every(
                '$.eventSource = "s3.amazonaws.com"',
                '$.eventName = "PutObject"',
                `$.requestParameters.bucketName = "${buckets.audit}"`,
                `$.requestParameters.key = "${streamPrefix(stream)}*"`,
                '$.errorCode NOT EXISTS',
              ),
            ),
          },
        },
        below: 1,
        periodSeconds: 900,
      }),
    ),
    {
      name: 'opt-out-stale',
      alert: 'opt-out-stale',
      description: 'The identity function refused to answer: an opt-out list is missing or too old',
      // What it refuses with this code and no other (functions/identity/identity-requests.ts).
      counts: { refused: { log: 'identity', pattern: json('$.code = "PreconditionFailed"') } },
      atLeast: 1,
      periodSeconds: 300,
    },
    {
      name: 'unexpected-key-use',
      alert: 'unexpected-key-use',
      description: 'A key refused whoever wanted to use it',
      counts: {
        refused: {
          log: 'trail',
          pattern: json(every('$.eventSource = "kms.amazonaws.com"', '$.errorCode = "AccessDenied*"')),
        },
      },
      atLeast: 1,
      periodSeconds: 300,
    },
    {
      name: 'key-changed',
      alert: 'guard-changed',
      description: 'A key, its policy or its grants were changed by a person or a pipeline',
      counts: {
        changed: {
          log: 'trail',
          pattern: json(
            every('$.eventSource = "kms.amazonaws.com"', '$.userIdentity.invokedBy NOT EXISTS', event(...keyChanges)),
          ),
        },
      },
      atLeast: 1,
      periodSeconds: 300,
    },
    {
      name: 'watch-changed',
      alert: 'guard-changed',
      description: 'Something that watches the account was stopped or changed',
      counts: { changed: { log: 'trail', pattern: json(event(...watchers)) } },
      atLeast: 1,
      periodSeconds: 300,
    },
    {
      name: 'gateway-made',
      alert: 'guard-changed',
      description: 'A way out of a network was made or asked for',
      counts: { made: { log: 'trail', pattern: json(event(...gateways)) } },
      atLeast: 1,
      periodSeconds: 300,
    },
    {
      name: 'break-glass',
      alert: 'break-glass',
      description: 'A role for emergencies, or the root of the account, was used',
      counts: {
        used: {
          log: 'trail',
          pattern: json(
            any(
              every(
                '$.userIdentity.type = "Root"',
                '$.userIdentity.invokedBy NOT EXISTS',
                '$.eventType != "AwsServiceEvent"',
              ),
              ...target.breakGlass.map((role) =>
                every('$.eventName = "AssumeRole*"', `$.requestParameters.roleArn = "${role}"`),
              ),
            ),
          ),
        },
      },
      atLeast: 1,
      periodSeconds: 300,
    },
  ];
  for (const { name, counts } of rules)
    if (Object.values(counts).some(({ pattern }) => pattern.length > longestPattern))
      throw new RangeError(
        `The alarm ${name}: CloudWatch takes a pattern of ${longestPattern} characters. Give the lake or the stack a shorter name.`,
      );
  return rules.filter(({ counts }) => Object.values(counts).every(({ log }) => logs.includes(log)));
}
