import { defineManifest, key, objectStore, onEvent, onRequest, query, state } from '../manifest';
import { identityRegisterStore } from './identity-register';

/** The identity function: the only one that opens the identity zone. Into the lake it writes one table, of links. */
export const identityManifest = defineManifest({
  name: 'identity',
  trigger: onEvent('landed'),
  uses: {
    identity: objectStore('identity', ['read', 'list']),
    identityKey: key('identity', ['unwrap']),
    register: state(identityRegisterStore, ['absorb', 'links', 'totals', 'patientsOf']),
    curated: objectStore('curated', ['putIfAbsent', 'put', 'read', 'stream', 'head', 'list', 'delete', 'localPath']),
    query: query(),
  },
});

/** A person's review of held messages: opens what ingest could only seal, and removes what was replayed. */
export const quarantineReviewManifest = defineManifest({
  name: 'quarantine-review',
  trigger: onRequest(),
  uses: {
    identity: objectStore('identity', ['read', 'list', 'delete']),
    identityKey: key('identity', ['unwrap']),
    register: state(identityRegisterStore, ['record', 'replayed']),
  },
});
