import { ledgerStore } from '../ingest/ledger-store';
import { defineManifest, events, onSchedule, state } from '../manifest';

/** Dispatch tells those downstream what the ledger committed: it sees names of objects, never their content. */
export const dispatchManifest = defineManifest({
  name: 'dispatch',
  trigger: onSchedule('* * * * *'),
  uses: {
    ledger: state(ledgerStore, ['due', 'published', 'notPublished']),
    identityLanded: events('landed.identity', ['publish']),
    clinicalLanded: events('landed.clinical', ['publish']),
  },
});
