import { LakeError } from '../../adapters/ports/errors';
import type { StateTransaction } from '../../adapters/ports/state-database';
import { appendAudit } from '../audit/audit-log';
import { timeOrderedId } from '../audit/time-ordered-id';
import { dependencyFailed } from './job-enqueue';
import type { JobFailure, JobState } from './job-run';

/** What names a claimed run: the fence tells the worker that holds the lease from one that lost it. */
export interface RunLease {
  readonly id: string;
  readonly fence: number;
}

interface Settled {
  readonly state: Exclude<JobState, 'running'>;
  /** For `queued`: when the next attempt may begin. */
  readonly notBefore?: string | undefined;
  readonly result?: string | undefined;
  readonly failure?: JobFailure | undefined;
}

/** Ends an attempt under its lease. Every final state leaves one audit record in the same transaction. */
export async function settle(tx: StateTransaction, lease: RunLease, settled: Settled, now: Date): Promise<void> {
  const { state, failure, notBefore, result } = settled;
  const time = now.toISOString();
  const [row] = await tx.query<{ job: string }>(
    `UPDATE job_run SET state = ?, worker = NULL, lease_until = NULL, finished = ?, result = ?, code = ?, message = ?,
       not_before = coalesce(?, not_before)
     WHERE id = ? AND fence = ? AND state = 'running' RETURNING job`,
    [
      state,
      state === 'queued' ? null : time,
      result ?? null,
      failure?.code ?? null,
      failure?.message ?? null,
      notBefore ?? null,
      lease.id,
      lease.fence,
    ],
  );
  if (row === undefined) throw runLost();
  await tx.run('UPDATE job_attempt SET finished = ?, code = ? WHERE run_id = ? AND fence = ?', [
    time,
    failure?.code ?? 'ok',
    lease.id,
    lease.fence,
  ]);
  if (state !== 'queued') await conclude(tx, { id: lease.id, job: row.job, state, failure }, now);
}

/** What a final state brings with it: audit, a notice for people, and dependants that can never run. */
export async function conclude(
  tx: StateTransaction,
  run: { id: string; job: string; state: JobState; failure: JobFailure | undefined },
  now: Date,
): Promise<void> {
  const { id, job, state, failure } = run;
  await appendAudit(tx, {
    recorded: now.toISOString(),
    event: 'job',
    action: `job:${job}`,
    agent: { kind: 'function', id: 'jobs' },
    outcome: { result: state === 'succeeded' ? 'allowed' : 'failed', code: failure?.code ?? state },
    runId: id,
    purpose: 'HOPERAT',
  });
  if (state === 'failed' && failure !== undefined) {
    await tx.run('INSERT INTO job_notice (id, run_id, job, code, message, created) VALUES (?, ?, ?, ?, ?, ?)', [
      timeOrderedId(now.getTime()),
      id,
      job,
      failure.code,
      failure.message,
      now.toISOString(),
    ]);
  }
  if (state !== 'succeeded') await blockDependants(tx, id, now);
}

async function blockDependants(tx: StateTransaction, id: string, now: Date): Promise<void> {
  const dependants = await tx.query<{ id: string; job: string }>(
    `UPDATE job_run SET state = 'blocked', coalesce_key = NULL, finished = ?, code = ?, message = ?
     WHERE state = 'queued' AND id IN (SELECT run_id FROM job_dependency WHERE depends_on = ?) RETURNING id, job`,
    [now.toISOString(), dependencyFailed.code, dependencyFailed.message, id],
  );
  for (const dependant of dependants) {
    await conclude(tx, { ...dependant, state: 'blocked', failure: dependencyFailed }, now);
  }
}

export function runLost(): LakeError {
  return new LakeError(
    'PreconditionFailed',
    'This worker no longer holds the lease of the run: it ended, was cancelled, or another worker took it. Stop the work; what it wrote under its fencing number must not be used.',
  );
}
