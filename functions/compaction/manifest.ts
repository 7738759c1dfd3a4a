import { auditStore } from '../audit/audit-log';
import { scheduledWorkerManifest } from '../jobs/manifest';
import { catalogue, defineManifest, objectStore, onSchedule, query, state } from '../manifest';
import { tableOperations } from '../tables/table-operations';

/** At night, before records expire. */
export const compactionCron = '30 2 * * *';

/** Compaction rewrites tables where they are: it sees no landing, no identity, no key. */
export const compactionManifest = defineManifest({
  name: 'compaction',
  trigger: onSchedule(compactionCron),
  uses: {
    curated: objectStore('curated', tableOperations),
    marts: objectStore('marts', tableOperations),
    catalogue: catalogue(['tables', 'publish']),
    audit: state(auditStore, ['append']),
    query: query(),
    ...scheduledWorkerManifest.uses,
  },
});
