import type { Migration } from '../../adapters/ports/state-database';
import { auditStore } from '../audit/audit-log';
import { importStore } from '../bulk-import/import-store';
import { catalogueStore } from '../catalogue/catalogue-store';
import { erasureStore } from '../erasure/erasure-store';
import { identityRegisterStore } from '../identity/identity-register-store';
import { optOutStore } from '../identity/opt-out-store';
import { projectStore } from '../identity/project-store';
import { reidentificationStore } from '../identity/reidentification-store';
import { ledgerStore } from '../ingest/ledger-store';
import { wrappedKeyStore } from '../ingest/wrapped-key-store';
import { jobStore } from '../jobs/job-queue';
import { keyRotationStore } from '../key-rotation/key-rotation-store';
import { oidcStorageStore } from '../provider-access/oidc-storage';
import { providerRegisterStore } from '../provider-access/provider-register';
import { relandingStore } from '../resplit/relanding-store';
import { splitDigestStore } from '../resplit/split-digest-store';
import { retentionStore } from '../retention/retention-store';
import type { DatabaseName } from '../state-store';

const stores = {
  lake: [
    auditStore,
    ledgerStore,
    wrappedKeyStore,
    erasureStore,
    retentionStore,
    relandingStore,
    keyRotationStore,
    jobStore,
    importStore,
    providerRegisterStore,
    oidcStorageStore,
    catalogueStore,
  ],
  // The identity zone keeps an audit of its own.
  identity: [auditStore, identityRegisterStore, optOutStore, projectStore, reidentificationStore, splitDigestStore],
} as const;

/** Every table of one of the two databases, for whoever sets a lake up. */
export const migrationsOf = (database: DatabaseName): readonly Migration[] =>
  stores[database].flatMap((store) => store.migrations);
