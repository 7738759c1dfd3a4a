import { auditStore } from '../audit/audit-log';
import { jobWorkerManifest } from '../jobs/manifest';
import { catalogue, defineManifest, objectStore, onSchedule, query, requests, state } from '../manifest';
import { tableOperations } from '../tables/table-operations';

/** Every quarter of an hour. */
export const martsCron = '*/15 * * * *';

/** As often, between them. */
export const stagedMartsCron = '7,22,37,52 * * * *';

/** Marts reads curated tables and writes marts, also those that jobs of another engine have staged: it sees no landing, no identity, no key; who has opted out it asks. */
export const martsManifest = defineManifest({
  name: 'marts',
  trigger: onSchedule(martsCron),
  uses: {
    curated: objectStore('curated', tableOperations),
    marts: objectStore('marts', tableOperations),
    catalogue: catalogue(['publish']),
    audit: state(auditStore, ['append']),
    query: query(),
    identity: requests('identity-requests'),
    ...jobWorkerManifest.uses,
  },
});
