import { wrappedKeyStore } from '../ingest/wrapped-key-store';
import { defineManifest, key, objectStore, onRequest, query, state } from '../manifest';
import { tableOperations } from '../tables/table-operations';
import { relandingStore } from './relanding-store';
import { splitDigestStore } from './split-digest-store';

/** Splits sealed originals again, inside the identity zone. Into landing it puts, as ingest does, and never reads it. */
export const resplitManifest = defineManifest({
  name: 'resplit',
  trigger: onRequest(),
  uses: {
    identity: objectStore('identity', ['read', 'list']),
    identityKey: key('identity', ['unwrap']),
    pseudonymKey: key('pseudonym', ['unwrap']),
    wrappedKeys: state(wrappedKeyStore, ['current']),
    digests: state(splitDigestStore, ['of', 'record']),
    landing: objectStore('landing', ['putIfAbsent']),
    landingKey: key('landing', ['generateDataKey']),
    versions: state(relandingStore, ['present', 'reland']),
  },
});

/** Takes out what a re-split superseded. It sees clinical copies and no identity. */
export const supersededManifest = defineManifest({
  name: 'superseded',
  trigger: onRequest(),
  uses: {
    versions: state(relandingStore, ['superseded', 'forgetSuperseded']),
    landing: objectStore('landing', ['read', 'put', 'head', 'delete', 'purgeVersions']),
    landingKey: key('landing', ['generateDataKey', 'unwrap']),
    curated: objectStore('curated', tableOperations),
    query: query(),
  },
});
