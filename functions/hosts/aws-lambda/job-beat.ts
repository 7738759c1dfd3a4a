import { systemClock } from '../../../adapters/ports/clock';
import { JobRunner, type JobWork } from '../../jobs/job-runner';
import type { LambdaFunction } from './lambda-function';

/** A run is given back unharmed when this is left, and none is begun when not even twice as much is. */
const marginMilliseconds = 15_000;

/** A worker as a schedule wakes it: what is due is put into the queue, then what waits there is done while there is time. */
export function jobBeat(work: JobWork, onFailure: (error: unknown) => void): NonNullable<LambdaFunction['beat']> {
  const { queue, schedules = [] } = work;
  let declared: Promise<void> | undefined;
  const declare = (): Promise<void> => {
    declared ??= queue.declare(schedules, systemClock.now()).catch((error: unknown) => {
      declared = undefined;
      throw error;
    });
    return declared;
  };
  return async (remaining) => {
    await declare();
    for (const schedule of schedules) await queue.tick(schedule, systemClock.now());
    const runner = new JobRunner({ ...work, clock: systemClock, onError: onFailure });
    const end = setTimeout(() => void runner.stop(0), Math.max(0, remaining() - marginMilliseconds));
    try {
      while (remaining() > 2 * marginMilliseconds && (await runner.runOne()));
    } finally {
      clearTimeout(end);
    }
  };
}
