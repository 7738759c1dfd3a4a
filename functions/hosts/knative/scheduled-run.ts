import { setTimeout } from 'node:timers/promises';
import { systemClock } from '../../../adapters/ports/clock';
import { LakeError } from '../../../adapters/ports/errors';
import type { JobQueue } from '../../jobs/job-queue';
import { JobRunner, type JobWork } from '../../jobs/job-runner';

/** Milliseconds between looks at a run whose turn it is not; and for how long before the next tick is left to it. */
const betweenLooks = 2000;
const longestWait = 1_800_000;

export interface ScheduledWork extends JobWork {
  readonly queue: JobWork['queue'] & Pick<JobQueue, 'enqueue'>;
  readonly schedules: NonNullable<JobWork['schedules']>;
}

/**
 * One tick of a schedule that the platform keeps (a CronJob): puts a run into the queue, does what waits there for this job, and
 * returns. What failed is tried again by a later tick; people see it among the jobs and their notices.
 *
 * @throws LakeError what the handler threw last, so that the platform sees the tick as failed.
 */
export async function scheduledRun(
  { queue, handlers, schedules }: ScheduledWork,
  onFailure: (error: unknown) => void,
): Promise<void> {
  for (const { name, job, turn } of schedules) {
    const origin = `schedule:${name}`;
    await queue.enqueue({ job, origin, uniqueKey: origin, turn, now: systemClock.now() });
  }
  const failures: unknown[] = [];
  const onError = (error: unknown): void => {
    failures.push(error);
    onFailure(error);
  };
  const runner = new JobRunner({ queue, handlers, clock: systemClock, onError });
  const until = performance.now() + longestWait;
  while (!(await runner.runOne())) {
    if (performance.now() > until)
      throw new LakeError('Unavailable', 'No turn came for this run. The next tick tries again.');
    await setTimeout(betweenLooks);
  }
  while (failures.length === 0 && (await runner.runOne())) {
    // Runs that an earlier tick left behind.
  }
  if (failures.length > 0) throw failures[0];
}
