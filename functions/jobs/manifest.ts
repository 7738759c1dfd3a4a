import { defineManifest, onSchedule, state } from '../manifest';
import { jobStore } from './job-queue';

/** The worker's own needs; each handler brings the manifest of its function. */
export const jobWorkerManifest = defineManifest({
  name: 'job-worker',
  trigger: onSchedule('* * * * *'),
  uses: {
    queue: state(jobStore, ['claim', 'heartbeat', 'complete', 'fail', 'release', 'abandon', 'declare', 'tick']),
  },
});
