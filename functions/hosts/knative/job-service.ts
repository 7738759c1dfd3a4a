import { systemClock } from '../../../adapters/ports/clock';
import { JobRunner, type JobWork } from '../../jobs/job-runner';
import type { FunctionService } from './function-server';
import { nothingAsked } from './nothing-asked';

/**
 * A worker for as long as the pod lives: it ends what it has begun before it is drained.
 *
 * @public loaded by name when a process serves a function that works off jobs
 */
export async function jobService(work: JobWork, onError: (error: unknown) => void): Promise<FunctionService> {
  const runner = new JobRunner({ ...work, clock: systemClock, onError });
  await runner.start();
  return { handler: nothingAsked, drained: () => runner.stop() };
}
