import { defineManifest, key, objectStore, onSchedule, state } from '../manifest';
import { auditStore } from './audit-log';

/** The sealer: the only function that reads waiting records, and the only one that writes the audit zone and the witness. */
export const auditSealerManifest = defineManifest({
  name: 'audit-sealer',
  trigger: onSchedule('* * * * *'),
  uses: {
    log: state(auditStore, ['takeLease', 'releaseLease', 'claimSegment', 'advance', 'follow', 'witnessedUpTo']),
    audit: objectStore('audit', ['putIfAbsent', 'read']),
    witness: objectStore('witness', ['putIfAbsent', 'read']),
    key: key('audit', ['sign', 'publicKey']),
  },
});
