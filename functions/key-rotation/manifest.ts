import { identityRegisterStore } from '../identity/identity-register';
import { registerRemapStore } from '../identity/register-remap';
import { wrappedKeyStore } from '../ingest/wrapped-key-store';
import { defineManifest, key, objectStore, onRequest, query, state } from '../manifest';
import { tableOperations } from '../tables/table-operations';
import { keyRotationStore } from './key-rotation-store';

/** Makes a new pseudonym key and makes over what the lake holds under the older one; it sees no identity. */
export const keyRotationManifest = defineManifest({
  name: 'key-rotation',
  trigger: onRequest(),
  uses: {
    rotation: state(keyRotationStore, ['begin', 'position', 'remap', 'moveTo', 'complete']),
    wrappedKeys: state(wrappedKeyStore, ['current']),
    pseudonymKey: key('pseudonym', ['generateDataKey', 'unwrap']),
    landing: objectStore('landing', ['list', 'read', 'put', 'head']),
    landingKey: key('landing', ['generateDataKey', 'unwrap']),
    curated: objectStore('curated', tableOperations),
    marts: objectStore('marts', tableOperations),
    query: query(),
  },
});

/** Its counterpart inside the identity zone. */
export const identityKeyRotationManifest = defineManifest({
  name: 'identity-key-rotation',
  trigger: onRequest(),
  uses: {
    pseudonymKey: key('pseudonym', ['unwrap']),
    identity: objectStore('identity', ['list', 'read', 'put', 'head']),
    identityKey: key('identity', ['wrapWithPublicKey', 'unwrap']),
    remap: state(registerRemapStore, ['remap']),
    register: state(identityRegisterStore, ['links', 'linkRevision', 'linksPublished']),
    curated: objectStore('curated', tableOperations),
    query: query(),
  },
});
