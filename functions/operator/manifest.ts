import { auditStore } from '../audit/audit-log';
import { streamPrefix } from '../audit/manifest';
import { certificatesFolder } from '../erasure/erasure-certificates';
import { identityRegisterStore } from '../identity/identity-register-store';
import { optOutStore } from '../identity/opt-out-store';
import { personLookupStore } from '../identity/person-lookup';
import { projectStore } from '../identity/project-store';
import { heldFolder, heldOperations } from '../identity/quarantine-review';
import { reidentificationStore } from '../identity/reidentification-store';
import { ledgerStore } from '../ingest/ledger-store';
import { jobStore } from '../jobs/job-queue';
import {
  callers,
  catalogue,
  defineManifest,
  events,
  key,
  objectStore,
  objectStoreUnder,
  onRequest,
  query,
  requests,
  state,
} from '../manifest';
import { providerRegisterStore } from '../provider-access/provider-register';
import { retentionStore } from '../retention/retention-store';

/** The name under which people who operate a lake stand among the callers of a function. */
export const people = 'operators';

/** Service accounts of people begin so; what follows is the name they have in the audit. */
export const operatorAccount = (name: string): string => `operator-${name}`;

/**
 * What people ask of a deployed lake: it looks, and puts work into the queue of jobs or tells a function that there is some. It sees no
 * row of any table but in answers to SQL, which another process reads.
 */
export const operatorManifest = defineManifest({
  name: 'operator',
  trigger: onRequest({
    [people]: [
      'status',
      'jobs',
      'redrive',
      'awaitRun',
      'curate',
      'listMarts',
      'buildMarts',
      'sql',
      'listProviders',
      'disableProvider',
      'enableProvider',
      'verifyAudit',
      'erase',
      'certificates',
      'verifyErasure',
      'hold',
      'releaseHold',
      'holds',
      'extract',
      'retentionReport',
      'expire',
      'rotatePseudonymKey',
    ],
  }),
  uses: {
    callers: callers(),
    ledger: state(ledgerStore, ['totals', 'countSegments', 'uncurated', 'deadLetters', 'redrive']),
    clinicalLanded: events('landed.clinical', ['publish']),
    martSql: requests('mart-sql'),
    catalogue: catalogue(['tables']),
    jobs: state(jobStore, ['list', 'enqueue', 'show']),
    register: state(providerRegisterStore, ['list', 'disable', 'enable']),
    retention: state(retentionStore, ['hold', 'release', 'holds']),
    certificates: objectStoreUnder('releases', certificatesFolder, ['read', 'list']),
    records: state(auditStore, ['append']),
    audit: objectStoreUnder('audit', streamPrefix('lake'), ['read', 'list']),
    witness: objectStoreUnder('witness', streamPrefix('lake'), ['read', 'list']),
    auditKey: key('audit', ['publicKey']),
  },
});

/** Runs the SQL that people ask of the lake's desk: it reads marts, and has nothing else that a statement could reach. */
export const martSqlManifest = defineManifest({
  name: 'mart-sql',
  trigger: onRequest({ operator: ['sql'] }),
  uses: {
    callers: callers(),
    marts: objectStore('marts', ['read', 'stream', 'list', 'localPath']),
    catalogue: catalogue(['tables']),
    records: state(auditStore, ['append']),
    query: query(),
  },
});

/**
 * What people ask inside the identity zone: numbers never pass through another. It opens held messages and no original, and
 * ingests nothing itself.
 */
export const identityOperatorManifest = defineManifest({
  name: 'identity-operator',
  trigger: onRequest({
    [people]: [
      'findPeople',
      'patientsNamed',
      'heldMessages',
      'replayHeld',
      'messageReports',
      'decideLink',
      'supersede',
      'loadOptOuts',
      'optOutLists',
      'askOptOuts',
      'createProject',
      'requestReidentification',
      'approveReidentification',
      'revealReidentification',
      'reidentifications',
      'verifyAudit',
    ],
  }),
  uses: {
    callers: callers(),
    held: objectStoreUnder('identity', heldFolder, heldOperations),
    identityKey: key('identity', ['wrapWithPublicKey', 'unwrap']),
    register: state(identityRegisterStore, [
      'patientsOf',
      'numbersOf',
      'record',
      'replayed',
      'reportsOf',
      'decide',
      'supersede',
    ]),
    optOuts: state(optOutStore, ['load', 'lists', 'numbersToAsk']),
    lookup: state(personLookupStore, ['recordsOf', 'numberOf', 'persons']),
    projects: state(projectStore, ['add', 'wrappedKey']),
    reidentification: state(reidentificationStore, ['request', 'approve', 'reveal', 'cases']),
    identityLanded: events('landed.identity', ['publish']),
    replay: requests('quarantine-replay'),
    audit: objectStoreUnder('audit', streamPrefix('identity'), ['read', 'list']),
    witness: objectStoreUnder('witness', streamPrefix('identity'), ['read', 'list']),
    auditKey: key('audit', ['publicKey']),
  },
});
