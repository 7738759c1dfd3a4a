import type { SparkJob } from '../components/curation/job-states';
import { jobProblems } from '../components/curation/kubernetes-jobs';
import { matching, parsed, type Settings, wholeNumber } from './config-schema';

const cron = /^[0-9*,/-]+( [0-9*,/-]+){4}$/;
const known = ['name', 'script', 'arguments', 'dependsOn', 'longestMinutes'];
const isTexts = (value: unknown): boolean =>
  value === undefined || (Array.isArray(value) && value.every((one) => typeof one === 'string'));

/** Its form alone; what the operator cannot run is said one by one (`checkSpark`). */
function checkForm(value: unknown): readonly SparkJob[] {
  const isJob = (job: SparkJob | null): boolean =>
    typeof job?.name === 'string' &&
    typeof job.script === 'string' &&
    isTexts(job.arguments) &&
    isTexts(job.dependsOn) &&
    ['undefined', 'number'].includes(typeof job.longestMinutes) &&
    Object.keys(job).every((key) => known.includes(key));
  if (!Array.isArray(value) || !value.every(isJob)) throw new RangeError('a job has a name and a script');
  return value;
}

/** The large runs, by spark-operator; none of it is there unless there are jobs. */
export const sparkSettings = {
  sparkJobs: parsed(
    checkForm,
    'a list, each item { name, script, arguments?, longestMinutes? }; the script is a .py file below /opt/spark/jobs of images.spark',
    'Spark jobs with Pathling that spark-operator runs by sparkSchedule, at one time and in no order. They read curated tables below LAKE_CURATED and write <mart>/<run> below LAKE_STAGING, which the lake commits (docs/staged-marts.md); nothing else is open to them.',
    [],
  ),
  sparkSchedule: matching(cron, 'five fields of cron', 'When the jobs begin (UTC).', '30 1 * * *'),
  sparkDriverMebibytes: wholeNumber(1024, 262_144, 'Memory of the driver of a job; it has one processor.', 2048),
  sparkExecutors: wholeNumber(1, 1000, 'Executors of a job.', 2),
  sparkExecutorProcessors: wholeNumber(1, 64, 'Processors of an executor.', 2),
  sparkExecutorMebibytes: wholeNumber(1024, 262_144, 'Memory of an executor.', 4096),
  sparkProcessors: wholeNumber(
    2,
    4000,
    'Processors of all jobs together, as a quota; executors beyond it are not made until there is room.',
    64,
  ),
  sparkGibibytes: wholeNumber(2, 32_768, 'Memory of all jobs together, as a quota.', 128),
} as const;

type SparkSettings = Settings<typeof sparkSettings> & {
  readonly images: Readonly<Partial<Record<'spark', string>>>;
  readonly platform: readonly string[];
};

export const runsSpark = ({ sparkJobs }: Pick<SparkSettings, 'sparkJobs'>): boolean => sparkJobs.length > 0;

/** What these settings need of each other. A driver without one executor would wait, and keep its share from the others. */
export function checkSpark(config: SparkSettings): readonly string[] {
  if (!runsSpark(config))
    return config.platform.includes('sparkOperator')
      ? ['sparkJobs: missing; it is needed because platform has sparkOperator; allowed: a list of jobs']
      : [];
  const count = config.sparkJobs.length;
  const least = {
    sparkProcessors: count * (1 + config.sparkExecutorProcessors),
    sparkGibibytes: Math.ceil((count * (config.sparkDriverMebibytes + config.sparkExecutorMebibytes)) / 1024),
  };
  return [
    ...jobProblems(config.sparkJobs).map((problem) => `sparkJobs: ${problem}`),
    ...(config.images.spark === undefined
      ? ['images: no key spark; allowed: the full reference of your image of Spark with Pathling and the scripts']
      : []),
    ...(['sparkProcessors', 'sparkGibibytes'] as const)
      .filter((key) => config[key] < least[key])
      .map((key) => `${key}: ${config[key]}; allowed: ${least[key]} or more, a driver and an executor for each job`),
  ];
}
