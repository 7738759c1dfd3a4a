import { checkDeclaredProviders, declaredProviderForm } from '../functions/provider-access/declared-providers';
import { awsBeyondSchema, checkBeyond } from './aws-beyond-settings';
import { awsCodeSchema } from './aws-code';
import { awsDefinitionsSchema, checkDefinitions } from './aws-definitions';
import { awsGatewaySchema, checkGateway } from './aws-gateway-settings';
import { awsOperatingSchema } from './aws-operating-settings';
import { awsServingSchema, checkServing } from './aws-serving-settings';
import { awsTokenSchema, checkTokens } from './aws-token-settings';
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
import { checkOperators } from './network-settings';

const label = /^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$/;
const roleArn = /^arn:aws:iam::[0-9]{12}:role\/[\w+=,.@/*-]{1,512}$/;
const range = /^[0-9]{1,3}(\.[0-9]{1,3}){3}\/(1[6-9]|20)$/;
const own = (what: string) =>
  choice(
    ['own', 'existing'],
    `${what}: there is one in an account and region; \`existing\` where another stack has it.`,
    'own',
  );

/** Logs that are kept for a time of their own: of the API, of databases, functions, networks, of what builds tables, of the account. */
const logClasses = ['access', 'databases', 'functions', 'networks', 'tables', 'trail'] as const;
export type LogClass = (typeof logClasses)[number];

function checkLogDays(value: unknown): Readonly<Partial<Record<LogClass, number>>> {
  const given = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : { none: 0 };
  for (const [name, days] of Object.entries(given))
    if (!logClasses.some((one) => one === name) || !Number.isInteger(days) || days < 1 || days > 3653)
      throw new RangeError('a class of logs, and its days');
  return given;
}

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
  ...awsGatewaySchema,
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
  ...awsTokenSchema,
  ...awsCodeSchema,
  ...awsDefinitionsSchema,
  secretsExtensionArn: matching(
    /^arn:aws:lambda:eu-west-2:[0-9]{12}:layer:[\w-]+:[0-9]+$/,
    'the ARN of a layer version',
    'The AWS Parameters and Secrets Lambda Extension of the region; AWS lists its ARN for each region.',
  ),
  stateLeastUnits: wholeNumber(1, 128, 'Capacity units that each database always has, each about 2 GiB.', 1),
  stateMostUnits: wholeNumber(1, 256, 'Capacity units that each database may grow to.', 16),
  logDays: wholeNumber(1, 3653, 'Days that logs can be searched; the locked archive keeps them for auditDays.', 400),
  logDaysOf: parsed(
    checkLogDays,
    `a map with the keys ${logClasses.join(', ')}, each value a whole number from 1 to 3653`,
    'The same for a class of logs by itself.',
    {},
  ),
  auditDays: wholeNumber(1, 36_500, 'Days for which nobody can delete a record of audit or of the account.', 3653),
  backupDays: wholeNumber(1, 35, 'Days for which a copy is kept, and any moment of the databases can be restored.', 35),
  notify: listOf(/^[^@\s]{1,64}@[^@\s]{1,190}$/, 'a mail address', 'Shared mailboxes that alarms go to.', []),
  monthlyDollars: wholeNumber(1, 10_000_000, 'US dollars a month from which people are told.', 5000),
  leastTls: choice(['1.3', '1.2'], 'The oldest TLS that buckets take.', '1.3'),
  ...awsBeyondSchema,
  ...awsServingSchema,
  ...awsOperatingSchema,
  recorder: own('The recorder of configuration'),
  findings: own('Security Hub, GuardDuty, Access Analyzer and Macie'),
  spendMonitor: own('The monitor of unusual spending, which AWS makes in some accounts by itself'),
  accountBlocks: own('The blocks of public buckets and of internet gateways'),
} as const;

export type AwsConfig = Settings<typeof awsSchema>;

/** What only several values together show. */
function checkTogether(config: AwsConfig): readonly string[] {
  const problems: string[] = [...checkOperators(config)];
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
  if (config.truststoreUri !== undefined) need(['truststoreVersion'], 'truststoreUri is set');
  if (config.warehouse === 'redshift' && config.zones.length < 3)
    problems.push('zones: fewer than three; they are needed because warehouse is redshift; allowed: three');
  problems.push(...checkTokens(config), ...checkBeyond(config), ...checkGateway(config), ...checkServing(config));
  problems.push(...checkDefinitions(config));
  return problems;
}

/** @throws ConfigError with everything that is wrong. */
export const readAwsConfig = (source: ConfigSource): AwsConfig => readSettings(awsSchema, source, checkTogether);
