import type { AwsColumnGrant } from '../components/catalogue/aws';
import { jobStates, type SparkJob } from '../components/curation/job-states';
import type { AwsProject } from '../components/tre/aws';
import { choice, fieldsOf, listOf, matching, optional, parsed, type Settings, wholeNumber } from './config-schema';

const iamArn = /^arn:aws:iam::[0-9]{12}:role\/[\w+=,.@/-]{1,512}$/;
const name = /^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$/;

/** Checked as the state machine checks them; where they run does not matter for that. */
function checkJobs(value: unknown): readonly SparkJob[] {
  const jobs = value as readonly SparkJob[];
  if (!Array.isArray(jobs) || jobs.some((job) => typeof job?.name !== 'string' || typeof job.script !== 'string'))
    throw new RangeError('a job has a name and a script');
  const nowhere = { applicationId: '', jobRoleArn: '', artefactsBucket: '', logKeyArn: '', failureTopicArn: '' };
  if (jobs.length > 0) jobStates(jobs, nowhere);
  return jobs;
}

function checkProjects(value: unknown): readonly AwsProject[] {
  const projects = value as readonly AwsProject[];
  const isRight = ({ name: called, imageId, instanceType, diskGigabytes }: AwsProject): boolean =>
    name.test(called) &&
    /^ami-[0-9a-f]{8,17}$/.test(imageId) &&
    /^[a-z0-9-]+\.[a-z0-9]+$/.test(instanceType) &&
    Number.isInteger(diskGigabytes) &&
    diskGigabytes >= 8;
  if (!Array.isArray(projects) || !projects.every((one) => typeof one === 'object' && one !== null && isRight(one)))
    throw new RangeError('a project has a name, imageId, instanceType and diskGigabytes');
  if (new Set(projects.map((one) => one.name)).size < projects.length) throw new RangeError('each project once');
  return projects;
}

const bucketName = /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/;
const keyArn = /^arn:aws:kms:eu-west-2:[0-9]{12}:key\/[\w-]+$/;
const sqlName = /^[a-z][a-z0-9_]{0,62}$/;

function checkColumnGrants(value: unknown): readonly AwsColumnGrant[] {
  if (!Array.isArray(value)) throw new RangeError('a list of grants');
  return value.map((item: unknown) => {
    const { columns, excluded, ...rest } = { ...(item as Partial<AwsColumnGrant>) };
    for (const names of [columns, excluded])
      if (
        names !== undefined &&
        (!Array.isArray(names) || names.length === 0 || !names.every((one) => sqlName.test(one)))
      )
        throw new RangeError('names of columns');
    if (columns !== undefined && excluded !== undefined) throw new RangeError('columns or excluded, not both');
    const { zone, ...named } = fieldsOf(rest, { principal: iamArn, zone: /^(curated|marts)$/, table: sqlName });
    return {
      ...named,
      zone: zone as AwsColumnGrant['zone'],
      ...(columns === undefined ? {} : { columns }),
      ...(excluded === undefined ? {} : { excluded }),
    };
  });
}

/** Settings of what reads and builds tables on AWS; none of it is there unless it is asked for. */
export const awsServingSchema = {
  catalogue: choice(['none', 'glue'], 'Whether engines find tables in the Glue Data Catalog.', 'none'),
  catalogueTypes: listOf(
    /^[A-Z][A-Za-z]{1,63}$/,
    'a FHIR resource type',
    'Curated tables that are in the catalogue from the first day.',
    ['Patient', 'Encounter', 'Condition', 'Observation', 'Procedure', 'MedicationRequest', 'Immunization'],
  ),
  columnGrants: parsed(
    checkColumnGrants,
    'a list, each item { principal, zone, table } and either columns or excluded or neither; zone is curated or marts',
    'Roles that read a table through the catalogue: these columns, all but those excluded, or all. Nobody else reads one there.',
    [],
  ),
  foreignData: optional(
    parsed(
      (value) =>
        fieldsOf(value, {
          bucket: bucketName,
          keyArn,
          prefix: /^[\w./-]{1,500}\/$/,
          schedule: /^cron\([^()]{9,100}\)$/,
        }),
      'a map { bucket, keyArn, prefix, schedule }: the prefix ends in /, the schedule is such as cron(15 2 * * ? *)',
      'FHIR that others put into a bucket of the account: a crawler finds its tables, and looks again on schedule.',
    ),
  ),
  sparkJobs: parsed(
    checkJobs,
    'a list, each item { name, script, arguments?, dependsOn?, longestMinutes? }',
    'Spark jobs with Pathling that run every night, each after those it depends on. Scripts are objects of sparkArtefacts.',
    [],
  ),
  sparkArtefacts: optional(
    matching(bucketName, 'the name of a bucket of the account', 'Scripts and jars of the jobs.'),
  ),
  sparkArtefactsKey: optional(matching(keyArn, 'the ARN of a key', 'The key of that bucket.')),
  sparkJars: listOf(
    /^[\w./-]{1,200}$/,
    'the key of an object',
    'Jars that every job has, those of Pathling among them.',
    [],
  ),
  sparkProcessors: wholeNumber(4, 4000, 'Processors of all jobs together: what they can cost at most.', 64),
  warehouse: choice(['none', 'redshift'], 'SQL over the marts in the research network; needs three zones.', 'none'),
  warehouseReaders: listOf(sqlName, 'the name of a group', 'Groups of people that read the marts there.', []),
  warehouseUnits: wholeNumber(8, 512, 'Redshift Processing Units it may grow to.', 32),
  warehouseHours: wholeNumber(1, 1_000_000, 'Unit hours of a month after which it stops.', 400),
  federation: optional(
    parsed(
      (value) =>
        fieldsOf(value, {
          schema: sqlName,
          host: /^([0-9]{1,3}(\.[0-9]{1,3}){3}|[a-z0-9.-]{1,200}\.eu-west-2\.rds\.amazonaws\.com)$/,
          database: sqlName,
          secretArn: /^arn:aws:secretsmanager:eu-west-2:[0-9]{12}:secret:[\w/+=.@-]{1,512}$/,
          secretKeyArn: keyArn,
        }),
      'a map { schema, host, database, secretArn, secretKeyArn }: the host is an IPv4 address or a name of RDS in eu-west-2',
      "A PostgreSQL (port 5432) in the network of the analytics team, which SQL of the warehouse reads as a schema. The secret is its reader's login, in this account.",
    ),
  ),
  businessIntelligence: choice(
    ['none', 'quicksight'],
    'Whether Amazon Quick Sight has a connection into the research network, to the warehouse and nothing else.',
    'none',
  ),
  projects: parsed(
    checkProjects,
    'a list, each item { name, imageId, instanceType, diskGigabytes }',
    'Research projects: a workspace each, which reads the marts and nothing else.',
    [],
  ),
} as const;

type ServingSettings = Settings<typeof awsServingSchema> & {
  readonly analyticsVpc: string | undefined;
  readonly deployers: readonly string[];
  readonly accountBlocks: 'own' | 'existing';
};

/** What only several values together show. */
export function checkServing(config: ServingSettings): readonly string[] {
  const refused = (what: string, isSet: boolean, condition: string): readonly string[] =>
    isSet ? [`${what}: allowed where ${condition}`] : [];
  const { catalogue, warehouse, federation, businessIntelligence, projects } = config;
  const administrators = config.deployers.filter((role) => !role.includes('*'));
  return [
    ...refused(
      'catalogue: glue',
      catalogue === 'glue' && config.accountBlocks === 'own' && administrators.length === 0,
      'deployers has a role without *: Lake Formation takes its administrators by name',
    ),
    ...refused('warehouseUnits', config.warehouseUnits % 8 !== 0, 'it is a multiple of 8'),
    ...refused('columnGrants', config.columnGrants.length > 0 && catalogue === 'none', 'catalogue is glue'),
    ...refused('foreignData', config.foreignData !== undefined && catalogue === 'none', 'catalogue is glue'),
    ...refused(
      'federation',
      federation !== undefined && (warehouse === 'none' || config.analyticsVpc === undefined),
      'warehouse is redshift and analyticsVpc is set',
    ),
    ...refused(
      'businessIntelligence',
      businessIntelligence !== 'none' && (warehouse === 'none' || projects.length === 0),
      'warehouse is redshift and there are projects',
    ),
  ];
}
