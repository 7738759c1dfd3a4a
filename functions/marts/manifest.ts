import { auditStore } from '../audit/audit-log';
import { catalogue, defineManifest, objectStore, onSchedule, query, state } from '../manifest';

/** Marts reads curated tables and writes marts: it sees no landing, no identity, no key. */
export const martsManifest = defineManifest({
  name: 'marts',
  trigger: onSchedule('*/15 * * * *'),
  uses: {
    curated: objectStore('curated', ['putIfAbsent', 'put', 'read', 'stream', 'head', 'list', 'delete', 'localPath']),
    marts: objectStore('marts', ['putIfAbsent', 'put', 'read', 'stream', 'head', 'list', 'delete', 'localPath']),
    catalogue: catalogue(['publish']),
    audit: state(auditStore, ['append']),
    query: query(),
  },
});
