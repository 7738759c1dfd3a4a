import type { Mebibytes } from '../core/units';
import { mebibytes } from '../core/units';
import type { SparkJob } from './job-states';

/** The operator puts 20 digits behind it and Spark more again, and the whole has to be a label of DNS. */
const jobName = /^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$/;
/** Of a file in the image; no step upwards. */
const scriptPath = /^(?!.*\.\.)[\w-][\w./-]{0,199}\.py$/;

/** Where the site's image has the scripts of jobs. */
export const scriptFolder = '/opt/spark/jobs';

/**
 * What spark-operator cannot run, each as a sentence; empty when all is right. It knows schedules and no order of jobs: a dependent one
 * at a later hour would also run after what it needs has failed, so an order is refused and not made up.
 */
export function jobProblems(jobs: readonly SparkJob[]): readonly string[] {
  const names = jobs.map(({ name }) => name);
  const wrong = (of: (job: SparkJob) => boolean): boolean => jobs.some(of);
  return [
    ...(wrong(({ name }) => !jobName.test(name))
      ? ['a name that no pod can have; allowed: at most 20 of a-z, 0-9 and -, begun by a letter']
      : []),
    ...(new Set(names).size < names.length ? ['a name twice; allowed: each once'] : []),
    ...(wrong(({ script }) => !scriptPath.test(script))
      ? [`a script that is no path; allowed: the path of a .py file below ${scriptFolder} in the image`]
      : []),
    ...(wrong(({ dependsOn = [] }) => dependsOn.length > 0)
      ? [
          'dependsOn; spark-operator has no order of jobs. Put steps that wait for each other into one script, or run them on AWS; allowed: jobs without dependsOn',
        ]
      : []),
    ...(wrong(({ longestMinutes = 1 }) => !Number.isInteger(longestMinutes) || longestMinutes < 1)
      ? ['longestMinutes; allowed: a whole number of minutes from 1']
      : []),
  ];
}

/** Of a pod's memory what is the heap; Python and the buffers of the network have 2/7 (`memoryOverheadFactor` 0.4), 384 MiB at least. */
export function heapOf(memory: Mebibytes): { readonly heap: Mebibytes; readonly overhead: Mebibytes } {
  const overhead = Math.max(384, Math.ceil((memory * 2) / 7));
  return { heap: mebibytes(memory - overhead), overhead: mebibytes(overhead) };
}
