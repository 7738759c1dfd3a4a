import { jobStates, type SparkJob } from '../components/curation/job-states';
import type { AwsProject } from '../components/tre/aws';
import { choice, listOf, matching, optional, parsed, wholeNumber } from './config-schema';

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

/** Settings of what reads and builds tables on AWS; none of it is there unless it is asked for. */
export const awsServingSchema = {
  catalogue: choice(['none', 'glue'], 'Whether engines find tables in the Glue Data Catalog.', 'none'),
  catalogueTypes: listOf(
    /^[A-Z][A-Za-z]{1,63}$/,
    'a FHIR resource type',
    'Curated tables that are in the catalogue from the first day.',
    ['Patient', 'Encounter', 'Condition', 'Observation', 'Procedure', 'MedicationRequest', 'Immunization'],
  ),
  sparkJobs: parsed(
    checkJobs,
    'a list, each item { name, script, arguments?, dependsOn?, longestMinutes? }',
    'Spark jobs with Pathling that run every night, each after those it depends on. Scripts are objects of sparkArtefacts.',
    [],
  ),
  sparkArtefacts: optional(
    matching(
      /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/,
      'the name of a bucket of the account',
      'Scripts and jars of the jobs.',
    ),
  ),
  sparkArtefactsKey: optional(
    matching(/^arn:aws:kms:eu-west-2:[0-9]{12}:key\/[\w-]+$/, 'the ARN of a key', 'The key of that bucket.'),
  ),
  sparkJars: listOf(
    /^[\w./-]{1,200}$/,
    'the key of an object',
    'Jars that every job has, those of Pathling among them.',
    [],
  ),
  sparkProcessors: wholeNumber(4, 4000, 'Processors of all jobs together: what they can cost at most.', 64),
  warehouse: choice(['none', 'redshift'], 'SQL over the marts in the research network; needs three zones.', 'none'),
  warehouseReaders: listOf(
    /^[a-z][a-z0-9_]{0,62}$/,
    'the name of a group',
    'Groups of people that read the marts there.',
    [],
  ),
  warehouseUnits: wholeNumber(8, 512, 'Redshift Processing Units it may grow to.', 32),
  warehouseHours: wholeNumber(1, 1_000_000, 'Unit hours of a month after which it stops.', 400),
  projects: parsed(
    checkProjects,
    'a list, each item { name, imageId, instanceType, diskGigabytes }',
    'Research projects: a workspace each, which reads the marts and nothing else.',
    [],
  ),
} as const;
