import { auditStore } from '../audit/audit-log';
import { ledgerStore } from '../ingest/ledger-store';
import { catalogue, defineManifest, key, objectStore, onEvent, query, state } from '../manifest';
import { tableOperations } from '../tables/table-operations';

/** Curate reads landed segments and commits curated tables; it sees no identity and no pseudonym key. */
export const curateManifest = defineManifest({
  name: 'curate',
  trigger: onEvent('landed'),
  uses: {
    landing: objectStore('landing', ['read']),
    landingKey: key('landing', ['unwrap']),
    curated: objectStore('curated', tableOperations),
    ledger: state(ledgerStore, ['claimBatch', 'versionsOf', 'completeBatch']),
    audit: state(auditStore, ['append']),
    catalogue: catalogue(['publish']),
    query: query(),
  },
});
