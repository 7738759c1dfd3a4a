import { defineManifest, onSchedule, state } from '../manifest';
import { jobStore } from './job-queue';

const working = ['claim', 'heartbeat', 'complete', 'fail', 'release', 'abandon', 'declare', 'tick'] as const;

/** The worker's own needs; each handler brings the manifest of its function. */
export const jobWorkerManifest = defineManifest({
  name: 'job-worker',
  trigger: onSchedule('* * * * *'),
  uses: {
    queue: state(jobStore, working),
  },
});

/** Of a worker that lives for one tick of its schedule: it puts its run into the queue itself. */
export const scheduledWorkerManifest = defineManifest({
  name: 'scheduled-worker',
  trigger: onSchedule('* * * * *'),
  uses: {
    queue: state(jobStore, [...working, 'enqueue']),
  },
});
