import { ingestManifest } from '../ingest/manifest';
import {
  callers,
  defineManifest,
  key,
  objectStore,
  objectStoreUnder,
  onEvent,
  onRequest,
  query,
  state,
} from '../manifest';
import { providerRegisterStore } from '../provider-access/provider-register';
import { tableOperations } from '../tables/table-operations';
import { identityRegisterStore } from './identity-register-store';
import { optOutStore } from './opt-out-store';
import { personLookupStore } from './person-lookup';
import { projectStore } from './project-store';
import { heldFolder } from './quarantine-review';

/** The identity function: the only one that opens the identity zone. Into the lake it writes one table, of links. */
export const identityManifest = defineManifest({
  name: 'identity',
  trigger: onEvent('landed'),
  uses: {
    identity: objectStore('identity', ['read', 'list']),
    identityKey: key('identity', ['unwrap']),
    register: state(identityRegisterStore, ['erasures', 'absorb', 'links', 'linkRevision', 'linksPublished']),
    curated: objectStore('curated', tableOperations),
    query: query(),
  },
});

/** Answers requests about people to the functions that may ask. It writes nothing but its audit. */
export const identityRequestsManifest = defineManifest({
  name: 'identity-requests',
  // Who may ask what; a function that is not here gets nothing.
  trigger: onRequest({
    marts: ['links', 'opt-outs'],
    // It makes marts anew.
    erasure: ['opt-outs'],
    'key-rotation': ['opt-outs'],
    research: ['opt-outs', 'project-tokens', 'project-names'],
    outreach: ['contacts', 'opt-outs'],
  }),
  uses: {
    callers: callers(),
    identityKey: key('identity', ['unwrap']),
    register: state(identityRegisterStore, ['record']),
    lookup: state(personLookupStore, ['personsOf', 'recordsOf']),
    optOuts: state(optOutStore, ['about']),
    projects: state(projectStore, ['wrappedKey']),
  },
});

const { inbox: _inbox, uploads: _uploads, outcomes: _outcomes, imports: _imports, ...mayIngest } = ingestManifest.uses;

/**
 * Does what held messages asked for: opens one that ingest could only seal, and then may do what ingest may, nothing else. The desk
 * says which, and takes the message away when it is done.
 */
export const quarantineReplayManifest = defineManifest({
  name: 'quarantine-replay',
  trigger: onRequest({ 'identity-operator': ['replay'] }),
  uses: {
    ...mayIngest,
    callers: callers(),
    register: state(providerRegisterStore, ['find', 'list']),
    held: objectStoreUnder('identity', heldFolder, ['read']),
    heldKey: key('identity', ['unwrap']),
  },
});
