import type { StateDatabase } from '../../adapters/ports/state-database';
import type { TableGrant } from '../state-store';
import { nextTick } from './cron-schedule';
import { type EnqueueResult, enqueueJob } from './job-enqueue';

/** A job that begins by the clock. All processes declare the same ones; each tick enqueues one run, whoever sees it first. */
export interface JobSchedule {
  /** Unique; also the key of its runs, so that a tick that finds the last one still waiting adds none. */
  readonly name: string;
  readonly job: string;
  /** Five fields; see `nextTick`. */
  readonly cron: string;
  /** IANA name. */
  readonly timeZone: string;
  readonly input?: unknown;
  readonly turn?: string;
  readonly maxAttempts?: number;
  readonly backoffSeconds?: number;
}

interface ScheduleState {
  readonly name: string;
  readonly job: string;
  readonly cron: string;
  readonly timeZone: string;
  readonly nextTick: string;
  readonly lastTick: string | undefined;
}

export interface JobSchedules {
  /** Makes a schedule known, or changes it; its next tick is computed anew only when cron text or zone changed. */
  declare(schedules: readonly JobSchedule[], now: Date): Promise<void>;
  /**
   * Enqueues a run when a tick is due. Ticks missed while nobody ran count as one.
   *
   * @returns undefined when no tick is due, or another process took it.
   */
  tick(schedule: JobSchedule, now: Date): Promise<EnqueueResult | undefined>;
  schedules(): Promise<readonly ScheduleState[]>;
}

export function openJobSchedules(database: StateDatabase): JobSchedules {
  return {
    declare: (schedules, now) =>
      database.transaction(async (tx) => {
        for (const { name, job, cron, timeZone } of schedules) {
          const next = nextTick(cron, timeZone, now).toISOString();
          await tx.run(
            `INSERT INTO job_schedule (name, job, cron, time_zone, next_tick) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT (name) DO UPDATE SET job = excluded.job, cron = excluded.cron,
               time_zone = excluded.time_zone,
               next_tick = CASE WHEN job_schedule.cron = excluded.cron AND job_schedule.time_zone = excluded.time_zone
                                THEN job_schedule.next_tick ELSE excluded.next_tick END`,
            [name, job, cron, timeZone, next],
          );
        }
      }),

    tick: (schedule, now) =>
      database.transaction(async (tx) => {
        const { name, job, cron, timeZone, input, turn, maxAttempts, backoffSeconds } = schedule;
        const [row] = await tx.query<{ next_tick: string }>('SELECT next_tick FROM job_schedule WHERE name = ?', [
          name,
        ]);
        if (row === undefined || row.next_tick > now.toISOString()) return undefined;
        const moved = await tx.run(
          'UPDATE job_schedule SET next_tick = ?, last_tick = ? WHERE name = ? AND next_tick = ?',
          [nextTick(cron, timeZone, now).toISOString(), row.next_tick, name, row.next_tick],
        );
        if (moved === 0) return undefined;
        return enqueueJob(tx, {
          job,
          input,
          origin: `schedule:${name}`,
          uniqueKey: `schedule:${name}`,
          turn,
          now,
          ...(maxAttempts === undefined ? {} : { maxAttempts }),
          ...(backoffSeconds === undefined ? {} : { backoffSeconds }),
        });
      }),

    schedules: () =>
      database.snapshot(async (tx) => {
        const rows = await tx.query<Omit<ScheduleState, 'lastTick'> & { lastTick: string | null }>(
          `SELECT name, job, cron, time_zone AS "timeZone", next_tick AS "nextTick", last_tick AS "lastTick"
           FROM job_schedule ORDER BY name`,
        );
        return rows.map((row) => ({ ...row, lastTick: row.lastTick ?? undefined }));
      }),
  };
}

export const jobScheduleGrants = {
  declare: [
    { table: 'job_schedule', privilege: 'SELECT' },
    { table: 'job_schedule', privilege: 'INSERT' },
    { table: 'job_schedule', privilege: 'UPDATE' },
  ],
  tick: [
    { table: 'job_schedule', privilege: 'SELECT' },
    { table: 'job_schedule', privilege: 'UPDATE', columns: ['next_tick', 'last_tick'] },
    { table: 'job_run', privilege: 'SELECT', columns: ['id', 'job', 'coalesce_key'] },
    { table: 'job_run', privilege: 'INSERT' },
  ],
  schedules: [{ table: 'job_schedule', privilege: 'SELECT' }],
} as const satisfies { readonly [Operation in keyof JobSchedules]: readonly TableGrant[] };
