/**
 * The state machine that runs jobs after each other, in the Amazon States Language (https://states-language.net/spec.html) with
 * JSONata off. A job begins when all it depends on have ended well; a failure that its repetitions did not mend is told and ends
 * the run.
 */

/** One Spark job of a run. */
export interface SparkJob {
  /** Letters, digits and hyphens; once in a run. */
  readonly name: string;
  /** Object key of its script in the bucket of artefacts. */
  readonly script: string;
  readonly arguments?: readonly string[];
  /** Names of jobs of the same run. */
  readonly dependsOn?: readonly string[];
  /** Minutes after which it is ended; EMR Serverless takes no run without an end. @default 60 */
  readonly longestMinutes?: number;
}

/** Where jobs run and who is told; ARNs and ids of AWS. */
export interface JobPlace {
  readonly applicationId: string;
  /** Of the role that a job runs as. */
  readonly jobRoleArn: string;
  readonly artefactsBucket: string;
  /** Its logs are encrypted with it. */
  readonly logKeyArn: string;
  readonly failureTopicArn: string;
}

/** States of the machine itself. */
const told = 'Tell';
const ended = 'Failed';

type State = Readonly<Record<string, unknown>>;

/**
 * @throws RangeError for a name that comes twice or is not a name, a dependency that is not there, and jobs that wait for each
 * other.
 */
export function jobStates(jobs: readonly SparkJob[], place: JobPlace): State {
  const levels = levelsOf(jobs);
  const nameOfLevel = (index: number): string => `Level ${index + 1}`;
  const states = levels.map((level, index): [string, State] => {
    const isLast = index === levels.length - 1;
    return [
      nameOfLevel(index),
      {
        Type: 'Parallel',
        Branches: level.map((job) => ({ StartAt: job.name, States: { [job.name]: running(job, place) } })),
        ResultPath: null,
        Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.failure', Next: told }],
        ...(isLast ? { End: true } : { Next: nameOfLevel(index + 1) }),
      },
    ];
  });
  return {
    Comment: 'Jobs of the lake, each after those it depends on.',
    StartAt: nameOfLevel(0),
    // Seconds.
    TimeoutSeconds: 60 * levels.reduce((sum, level) => sum + Math.max(...level.map(minutesOf)) * attempts, 0),
    States: {
      ...Object.fromEntries(states),
      [told]: {
        Type: 'Task',
        Resource: 'arn:aws:states:::sns:publish',
        // The name of the error alone: its cause repeats what Spark said, and that may be content.
        Parameters: {
          TopicArn: place.failureTopicArn,
          'Message.$':
            "States.Format('The run {} of the lake failed: {}. Look at it in Step Functions.', $$.Execution.Name, $.failure.Error)",
        },
        Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 5, MaxAttempts: 3, BackoffRate: 2 }],
        ResultPath: null,
        Next: ended,
      },
      [ended]: { Type: 'Fail', Error: 'JobFailed', Cause: 'A job failed after its repetitions.' },
    },
  };
}

/** Runs of a job at most. */
export const attempts = 3;
export const minutesOf = ({ longestMinutes = 60 }: SparkJob): number => longestMinutes;

function running(job: SparkJob, place: JobPlace): State {
  return {
    Type: 'Task',
    // `.sync`: the state ends when the job does (Step Functions Developer Guide, "Integrate services").
    Resource: 'arn:aws:states:::emr-serverless:startJobRun.sync',
    Parameters: {
      ApplicationId: place.applicationId,
      ExecutionRoleArn: place.jobRoleArn,
      'ClientToken.$': 'States.UUID()',
      Name: job.name,
      ExecutionTimeoutMinutes: minutesOf(job),
      JobDriver: {
        SparkSubmit: {
          EntryPoint: `s3://${place.artefactsBucket}/${job.script}`,
          EntryPointArguments: job.arguments ?? [],
        },
      },
      ConfigurationOverrides: {
        MonitoringConfiguration: {
          ManagedPersistenceMonitoringConfiguration: { Enabled: true, EncryptionKeyArn: place.logKeyArn },
        },
      },
    },
    Retry: [
      {
        ErrorEquals: ['States.ALL'],
        IntervalSeconds: 60,
        MaxAttempts: attempts - 1,
        BackoffRate: 2,
        JitterStrategy: 'FULL',
      },
    ],
    End: true,
  };
}

/** The jobs in the order they may run: what stands in one level waits for nothing else in it. */
function levelsOf(jobs: readonly SparkJob[]): readonly (readonly SparkJob[])[] {
  const names = new Set(jobs.map(({ name }) => name));
  if (jobs.length === 0) throw new RangeError('A state machine needs a job. Name one.');
  if (names.size < jobs.length) throw new RangeError('Two jobs have the same name. Name each once.');
  for (const { name, dependsOn = [], longestMinutes = 1 } of jobs) {
    if (!/^[A-Za-z0-9-]{1,64}$/.test(name))
      throw new RangeError('A job is named by letters, digits and hyphens, 64 at most.');
    // Each state has a name that no other of the machine has.
    if (name === told || name === ended)
      throw new RangeError(
        `A job is not named ${told} or ${ended}: states of the machine itself are. Give it another name.`,
      );
    if (!dependsOn.every((one) => names.has(one)))
      throw new RangeError(`${name}: it depends on a job that is not there. Jobs are ${[...names].join(', ')}.`);
    if (!Number.isInteger(longestMinutes) || longestMinutes < 1)
      throw new RangeError(`${name}: longestMinutes is a whole number of minutes from 1.`);
  }
  const levels: SparkJob[][] = [];
  const done = new Set<string>();
  for (let left = [...jobs]; left.length > 0; ) {
    const level = left.filter(({ dependsOn = [] }) => dependsOn.every((one) => done.has(one)));
    if (level.length === 0)
      throw new RangeError(
        `${left.map(({ name }) => name).join(', ')}: they wait for each other. Take a dependency out.`,
      );
    for (const { name } of level) done.add(name);
    levels.push(level);
    left = left.filter(({ name }) => !done.has(name));
  }
  return levels;
}
