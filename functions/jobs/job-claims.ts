import type { StateDatabase, StateTransaction } from '../../adapters/ports/state-database';
import { auditInsert } from '../audit/audit-log';
import type { TableGrant } from '../state-store';
import { boundedJson, type JobFailure, type JobRun, type RunRow, runColumns, runOf } from './job-run';
import { type RunLease, runLost, settle } from './job-settlement';

interface WorkerClaim {
  readonly worker: string;
  /** Jobs this worker has handlers for. */
  readonly jobs: readonly string[];
  readonly now: Date;
  readonly leaseUntil: Date;
}

export interface ClaimedRun extends RunLease {
  readonly run: JobRun;
  readonly backoffSeconds: number;
}

interface Heartbeat {
  readonly leaseUntil: Date;
  readonly progress?: { readonly done: number; readonly total: number | undefined } | undefined;
}

/** What workers do. Everything after a claim carries its fence: `PreconditionFailed` when the lease went to another. */
export interface JobClaims {
  /** Takes the oldest run that may begin, after giving back runs whose leases have expired. */
  claim(claim: WorkerClaim): Promise<ClaimedRun | undefined>;
  /** Keeps the lease and tells progress; gives back whether somebody asked to cancel. */
  heartbeat(lease: RunLease, heartbeat: Heartbeat): Promise<{ readonly cancelRequested: boolean }>;
  complete(lease: RunLease, result: unknown, now: Date): Promise<void>;
  /** Ends the attempt; with `retryAt` and attempts left the run is queued again, else it has failed for good. */
  fail(lease: RunLease, failure: JobFailure, now: Date, retryAt: Date | undefined): Promise<void>;
  /** Gives the run back without counting the attempt: the worker is stopping. */
  release(lease: RunLease, now: Date): Promise<void>;
  /** At the start of a worker whose name nobody else has: gives back what it held when it died. */
  abandon(worker: string, now: Date): Promise<number>;
}

const leaseLost: JobFailure = {
  code: 'LeaseLost',
  message: 'The worker stopped answering while it ran this: it was killed, or its machine failed.',
};

/** One attempt is over that nobody ended: again, or failed when it was the last. */
async function giveBack(tx: StateTransaction, rows: readonly RunRow[], now: Date): Promise<void> {
  for (const row of rows) {
    if (row.cancel_requested === 1) await settle(tx, row, { state: 'cancelled', failure: cancelled }, now);
    else {
      const state = row.attempts < row.max_attempts ? 'queued' : 'failed';
      await settle(tx, row, { state, failure: leaseLost, notBefore: now.toISOString() }, now);
    }
  }
}

const released: JobFailure = {
  code: 'Released',
  message: 'The worker stopped in good order before the run had ended.',
};

export const cancelled: JobFailure = { code: 'Cancelled', message: 'The run was cancelled on request.' };

const selectRunning = `SELECT ${runColumns} FROM job_run WHERE state = 'running'`;

async function nextRun(tx: StateTransaction, { jobs, now }: WorkerClaim): Promise<RunRow | undefined> {
  const [row] = await tx.query<RunRow>(
    `SELECT ${runColumns} FROM job_run r
     WHERE state = 'queued' AND not_before <= ? AND job IN (${jobs.map(() => '?').join(', ')})
       AND NOT EXISTS (SELECT 1 FROM job_dependency d JOIN job_run p ON p.id = d.depends_on
                       WHERE d.run_id = r.id AND p.state <> 'succeeded')
       AND NOT EXISTS (SELECT 1 FROM job_run o
                       WHERE o.job = r.job AND o.unique_key = r.unique_key AND o.state = 'running')
       AND NOT EXISTS (SELECT 1 FROM job_run o WHERE o.turn = r.turn AND o.state = 'running')
     ORDER BY id LIMIT 1`,
    [now.toISOString(), ...jobs],
  );
  return row;
}

export function openJobClaims(database: StateDatabase): JobClaims {
  return {
    claim: (claim) =>
      database.transaction(async (tx) => {
        const { worker, jobs, now, leaseUntil } = claim;
        // A lease that ends later than clock skew explains was written before a clock jumped back: it is void.
        const implausible = new Date(2 * leaseUntil.getTime() - now.getTime());
        const expired = await tx.query<RunRow>(`${selectRunning} AND (lease_until <= ? OR lease_until > ?)`, [
          now.toISOString(),
          implausible.toISOString(),
        ]);
        await giveBack(tx, expired, now);
        if (jobs.length === 0) return undefined;
        const row = await nextRun(tx, claim);
        if (row === undefined) return undefined;
        const [fenced] = await tx.query<{ value: number }>(
          `UPDATE job_fence SET value = value + 1 WHERE name = 'fence' RETURNING value`,
        );
        const fence = fenced!.value;
        const time = now.toISOString();
        const [claimed] = await tx.query<RunRow>(
          `UPDATE job_run SET state = 'running', coalesce_key = NULL, attempts = attempts + 1, worker = ?,
             lease_until = ?, fence = ?, done = NULL, total = NULL, started = coalesce(started, ?)
           WHERE id = ? RETURNING ${runColumns}`,
          [worker, leaseUntil.toISOString(), fence, time, row.id],
        );
        await tx.run('INSERT INTO job_attempt (run_id, attempt, fence, worker, started) VALUES (?, ?, ?, ?, ?)', [
          row.id,
          claimed!.attempts,
          fence,
          worker,
          time,
        ]);
        return { id: row.id, fence, run: runOf(claimed!), backoffSeconds: row.backoff_seconds };
      }),

    heartbeat: (lease, { leaseUntil, progress }) =>
      database.transaction(async (tx) => {
        const [row] = await tx.query<{ cancel_requested: number }>(
          `UPDATE job_run SET lease_until = ?, done = coalesce(?, done), total = coalesce(?, total)
           WHERE id = ? AND fence = ? AND state = 'running' RETURNING cancel_requested`,
          [leaseUntil.toISOString(), progress?.done ?? null, progress?.total ?? null, lease.id, lease.fence],
        );
        if (row === undefined) throw runLost();
        return { cancelRequested: row.cancel_requested === 1 };
      }),

    complete: (lease, result, now) =>
      database.transaction((tx) =>
        settle(tx, lease, { state: 'succeeded', result: boundedJson(result, 'result') }, now),
      ),

    fail: (lease, failure, now, retryAt) =>
      database.transaction(async (tx) => {
        const [row] = await tx.query<RunRow>(`${selectRunning} AND id = ? AND fence = ?`, [lease.id, lease.fence]);
        if (row === undefined) throw runLost();
        if (row.cancel_requested === 1) return settle(tx, lease, { state: 'cancelled', failure: cancelled }, now);
        const again = retryAt !== undefined && row.attempts < row.max_attempts;
        const notBefore = again ? retryAt.toISOString() : undefined;
        return settle(tx, lease, { state: again ? 'queued' : 'failed', failure, notBefore }, now);
      }),

    release: (lease, now) =>
      database.transaction(async (tx) => {
        const [row] = await tx.query<RunRow>(`${selectRunning} AND id = ? AND fence = ?`, [lease.id, lease.fence]);
        if (row === undefined) throw runLost();
        if (row.cancel_requested === 1) return settle(tx, lease, { state: 'cancelled', failure: cancelled }, now);
        await settle(tx, lease, { state: 'queued', failure: released }, now);
        await tx.run('UPDATE job_run SET attempts = attempts - 1 WHERE id = ?', [lease.id]);
      }),

    abandon: (worker, now) =>
      database.transaction(async (tx) => {
        const rows = await tx.query<RunRow>(`${selectRunning} AND worker = ?`, [worker]);
        await giveBack(tx, rows, now);
        return rows.length;
      }),
  };
}

const readRun: TableGrant = { table: 'job_run', privilege: 'SELECT' };
const changeRun: TableGrant = { table: 'job_run', privilege: 'UPDATE' };
const endAttempt: readonly TableGrant[] = [
  { table: 'job_attempt', privilege: 'SELECT', columns: ['run_id', 'fence'] },
  { table: 'job_attempt', privilege: 'UPDATE', columns: ['finished', 'code'] },
];
/** Cancelling ends the run, blocks its dependants and leaves audit for each. */
export const cancelGrants: readonly TableGrant[] = [
  readRun,
  changeRun,
  { table: 'job_dependency', privilege: 'SELECT' },
  auditInsert,
];
const failGrants: readonly TableGrant[] = [
  ...cancelGrants,
  ...endAttempt,
  { table: 'job_notice', privilege: 'INSERT' },
];

export const jobClaimGrants = {
  claim: [
    ...failGrants,
    { table: 'job_attempt', privilege: 'INSERT' },
    { table: 'job_fence', privilege: 'SELECT' },
    { table: 'job_fence', privilege: 'UPDATE', columns: ['value'] },
  ],
  heartbeat: [readRun, { table: 'job_run', privilege: 'UPDATE', columns: ['lease_until', 'done', 'total'] }],
  complete: [readRun, changeRun, ...endAttempt, auditInsert],
  fail: failGrants,
  release: [...cancelGrants, ...endAttempt],
  abandon: failGrants,
} as const satisfies { readonly [Operation in keyof JobClaims]: readonly TableGrant[] };
