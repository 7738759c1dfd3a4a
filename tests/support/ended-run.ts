import { setTimeout as pause } from 'node:timers/promises';
import type { StateDatabase } from '../../adapters/ports/state-database';
import { type JobQueue, jobStore } from '../../functions/jobs/job-queue';

/**
 * Puts a run into the queue as an operator does; gives it once it has ended.
 *
 * @param input plain JSON
 * @param beat what passes the time: a schedule that beats, where no process looks into the queue by itself
 */
export async function endedRun(
  database: StateDatabase,
  job: string,
  input: object = {},
  { maxAttempts = 1, beat = () => pause(100) }: { maxAttempts?: number; beat?: () => Promise<unknown> } = {},
): ReturnType<JobQueue['show']> {
  const jobs = jobStore.open(database);
  const { runId } = await jobs.enqueue({ job, origin: 'test', input, maxAttempts, now: new Date() });
  for (let wait = 0; wait < 900; wait += 1) {
    await beat();
    const run = await jobs.show(runId);
    if (run.state !== 'queued' && run.state !== 'running') return run;
  }
  throw new Error(`The run of ${job} did not end.`);
}
