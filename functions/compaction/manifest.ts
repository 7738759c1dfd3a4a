import { auditStore } from '../audit/audit-log';
import { scheduledWorkerManifest } from '../jobs/manifest';
import { catalogue, defineManifest, objectStore, onSchedule, query, state } from '../manifest';

/** Compaction rewrites tables where they are: it sees no landing, no identity, no key. */
export const compactionManifest = defineManifest({
  name: 'compaction',
  trigger: onSchedule('30 2 * * *'),
  uses: {
    curated: objectStore('curated', ['putIfAbsent', 'put', 'read', 'stream', 'head', 'list', 'delete', 'localPath']),
    marts: objectStore('marts', ['putIfAbsent', 'put', 'read', 'stream', 'head', 'list', 'delete', 'localPath']),
    catalogue: catalogue(['tables', 'publish']),
    audit: state(auditStore, ['append']),
    query: query(),
    ...scheduledWorkerManifest.uses,
  },
});
