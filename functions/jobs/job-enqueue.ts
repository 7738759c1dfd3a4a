import { LakeError } from '../../adapters/ports/errors';
import type { StateTransaction } from '../../adapters/ports/state-database';
import { timeOrderedId } from '../audit/time-ordered-id';
import type { TableGrant } from '../state-store';
import { boundedJson, type JobState } from './job-run';

export interface EnqueueRequest {
  /** Lower case, digits and hyphens. */
  readonly job: string;
  /** JSON for the handler: references and options, at most 65,536 characters. */
  readonly input?: unknown;
  readonly origin: string;
  /**
   * Runs of one job and key never run at the same time, and at most one of them waits for its first attempt: asking
   * again meanwhile gives that run, with the input it has.
   */
  readonly uniqueKey?: string | undefined;
  /** Runs of one turn never run at the same time, whatever their jobs; each waits all the same. */
  readonly turn?: string | undefined;
  /** Runs that must have succeeded first; if one has failed, this one is blocked. */
  readonly dependsOn?: readonly string[];
  readonly notBefore?: Date;
  /** Default 5. */
  readonly maxAttempts?: number;
  /** Wait after the first failed attempt; doubles with each, up to an hour. Default 5. */
  readonly backoffSeconds?: number;
  readonly now: Date;
}

export interface EnqueueResult {
  readonly runId: string;
  /** True when a run of this key was waiting already. */
  readonly coalesced: boolean;
}

const name = /^[a-z][a-z0-9-]{0,63}$/;
const label = /^[A-Za-z0-9._:/-]{1,128}$/;

/**
 * Enqueues inside another store's transaction, so that a change and the job it calls for exist together or not at all.
 * The operation that calls it declares `jobEnqueueGrants`.
 *
 * @throws LakeError `InvalidArgument` for a malformed request, `NotFound` for an unknown dependency.
 */
export async function enqueueJob(tx: StateTransaction, request: EnqueueRequest): Promise<EnqueueResult> {
  const { job, origin, uniqueKey, turn, dependsOn = [], now, maxAttempts = 5, backoffSeconds = 5 } = request;
  check(name.test(job), 'The name of a job has lower case letters, digits and hyphens only.');
  check(label.test(origin), 'The origin of a run is a short label such as operator or schedule:nightly.');
  check(uniqueKey === undefined || label.test(uniqueKey), 'The key of a run is a short label without spaces.');
  check(turn === undefined || label.test(turn), 'The turn of a run is a short label without spaces.');
  check(Number.isInteger(maxAttempts) && maxAttempts >= 1 && maxAttempts <= 100, 'A run has 1 to 100 attempts.');
  check(Number.isInteger(backoffSeconds) && backoffSeconds >= 0, 'The backoff is a whole number of seconds.');
  const state = await stateBehind(tx, dependsOn);
  const runId = timeOrderedId(now.getTime());
  const time = now.toISOString();
  const inserted = await tx.run(
    `INSERT INTO job_run (id, job, state, input, origin, unique_key, coalesce_key, turn, attempts, max_attempts,
       backoff_seconds, not_before, fence, cancel_requested, created, finished, code, message)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, 0, 0, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    [
      runId,
      job,
      state,
      boundedJson(request.input, 'input'),
      origin,
      uniqueKey ?? null,
      state === 'queued' ? (uniqueKey ?? null) : null,
      turn ?? null,
      maxAttempts,
      backoffSeconds,
      (request.notBefore ?? now).toISOString(),
      time,
      state === 'blocked' ? time : null,
      state === 'blocked' ? dependencyFailed.code : null,
      state === 'blocked' ? dependencyFailed.message : null,
    ],
  );
  if (inserted === 0) {
    const [waiting] = await tx.query<{ id: string }>('SELECT id FROM job_run WHERE job = ? AND coalesce_key = ?', [
      job,
      uniqueKey ?? null,
    ]);
    return { runId: waiting!.id, coalesced: true };
  }
  for (const dependency of new Set(dependsOn)) {
    await tx.run('INSERT INTO job_dependency (run_id, depends_on) VALUES (?, ?)', [runId, dependency]);
  }
  return { runId, coalesced: false };
}

export const dependencyFailed = {
  code: 'DependencyFailed',
  message: 'A run that this one depends on did not succeed. Mend and retry that one; this one follows.',
} as const;

/** States that can never become `succeeded` by themselves. */
export const deadStates: ReadonlySet<JobState> = new Set(['failed', 'cancelled', 'blocked']);

async function stateBehind(tx: StateTransaction, dependsOn: readonly string[]): Promise<'queued' | 'blocked'> {
  let state: 'queued' | 'blocked' = 'queued';
  for (const dependency of dependsOn) {
    const [row] = await tx.query<{ state: JobState }>('SELECT state FROM job_run WHERE id = ?', [dependency]);
    if (row === undefined) throw new LakeError('NotFound', 'A run to depend on does not exist. Enqueue it first.');
    if (deadStates.has(row.state)) state = 'blocked';
  }
  return state;
}

function check(right: boolean, rule: string): void {
  if (!right) throw new LakeError('InvalidArgument', `The run was not enqueued. ${rule}`);
}

export const jobEnqueueGrants: readonly TableGrant[] = [
  { table: 'job_run', privilege: 'SELECT', columns: ['id', 'job', 'coalesce_key', 'state'] },
  { table: 'job_run', privilege: 'INSERT' },
  { table: 'job_dependency', privilege: 'INSERT' },
];
