import { checkDeclaredProviders, declaredProviderForm } from '../functions/provider-access/declared-providers';
import { awsServingSchema } from './aws-serving-settings';
import {
  type ConfigSource,
  choice,
  listOf,
  matching,
  optional,
  parsed,
  readSettings,
  type Settings,
  wholeNumber,
} from './config-schema';

const label = /^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$/;
const hostName = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/;
const roleArn = /^arn:aws:iam::[0-9]{12}:role\/[\w+=,.@/*-]{1,512}$/;
const range = /^[0-9]{1,3}(\.[0-9]{1,3}){3}\/(1[6-9]|20)$/;
const siteRange = /^[0-9]{1,3}(\.[0-9]{1,3}){3}\/([89]|[12]\d|3[0-2])$/;
const own = (what: string) =>
  choice(
    ['own', 'existing'],
    `${what}: there is one in an account and region; \`existing\` where another stack has it.`,
    'own',
  );

/** Every setting of a stack on AWS. docs/configuration-aws.md is generated from it. */
export const awsSchema = {
  target: { ...choice(['aws'], 'Where the lake is deployed.'), allowed: 'kubernetes, aws' },
  environment: choice(
    ['production', 'development'],
    'Production locks audit and backups so that nobody, the account included, takes that back.',
    'production',
  ),
  name: matching(
    label,
    'a word of at most 20 of a-z, 0-9 and -',
    'Begins the name of everything in the account.',
    'lake',
  ),
  accountId: matching(/^[0-9]{12}$/, 'twelve digits', 'The account; any other is refused.'),
  region: choice(['eu-west-2'], 'Where everything is: London, the region of AWS in the United Kingdom.', 'eu-west-2'),
  zones: listOf(/^eu-west-2[a-c]$/, 'an availability zone of the region', 'Two or three of them.', [
    'eu-west-2a',
    'eu-west-2b',
  ]),
  owner: matching(
    /^[\w .@/+=:-]{1,256}$/,
    'the name of a team',
    'Who answers for the lake; a tag on everything, never a person.',
  ),
  costCentre: matching(/^[\w .@/+=:-]{1,256}$/, 'a code', 'Who pays for it; a tag on everything.'),
  deployers: listOf(
    roleArn,
    'the ARN of a role, with * if need be',
    'The roles of the pipelines: they alone change keys and policies.',
  ),
  breakGlass: listOf(roleArn, 'the ARN of a role', 'Roles for an emergency; their use raises an alarm.', []),
  boundary: optional(
    matching(
      /^arn:aws:iam::[0-9]{12}:policy\/[\w+=,.@/-]{1,512}$/,
      'the ARN of a policy',
      'The permissions boundary of every role.',
    ),
  ),
  lakeRange: matching(range, 'IPv4 with 16 to 20 bits of prefix', "The lake's network.", '10.80.0.0/16'),
  treRange: matching(range, 'IPv4 with 16 to 20 bits of prefix', 'The research network.', '10.81.0.0/16'),
  host: matching(hostName, 'a host name', 'Where senders reach the API and its tokens: https://HOST/FHIR/R4.'),
  certificateArn: matching(
    /^arn:aws:acm:eu-west-2:[0-9]{12}:certificate\/[\w-]+$/,
    'the ARN of a certificate in eu-west-2',
    "The host's certificate in Certificate Manager.",
  ),
  ingress: choice(
    ['public', 'private'],
    'Everyone who has a token, or only by a private link or tunnel into the lake.',
    'private',
  ),
  requestsPerMinute: wholeNumber(1, 1_000_000, 'Requests a provider may make in a minute.', 6000),
  requestsPerSecond: wholeNumber(1, 10_000, 'Requests a second of all together; as many again may come at once.', 200),
  requestsPerAddress: wholeNumber(
    10,
    2_000_000_000,
    'Requests of one address in five minutes before it is held off.',
    20_000,
  ),
  ingestInstances: wholeNumber(
    2,
    500,
    'The most instances of the ingestion API at one time; the account keeps them for it.',
    50,
  ),
  providers: parsed(
    checkDeclaredProviders,
    `a list, each item ${declaredProviderForm}`,
    'Who may send; the register of the lake becomes this list at every deployment. `lake provider key` makes a key pair.',
    [],
  ),
  secretsExtensionArn: matching(
    /^arn:aws:lambda:eu-west-2:[0-9]{12}:layer:[\w-]+:[0-9]+$/,
    'the ARN of a layer version',
    'The AWS Parameters and Secrets Lambda Extension of the region; AWS lists its ARN for each region.',
  ),
  stateLeastUnits: wholeNumber(1, 128, 'Capacity units that each database always has, each about 2 GiB.', 1),
  stateMostUnits: wholeNumber(1, 256, 'Capacity units that each database may grow to.', 16),
  logDays: wholeNumber(1, 3653, 'Days that logs can be searched; the locked archive keeps them for auditDays.', 400),
  auditDays: wholeNumber(1, 36_500, 'Days for which nobody can delete a record of audit or of the account.', 3653),
  backupDays: wholeNumber(1, 35, 'Days for which a copy is kept, and any moment of the databases can be restored.', 35),
  notify: listOf(/^[^@\s]{1,64}@[^@\s]{1,190}$/, 'a mail address', 'Shared mailboxes that alarms go to.', []),
  monthlyDollars: wholeNumber(1, 10_000_000, 'US dollars a month from which people are told.', 5000),
  leastTls: choice(['1.3', '1.2'], 'The oldest TLS that buckets take.', '1.3'),
  analyticsVpc: optional(
    matching(
      /^vpc-[0-9a-f]{8,17}$/,
      'the id of a network',
      'Network of the analytics team, which is peered with the research network.',
    ),
  ),
  analyticsAccount: optional(matching(/^[0-9]{12}$/, 'twelve digits', 'Its account.')),
  analyticsRange: optional(matching(siteRange, 'an IPv4 range of /8 or longer', 'Its range.')),
  vpnGateway: optional(
    matching(
      /^[0-9]{1,3}(\.[0-9]{1,3}){3}$/,
      'an IPv4 address',
      "The site's own gateway: a tunnel leads to the lake's endpoints.",
    ),
  ),
  vpnAsn: wholeNumber(1, 4_294_967_294, 'Its autonomous system number.', 65_000),
  vpnRanges: listOf(siteRange, 'an IPv4 range of /8 or longer', 'Ranges behind it.', []),
  ...awsServingSchema,
  recorder: own('The recorder of configuration'),
  findings: own('Security Hub, GuardDuty, Access Analyzer and Macie'),
  accountBlocks: own('The blocks of public buckets and of internet gateways'),
} as const;

export type AwsConfig = Settings<typeof awsSchema>;

/** What only several values together show. */
function checkTogether(config: AwsConfig): readonly string[] {
  const problems: string[] = [];
  const need = (keys: readonly (keyof AwsConfig)[], because: string): void => {
    for (const key of keys)
      if (config[key] === undefined || (Array.isArray(config[key]) && config[key].length === 0))
        problems.push(`${key}: missing; it is needed because ${because}; allowed: ${awsSchema[key].allowed}`);
  };
  if (new Set(config.zones).size < 2 || new Set(config.zones).size < config.zones.length)
    problems.push('zones: allowed: two or three different availability zones');
  if (config.deployers.length === 0) problems.push(`deployers: empty; allowed: ${awsSchema.deployers.allowed}`);
  if (config.stateLeastUnits > config.stateMostUnits)
    problems.push('stateLeastUnits: more than stateMostUnits; allowed: as many or fewer');
  if (config.analyticsVpc !== undefined) need(['analyticsAccount', 'analyticsRange'], 'analyticsVpc is set');
  if (config.vpnGateway !== undefined) need(['vpnRanges'], 'vpnGateway is set');
  if (config.sparkJobs.length > 0) need(['sparkArtefacts', 'sparkArtefactsKey', 'sparkJars'], 'sparkJobs names jobs');
  if (config.warehouse === 'redshift' && config.zones.length < 3)
    problems.push('zones: fewer than three; they are needed because warehouse is redshift; allowed: three');
  return problems;
}

/** @throws ConfigError with everything that is wrong. */
export const readAwsConfig = (source: ConfigSource): AwsConfig => readSettings(awsSchema, source, checkTogether);
