import { identityRegisterStore } from '../identity/identity-register';
import { defineManifest, key, objectStore, onRequest, query, state } from '../manifest';
import { erasureStore } from './erasure-store';

/** The one function that may delete in the clinical zones; it sees no identity. */
export const erasureManifest = defineManifest({
  name: 'erasure',
  trigger: onRequest(),
  uses: {
    erasures: state(erasureStore, ['begin', 'originalsOf', 'unfinished', 'complete']),
    landing: objectStore('landing', ['read', 'put', 'head', 'delete', 'purgeVersions']),
    landingKey: key('landing', ['generateDataKey', 'unwrap']),
    curated: objectStore('curated', [
      'putIfAbsent',
      'put',
      'read',
      'stream',
      'head',
      'list',
      'delete',
      'localPath',
      'purgeVersionsUnder',
    ]),
    marts: objectStore('marts', [
      'putIfAbsent',
      'put',
      'read',
      'stream',
      'head',
      'list',
      'delete',
      'localPath',
      'purgeVersionsUnder',
    ]),
    releases: objectStore('releases', ['put', 'read', 'list', 'delete', 'purgeVersionsUnder']),
    auditKey: key('audit', ['sign', 'publicKey']),
    query: query(),
  },
});

/** Its counterpart inside the identity zone: finds who is meant, and erases there. */
export const identityErasureManifest = defineManifest({
  name: 'identity-erasure',
  trigger: onRequest(),
  uses: {
    register: state(identityRegisterStore, [
      'patientsOf',
      'numbersOf',
      'originsOf',
      'replayed',
      'record',
      'erase',
      'links',
    ]),
    identity: objectStore('identity', ['read', 'put', 'head', 'list', 'delete', 'purgeVersions']),
    identityKey: key('identity', ['wrapWithPublicKey', 'unwrap']),
    curated: objectStore('curated', [
      'putIfAbsent',
      'put',
      'read',
      'stream',
      'head',
      'list',
      'delete',
      'localPath',
      'purgeVersionsUnder',
    ]),
    query: query(),
  },
});
