import { defineManifest, key, objectStore, onEvent, query, state } from '../manifest';
import { identityRegisterStore } from './identity-register';

/** The identity function: the only one that opens the identity zone. Into the lake it writes one table, of links. */
export const identityManifest = defineManifest({
  name: 'identity',
  trigger: onEvent('landed'),
  uses: {
    identity: objectStore('identity', ['read', 'list']),
    identityKey: key('identity', ['unwrap']),
    register: state(identityRegisterStore, ['absorb', 'links', 'totals', 'patientsOf']),
    curated: objectStore('curated', ['putIfAbsent', 'read', 'stream', 'head', 'list', 'delete', 'localPath']),
    query: query(),
  },
});
