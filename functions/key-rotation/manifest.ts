import { auditStore } from '../audit/audit-log';
import { identityRegisterStore } from '../identity/identity-register-store';
import { registerRemapStore } from '../identity/register-remap';
import { wrappedKeyStore } from '../ingest/wrapped-key-store';
import { jobWorkerManifest } from '../jobs/manifest';
import {
  callers,
  catalogue,
  defineManifest,
  key,
  objectStore,
  onEvent,
  onRequest,
  query,
  requests,
  state,
} from '../manifest';
import { tableOperations } from '../tables/table-operations';
import { keyRotationSteps } from './key-rotation-request';
import { keyRotationStore } from './key-rotation-store';

/** Makes a new pseudonym key and makes over what the lake holds under the older one; it sees no identity. */
export const keyRotationManifest = defineManifest({
  name: 'key-rotation',
  trigger: onRequest(),
  uses: {
    rotation: state(keyRotationStore, ['begin', 'position', 'remap', 'move', 'complete']),
    wrappedKeys: state(wrappedKeyStore, ['current']),
    pseudonymKey: key('pseudonym', ['generateDataKey', 'unwrap']),
    landing: objectStore('landing', ['list', 'read', 'put', 'head', 'purgeVersions']),
    landingKey: key('landing', ['generateDataKey', 'unwrap']),
    curated: objectStore('curated', [...tableOperations, 'purgeVersionsUnder']),
    query: query(),
  },
});

/** The same as a process of its own: it does the job `key-rotation`, asks the identity zone to do its part, and makes marts anew. */
export const keyRotationJobManifest = defineManifest({
  name: 'key-rotation',
  trigger: onEvent('key-rotation'),
  uses: {
    ...keyRotationManifest.uses,
    marts: objectStore('marts', [...tableOperations, 'purgeVersionsUnder']),
    catalogue: catalogue(['tables', 'publish']),
    audit: state(auditStore, ['append']),
    identity: requests('identity-requests'),
    identityRotation: requests('identity-key-rotation'),
    ...jobWorkerManifest.uses,
  },
});

/** Its counterpart inside the identity zone. */
export const identityKeyRotationManifest = defineManifest({
  name: 'identity-key-rotation',
  trigger: onRequest({ 'key-rotation': keyRotationSteps }),
  uses: {
    callers: callers(),
    pseudonymKey: key('pseudonym', ['unwrap']),
    identity: objectStore('identity', ['list', 'read', 'put', 'head', 'purgeVersions']),
    identityKey: key('identity', ['wrapWithPublicKey', 'unwrap']),
    remap: state(registerRemapStore, ['remap']),
    register: state(identityRegisterStore, ['links', 'record']),
    curated: objectStore('curated', [...tableOperations, 'purgeVersionsUnder']),
    query: query(),
  },
});
