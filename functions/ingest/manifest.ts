import { auditStore } from '../audit/audit-log';
import { outcomesFolder, signedFolder } from '../bulk-import/import-objects';
import { importStore } from '../bulk-import/import-store';
import { defineManifest, http, key, objectStore, objectStoreUnder, state } from '../manifest';
import { providerRegisterStore } from '../provider-access/provider-register';
import { ledgerStore } from './ledger-store';
import { wrappedKeyStore } from './wrapped-key-store';

/** Ingest writes and never reads back: put-if-absent in two zones, and the public half of the identity key. */
export const ingestManifest = defineManifest({
  name: 'ingest',
  trigger: http('/FHIR/R4'),
  uses: {
    landing: objectStore('landing', ['putIfAbsent']),
    identity: objectStore('identity', ['putIfAbsent']),
    landingKey: key('landing', ['generateDataKey']),
    identityKey: key('identity', ['wrapWithPublicKey']),
    pseudonymKey: key('pseudonym', ['unwrap']),
    wrappedKeys: state(wrappedKeyStore, ['current']),
    ledger: state(ledgerStore, ['request', 'resolve', 'head', 'commit']),
    inbox: objectStore('inbox', ['putIfAbsent']),
    uploads: objectStoreUnder('inbox', signedFolder, ['signUpload']),
    outcomes: objectStoreUnder('inbox', outcomesFolder, ['read']),
    imports: state(importStore, ['create', 'find', 'uploaded', 'cancel']),
    audit: state(auditStore, ['append']),
    register: state(providerRegisterStore, ['find']),
  },
});

/**
 * Ingest where nothing leads from the lake's network back to its gateway, and so to the issuer's key set: it reads the issuer's
 * public key where that is kept.
 */
export const isolatedIngestManifest = defineManifest({
  ...ingestManifest,
  uses: { ...ingestManifest.uses, issuerKey: key('issuer', ['publicKey']) },
});
