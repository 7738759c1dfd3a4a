import { ingestManifest } from '../ingest/manifest';
import { jobWorkerManifest } from '../jobs/manifest';
import { defineManifest, key, objectStore, onEvent, state } from '../manifest';
import { importStore } from './import-store';

/** The job that reads an upload: opens what the API sealed, and then may do what ingest may, nothing else. */
export const importManifest = defineManifest({
  name: 'bulk-import',
  trigger: onEvent('import'),
  uses: {
    ...ingestManifest.uses,
    inbox: objectStore('inbox', ['stream', 'put', 'delete']),
    inboxKey: key('identity', ['unwrap']),
    imports: state(importStore, ['get', 'advance', 'finish']),
    ...jobWorkerManifest.uses,
  },
});
