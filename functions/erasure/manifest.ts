import { auditStore } from '../audit/audit-log';
import { importStore } from '../bulk-import/import-store';
import { identityRegisterStore } from '../identity/identity-register-store';
import { heldFolder, heldOperations } from '../identity/quarantine-review';
import { ledgerStore } from '../ingest/ledger-store';
import { jobWorkerManifest } from '../jobs/manifest';
import { keyRotationStore } from '../key-rotation/key-rotation-store';
import {
  callers,
  catalogue,
  defineManifest,
  key,
  objectStore,
  objectStoreUnder,
  onEvent,
  onRequest,
  query,
  requests,
  state,
} from '../manifest';
import { leftoverStore } from '../orphans/leftover-store';
import { retentionSteps } from '../retention/retention-question';
import { retentionStore } from '../retention/retention-store';
import { tableOperations } from '../tables/table-operations';
import { erasureStore } from './erasure-store';

/** The one function that may delete in the clinical zones; it sees no identity. */
export const erasureManifest = defineManifest({
  name: 'erasure',
  trigger: onRequest(),
  uses: {
    erasures: state(erasureStore, ['begin', 'expire', 'originalsOf', 'unfinished', 'complete']),
    // To who may not list, S3 says of what is not there that it is refused (API Reference, GetObject, "Permissions"), and whoever
    // erases again meets what the first try deleted.
    landing: objectStore('landing', ['read', 'put', 'head', 'list', 'delete', 'purgeVersions']),
    landingKey: key('landing', ['generateDataKey', 'unwrap']),
    curated: objectStore('curated', [...tableOperations, 'purgeVersionsUnder']),
    marts: objectStore('marts', [...tableOperations, 'purgeVersionsUnder']),
    releases: objectStore('releases', ['put', 'read', 'list', 'delete', 'purgeVersionsUnder']),
    auditKey: key('audit', ['sign', 'publicKey']),
    query: query(),
  },
});

/** The same as a process of its own: it does the jobs `erasure` and `retention`, asks the identity zone to do its part, and makes marts anew. */
export const erasureJobManifest = defineManifest({
  name: 'erasure',
  trigger: onEvent('erasure'),
  uses: {
    ...erasureManifest.uses,
    leftovers: state(leftoverStore, ['leftovers', 'forgetLeftovers']),
    retention: state(retentionStore, ['records', 'holds']),
    imports: state(importStore, ['get']),
    rotation: state(keyRotationStore, ['position']),
    ledger: state(ledgerStore, ['untold', 'deadLetters']),
    catalogue: catalogue(['tables', 'publish']),
    audit: state(auditStore, ['append']),
    identity: requests('identity-requests'),
    identityErasure: requests('identity-erasure'),
    ...jobWorkerManifest.uses,
  },
});

/** Its counterpart inside the identity zone: finds who is meant, and erases there. */
export const identityErasureManifest = defineManifest({
  name: 'identity-erasure',
  trigger: onRequest({ erasure: ['origins', 'leftovers', 'originals', 'register', ...retentionSteps] }),
  uses: {
    callers: callers(),
    register: state(identityRegisterStore, [
      'lifespansOf',
      'patientsOf',
      'numbersOf',
      'originsOf',
      'replayed',
      'record',
      'erase',
      'links',
    ]),
    identity: objectStore('identity', ['read', 'put', 'head', 'list', 'delete', 'purgeVersions']),
    held: objectStoreUnder('identity', heldFolder, heldOperations),
    identityKey: key('identity', ['wrapWithPublicKey', 'unwrap']),
    inbox: objectStore('inbox', ['list', 'delete']),
    curated: objectStore('curated', [...tableOperations, 'purgeVersionsUnder']),
    query: query(),
  },
});
