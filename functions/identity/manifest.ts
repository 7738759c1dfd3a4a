import { callers, defineManifest, key, objectStore, onEvent, onRequest, query, state } from '../manifest';
import { tableOperations } from '../tables/table-operations';
import { identityRegisterStore } from './identity-register';
import { optOutStore } from './opt-out-store';
import { personLookupStore } from './person-lookup';
import { projectStore } from './project-store';
import { reidentificationStore } from './reidentification-store';

/** The identity function: the only one that opens the identity zone. Into the lake it writes one table, of links. */
export const identityManifest = defineManifest({
  name: 'identity',
  trigger: onEvent('landed'),
  uses: {
    identity: objectStore('identity', ['read', 'list']),
    identityKey: key('identity', ['unwrap']),
    register: state(identityRegisterStore, ['absorb', 'links', 'linkRevision', 'linksPublished']),
    curated: objectStore('curated', tableOperations),
    query: query(),
  },
});

/** Answers requests about people to the functions that may ask, and to operators two at a time. It writes nothing in the lake. */
export const identityRequestsManifest = defineManifest({
  name: 'identity-requests',
  // Who may ask what; a function that is not here gets nothing.
  trigger: onRequest({
    marts: ['links', 'opt-outs'],
    // It makes marts anew.
    erasure: ['opt-outs'],
    research: ['opt-outs', 'project-tokens', 'project-names'],
    outreach: ['contacts', 'opt-outs'],
  }),
  uses: {
    callers: callers(),
    identityKey: key('identity', ['wrapWithPublicKey', 'unwrap']),
    register: state(identityRegisterStore, ['record', 'decide', 'supersede', 'reportsOf']),
    lookup: state(personLookupStore, ['personsOf', 'recordsOf', 'numberOf', 'persons']),
    optOuts: state(optOutStore, ['load', 'lists', 'about', 'numbersToAsk']),
    projects: state(projectStore, ['add', 'wrappedKey']),
    reidentification: state(reidentificationStore, [
      'request',
      'approve',
      'reveal',
      'cases',
      'addOperator',
      'secretDigest',
      'refused',
    ]),
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
