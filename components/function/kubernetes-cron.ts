import { imageUser, restrictedPod } from '../core/kubernetes-pods';
import type { FunctionArgs } from './function-args';

/** The clocks that schedules go by; summer time comes with it. */
const timeZone = 'Europe/London';
/** A tick that could not begin for this long (the control plane was away) is left to the next. */
const latestStartSeconds = 1800;
const longestSeconds = 3 * 3600;

/** A pod for each tick of the schedule that the manifest names; never two at a time. */
export function cronJobOf<Pod extends object>(
  { manifest, place: namespace }: FunctionArgs,
  labels: Readonly<Record<string, string>>,
  pod: Pod,
) {
  const { trigger } = manifest;
  if (trigger.kind !== 'schedule')
    throw new RangeError(`${manifest.name}: it is to run by a schedule, and its manifest names none.`);
  return {
    metadata: { name: manifest.name, namespace },
    spec: {
      schedule: trigger.cron,
      timeZone,
      concurrencyPolicy: 'Forbid',
      startingDeadlineSeconds: latestStartSeconds,
      successfulJobsHistoryLimit: 1,
      failedJobsHistoryLimit: 3,
      jobTemplate: {
        metadata: { labels },
        spec: {
          // What failed is tried again by the queue of jobs, with its waits, at the next tick.
          backoffLimit: 0,
          activeDeadlineSeconds: longestSeconds,
          template: {
            metadata: { labels },
            spec: {
              ...pod,
              restartPolicy: 'Never',
              securityContext: restrictedPod(imageUser),
              automountServiceAccountToken: false,
            },
          },
        },
      },
    },
  };
}
