import { auditStore } from '../audit/audit-log';
import { streamPrefix } from '../audit/manifest';
import { identityRegisterStore } from '../identity/identity-register';
import { optOutStore } from '../identity/opt-out-store';
import { ledgerStore } from '../ingest/ledger-store';
import { jobStore } from '../jobs/job-queue';
import { callers, catalogue, defineManifest, key, objectStore, objectStoreUnder, onRequest, state } from '../manifest';
import { providerRegisterStore } from '../provider-access/provider-register';

/** The name under which people who operate a lake stand among the callers of a function. */
export const people = 'operators';

/** Service accounts of people begin so; what follows is the name they have in the audit. */
export const operatorAccount = (name: string): string => `operator-${name}`;

/** What people ask of a deployed lake: it looks, and puts work into the queue of jobs. It sees no row of any table. */
export const operatorManifest = defineManifest({
  name: 'operator',
  trigger: onRequest({
    [people]: ['status', 'jobs', 'listMarts', 'buildMarts', 'listProviders', 'verifyAudit', 'erase'],
  }),
  uses: {
    callers: callers(),
    ledger: state(ledgerStore, ['totals', 'countSegments']),
    catalogue: catalogue(['tables']),
    jobs: state(jobStore, ['list', 'enqueue', 'show']),
    register: state(providerRegisterStore, ['list']),
    records: state(auditStore, ['append']),
    audit: objectStoreUnder('audit', streamPrefix('lake'), ['read', 'list']),
    witness: objectStoreUnder('witness', streamPrefix('lake'), ['read', 'list']),
    auditKey: key('audit', ['publicKey']),
  },
});

/** What people ask inside the identity zone: numbers never pass through another. */
export const identityOperatorManifest = defineManifest({
  name: 'identity-operator',
  trigger: onRequest({ [people]: ['findPeople', 'loadOptOuts', 'optOutLists', 'verifyAudit'] }),
  uses: {
    callers: callers(),
    identity: objectStore('identity', ['read', 'list']),
    identityKey: key('identity', ['unwrap']),
    register: state(identityRegisterStore, ['patientsOf', 'numbersOf', 'record', 'replayed']),
    optOuts: state(optOutStore, ['load', 'lists', 'numbersToAsk']),
    audit: objectStoreUnder('audit', streamPrefix('identity'), ['read', 'list']),
    witness: objectStoreUnder('witness', streamPrefix('identity'), ['read', 'list']),
    auditKey: key('audit', ['publicKey']),
  },
});
