import { LakeError } from '../../adapters/ports/errors';

/**
 * `queued` waits for its time, its dependencies or a worker; `running` is leased by one; the others are final: `blocked`
 * means that a run it depends on failed or was cancelled.
 */
const jobStates = ['queued', 'running', 'succeeded', 'failed', 'cancelled', 'blocked'] as const;
export type JobState = (typeof jobStates)[number];

export interface JobFailure {
  /** A LakeErrorCode, or `LeaseLost`, `Cancelled`, `DependencyFailed`. */
  readonly code: string;
  readonly message: string;
}

/** One run of a job, as people and programs see it. */
export interface JobRun {
  readonly id: string;
  readonly job: string;
  readonly state: JobState;
  readonly input: unknown;
  /** What asked for it: `operator`, `event`, `schedule:<name>` … */
  readonly origin: string;
  readonly uniqueKey: string | undefined;
  readonly attempts: number;
  readonly maxAttempts: number;
  readonly created: string;
  /** Not before this time; moves on with each failed attempt. */
  readonly notBefore: string;
  readonly started: string | undefined;
  readonly finished: string | undefined;
  readonly worker: string | undefined;
  readonly cancelRequested: boolean;
  readonly progress: { readonly done: number; readonly total: number | undefined } | undefined;
  /** The handler's summary: counts and names of tables, never content. */
  readonly result: unknown;
  /** Of the last attempt. */
  readonly failure: JobFailure | undefined;
}

export interface RunRow {
  readonly id: string;
  readonly job: string;
  readonly state: JobState;
  readonly input: string;
  readonly origin: string;
  readonly unique_key: string | null;
  readonly attempts: number;
  readonly max_attempts: number;
  readonly backoff_seconds: number;
  readonly not_before: string;
  readonly worker: string | null;
  readonly fence: number;
  readonly cancel_requested: number;
  readonly done: number | null;
  readonly total: number | null;
  readonly result: string | null;
  readonly code: string | null;
  readonly message: string | null;
  readonly created: string;
  readonly started: string | null;
  readonly finished: string | null;
}

export const runColumns = `id, job, state, input, origin, unique_key, attempts, max_attempts, backoff_seconds, not_before,
  worker, fence, cancel_requested, done, total, result, code, message, created, started, finished`;

export function runOf(row: RunRow): JobRun {
  return {
    id: row.id,
    job: row.job,
    state: row.state,
    input: JSON.parse(row.input),
    origin: row.origin,
    uniqueKey: row.unique_key ?? undefined,
    attempts: row.attempts,
    maxAttempts: row.max_attempts,
    created: row.created,
    notBefore: row.not_before,
    started: row.started ?? undefined,
    finished: row.finished ?? undefined,
    worker: row.worker ?? undefined,
    cancelRequested: row.cancel_requested === 1,
    progress: row.done === null ? undefined : { done: row.done, total: row.total ?? undefined },
    result: row.result === null ? undefined : JSON.parse(row.result),
    failure: row.code === null ? undefined : { code: row.code, message: row.message ?? '' },
  };
}

/** Text of a value kept beside a run, bounded: a run carries references and counts, never data. */
export function boundedJson(value: unknown, what: string): string {
  const text = JSON.stringify(value ?? null);
  if (text.length <= 65_536) return text;
  throw new LakeError(
    'InvalidArgument',
    `The ${what} of a job may have 65,536 characters of JSON; give a reference instead.`,
  );
}

export function noSuchRun(): LakeError {
  return new LakeError(
    'NotFound',
    'There is no run of this id. List the runs to find it; finished ones are kept for a time only.',
  );
}
