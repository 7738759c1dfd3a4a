import { scheduledWorkerManifest } from '../jobs/manifest';
import { defineManifest, key, objectStore, onSchedule, state } from '../manifest';
import { leftoverStore } from './leftover-store';

/** Every hour, past the full hour, when other schedules begin. */
export const collectCron = '17 * * * *';

/** Two functions with the same work, so that neither sees both zones. */
export const landingCollectorManifest = defineManifest({
  name: 'landing-collector',
  trigger: onSchedule(collectCron),
  uses: {
    leftovers: state(leftoverStore, ['leftovers', 'forgetLeftovers', 'unrecorded', 'condemn', 'report']),
    landing: objectStore('landing', ['list', 'read', 'put', 'head', 'delete', 'purgeVersions']),
    landingKey: key('landing', ['generateDataKey', 'unwrap']),
    ...scheduledWorkerManifest.uses,
  },
});

export const identityCollectorManifest = defineManifest({
  name: 'identity-collector',
  trigger: onSchedule(collectCron),
  uses: {
    leftovers: state(leftoverStore, ['leftovers', 'forgetLeftovers', 'unrecorded', 'condemn', 'report']),
    identity: objectStore('identity', ['list', 'read', 'put', 'head', 'delete', 'purgeVersions']),
    identityKey: key('identity', ['wrapWithPublicKey', 'unwrap']),
    ...scheduledWorkerManifest.uses,
  },
});
