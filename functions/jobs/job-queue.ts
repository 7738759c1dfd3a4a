import { defineStateStore } from '../state-store';
import { type JobClaims, jobClaimGrants, openJobClaims } from './job-claims';
import { type JobControl, jobControlGrants, openJobControl } from './job-control';
import { type EnqueueRequest, type EnqueueResult, enqueueJob, jobEnqueueGrants } from './job-enqueue';
import { jobMigrations } from './job-migrations';
import { type JobSchedules, jobScheduleGrants, openJobSchedules } from './job-schedules';

/**
 * Work that outlives a request: runs with dependencies, attempts, leases and schedules, in the state database, so that
 * what asks for work and the work asked for are one transaction. At least once: a run whose worker died begins again, and
 * its handler must bear that; the fence of the lease tells the old worker's writes from the new one's.
 */
export interface JobQueue extends JobClaims, JobControl, JobSchedules {
  enqueue(request: EnqueueRequest): Promise<EnqueueResult>;
}

/** Its migrations come after those of `auditStore`: what ends a run writes audit. */
export const jobStore = defineStateStore<JobQueue>({
  name: 'jobs',
  database: 'lake',
  migrations: jobMigrations,
  grants: { enqueue: jobEnqueueGrants, ...jobClaimGrants, ...jobControlGrants, ...jobScheduleGrants },
  open: (database) => ({
    enqueue: (request) => database.transaction((tx) => enqueueJob(tx, request)),
    ...openJobClaims(database),
    ...openJobControl(database),
    ...openJobSchedules(database),
  }),
});
