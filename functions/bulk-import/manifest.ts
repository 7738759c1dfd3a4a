import { ingestManifest } from '../ingest/manifest';
import { jobWorkerManifest } from '../jobs/manifest';
import { defineManifest, key, objectStore, objectStoreUnder, onEvent, state } from '../manifest';
import { outcomesFolder, signedFolder } from './import-objects';
import { importStore } from './import-store';

/** The job that reads an upload: opens what the API sealed, and then may do what ingest may, nothing else. */
export const importManifest = defineManifest({
  name: 'bulk-import',
  trigger: onEvent('import'),
  uses: {
    ...ingestManifest.uses,
    inbox: objectStore('inbox', ['stream', 'delete']),
    uploads: objectStoreUnder('inbox', signedFolder, ['list', 'stream', 'delete', 'purgeVersions']),
    outcomes: objectStoreUnder('inbox', outcomesFolder, ['put']),
    inboxKey: key('identity', ['unwrap']),
    imports: state(importStore, ['get', 'uploaded', 'advance', 'finish']),
    ...jobWorkerManifest.uses,
  },
});
