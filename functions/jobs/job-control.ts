import { LakeError } from '../../adapters/ports/errors';
import type { SqlValue, StateDatabase, StateTransaction } from '../../adapters/ports/state-database';
import { appendAudit, auditInsert } from '../audit/audit-log';
import type { AuditRecord } from '../audit/audit-record';
import type { TableGrant } from '../state-store';
import { cancelGrants, cancelled } from './job-claims';
import { deadStates } from './job-enqueue';
import { type JobRun, type JobState, noSuchRun, type RunRow, runColumns, runOf } from './job-run';
import { conclude } from './job-settlement';

interface RunFilter {
  readonly job?: string;
  readonly state?: JobState;
  /** Only runs older than this one: the last id of the page before. */
  readonly before?: string;
  /** Default 50, at most 500. */
  readonly limit?: number;
}

interface JobAttempt {
  readonly attempt: number;
  readonly worker: string;
  readonly started: string;
  readonly finished: string | undefined;
  /** `ok` or the code of its failure; undefined while it runs. */
  readonly code: string | undefined;
}

interface JobNotice {
  readonly id: string;
  readonly runId: string;
  readonly job: string;
  readonly code: string;
  readonly message: string;
  readonly created: string;
}

interface JobRunDetail extends JobRun {
  readonly attemptList: readonly JobAttempt[];
  readonly dependsOn: readonly string[];
  readonly dependants: readonly string[];
}

/** What people do with runs, by command line or console. What changes something takes the audit record of who did it. */
export interface JobControl {
  /** Newest first. */
  list(filter?: RunFilter): Promise<readonly JobRun[]>;
  /** @throws LakeError `NotFound` */
  show(runId: string): Promise<JobRunDetail>;
  /** Runs per state. */
  counts(): Promise<Readonly<Record<JobState, number>>>;
  /** Ends a queued run; asks a running one to stop, which its worker notices with its next heartbeat. */
  cancel(runId: string, now: Date, audit: AuditRecord): Promise<void>;
  /** Queues a failed, cancelled or blocked run anew with all its attempts, and what was blocked by it. */
  retry(runId: string, now: Date, audit: AuditRecord): Promise<void>;
  /** Failures that nobody has acknowledged yet, newest first. */
  notices(limit?: number): Promise<readonly JobNotice[]>;
  acknowledge(noticeId: string, now: Date, audit: AuditRecord): Promise<void>;
  /** Forgets runs that finished before this time and that no unfinished run depends on; gives their number. */
  prune(finishedBefore: Date): Promise<number>;
}

async function runRow(tx: StateTransaction, runId: string): Promise<RunRow> {
  const [row] = await tx.query<RunRow>(`SELECT ${runColumns} FROM job_run WHERE id = ?`, [runId]);
  if (row === undefined) throw noSuchRun();
  return row;
}

async function hasDeadDependency(tx: StateTransaction, runId: string): Promise<boolean> {
  const rows = await tx.query<{ state: JobState }>(
    'SELECT p.state FROM job_dependency d JOIN job_run p ON p.id = d.depends_on WHERE d.run_id = ?',
    [runId],
  );
  return rows.some(({ state }) => deadStates.has(state));
}

async function requeue(tx: StateTransaction, runId: string, time: string): Promise<void> {
  await tx.run(
    `UPDATE job_run SET state = 'queued', attempts = 0, not_before = ?, finished = NULL, result = NULL, code = NULL,
       message = NULL, cancel_requested = 0, done = NULL, total = NULL WHERE id = ?`,
    [time, runId],
  );
  await tx.run('UPDATE job_notice SET acknowledged = ? WHERE run_id = ? AND acknowledged IS NULL', [time, runId]);
  const blocked = await tx.query<{ id: string }>(
    `SELECT id FROM job_run WHERE state = 'blocked' AND id IN (SELECT run_id FROM job_dependency WHERE depends_on = ?)`,
    [runId],
  );
  for (const { id } of blocked) if (!(await hasDeadDependency(tx, id))) await requeue(tx, id, time);
}

const prunable = `SELECT id FROM job_run WHERE finished < ? AND NOT EXISTS (
  SELECT 1 FROM job_dependency d JOIN job_run w ON w.id = d.run_id
  WHERE d.depends_on = job_run.id AND w.state IN ('queued', 'running', 'blocked'))`;

export function openJobControl(database: StateDatabase): JobControl {
  return {
    list: ({ job, state, before, limit = 50 } = {}) =>
      database.snapshot(async (tx) => {
        const conditions: [string, SqlValue][] = [];
        if (job !== undefined) conditions.push(['job = ?', job]);
        if (state !== undefined) conditions.push(['state = ?', state]);
        if (before !== undefined) conditions.push(['id < ?', before]);
        const where = conditions.length === 0 ? '' : `WHERE ${conditions.map(([text]) => text).join(' AND ')}`;
        const rows = await tx.query<RunRow>(`SELECT ${runColumns} FROM job_run ${where} ORDER BY id DESC LIMIT ?`, [
          ...conditions.map(([, value]) => value),
          Math.max(1, Math.min(limit, 500)),
        ]);
        return rows.map(runOf);
      }),

    show: (runId) =>
      database.snapshot(async (tx) => {
        const run = runOf(await runRow(tx, runId));
        const attempts = await tx.query<{
          attempt: number;
          worker: string;
          started: string;
          finished: string | null;
          code: string | null;
        }>('SELECT attempt, worker, started, finished, code FROM job_attempt WHERE run_id = ? ORDER BY fence', [runId]);
        const dependsOn = await tx.query<{ id: string }>(
          'SELECT depends_on AS id FROM job_dependency WHERE run_id = ? ORDER BY depends_on',
          [runId],
        );
        const dependants = await tx.query<{ id: string }>(
          'SELECT run_id AS id FROM job_dependency WHERE depends_on = ? ORDER BY run_id',
          [runId],
        );
        return {
          ...run,
          attemptList: attempts.map(({ finished, code, ...attempt }) => ({
            ...attempt,
            finished: finished ?? undefined,
            code: code ?? undefined,
          })),
          dependsOn: dependsOn.map(({ id }) => id),
          dependants: dependants.map(({ id }) => id),
        };
      }),

    counts: () =>
      database.snapshot(async (tx) => {
        const rows = await tx.query<{ state: JobState; runs: number }>(
          'SELECT state, count(*) AS runs FROM job_run GROUP BY state',
        );
        const none = { queued: 0, running: 0, succeeded: 0, failed: 0, cancelled: 0, blocked: 0 };
        return { ...none, ...Object.fromEntries(rows.map(({ state, runs }) => [state, Number(runs)])) };
      }),

    cancel: (runId, now, audit) =>
      database.transaction(async (tx) => {
        const { job, state } = await runRow(tx, runId);
        if (state === 'queued') {
          await tx.run(
            `UPDATE job_run SET state = 'cancelled', coalesce_key = NULL, finished = ?, code = ?, message = ? WHERE id = ?`,
            [now.toISOString(), cancelled.code, cancelled.message, runId],
          );
          await conclude(tx, { id: runId, job, state: 'cancelled', failure: cancelled }, now);
        } else if (state === 'running') {
          await tx.run('UPDATE job_run SET cancel_requested = 1 WHERE id = ?', [runId]);
        } else {
          throw new LakeError('PreconditionFailed', 'Only a queued or running run can be cancelled; this one is over.');
        }
        await appendAudit(tx, audit);
      }),

    retry: (runId, now, audit) =>
      database.transaction(async (tx) => {
        const { state } = await runRow(tx, runId);
        if (!deadStates.has(state)) {
          throw new LakeError('PreconditionFailed', 'Only a failed, cancelled or blocked run can be retried.');
        }
        if (await hasDeadDependency(tx, runId)) {
          throw new LakeError(
            'PreconditionFailed',
            'A run that this one depends on did not succeed. Retry that one; this one follows by itself.',
          );
        }
        await requeue(tx, runId, now.toISOString());
        await appendAudit(tx, audit);
      }),

    notices: (limit = 50) =>
      database.snapshot((tx) =>
        tx.query<JobNotice>(
          `SELECT id, run_id AS "runId", job, code, message, created FROM job_notice
           WHERE acknowledged IS NULL ORDER BY id DESC LIMIT ?`,
          [limit],
        ),
      ),

    acknowledge: (noticeId, now, audit) =>
      database.transaction(async (tx) => {
        const changed = await tx.run('UPDATE job_notice SET acknowledged = ? WHERE id = ? AND acknowledged IS NULL', [
          now.toISOString(),
          noticeId,
        ]);
        if (changed === 0) throw new LakeError('NotFound', 'There is no open notice of this id. List the notices.');
        await appendAudit(tx, audit);
      }),

    prune: (finishedBefore) =>
      database.transaction(async (tx) => {
        const old = await tx.query<{ id: string }>(prunable, [finishedBefore.toISOString()]);
        for (const { id } of old) {
          await tx.run('DELETE FROM job_attempt WHERE run_id = ?', [id]);
          await tx.run('DELETE FROM job_dependency WHERE run_id = ? OR depends_on = ?', [id, id]);
          await tx.run('DELETE FROM job_notice WHERE run_id = ?', [id]);
          await tx.run('DELETE FROM job_run WHERE id = ?', [id]);
        }
        return old.length;
      }),
  };
}

const read = (table: string): TableGrant => ({ table, privilege: 'SELECT' });
const remove = (table: string): TableGrant => ({ table, privilege: 'DELETE' });
const acknowledgeNotice: TableGrant = { table: 'job_notice', privilege: 'UPDATE', columns: ['acknowledged'] };

export const jobControlGrants = {
  list: [read('job_run')],
  show: [read('job_run'), read('job_attempt'), read('job_dependency')],
  counts: [{ table: 'job_run', privilege: 'SELECT', columns: ['state'] }],
  cancel: cancelGrants,
  retry: [
    read('job_run'),
    read('job_dependency'),
    read('job_notice'),
    { table: 'job_run', privilege: 'UPDATE' },
    acknowledgeNotice,
    auditInsert,
  ],
  notices: [read('job_notice')],
  acknowledge: [read('job_notice'), acknowledgeNotice, auditInsert],
  prune: ['job_run', 'job_attempt', 'job_dependency', 'job_notice'].flatMap((table) => [read(table), remove(table)]),
} as const satisfies { readonly [Operation in keyof JobControl]: readonly TableGrant[] };
