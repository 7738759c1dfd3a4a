import { auditStore } from '../audit/audit-log';
import { jobWorkerManifest } from '../jobs/manifest';
import { defineManifest, objectStore, objectStoreUnder, onEvent, onRequest, query, requests, state } from '../manifest';
import { tableOperations } from '../tables/table-operations';

/** Where extracts lie in the zone of releases, a folder for each project. */
export const extractsFolder = 'extracts/';

/** Extracts for research: reads curated tables, writes files for one project, sees no landing, no identity and no key. */
export const researchManifest = defineManifest({
  name: 'research',
  trigger: onRequest(),
  uses: {
    curated: objectStore('curated', tableOperations),
    releases: objectStoreUnder('releases', extractsFolder, ['putIfAbsent']),
    audit: state(auditStore, ['append']),
    query: query(),
    identity: requests('identity-requests'),
  },
});

/** The same as a process of its own: it does the job `extract`. */
export const researchJobManifest = defineManifest({
  name: 'research',
  trigger: onEvent('extract'),
  uses: { ...researchManifest.uses, ...jobWorkerManifest.uses },
});
