import { importStore } from '../bulk-import/import-store';
import { identityRegisterStore } from '../identity/identity-register-store';
import { heldFolder, heldOperations } from '../identity/quarantine-review';
import { defineManifest, key, objectStore, objectStoreUnder, onSchedule, state } from '../manifest';
import { retentionStore } from './retention-store';

/** When what is past its time goes. */
export const retentionCron = '30 3 * * *';

/** Judges the ledger's records and keeps the legal holds; deletes nothing itself: that is the erasure's. */
export const retentionManifest = defineManifest({
  name: 'retention',
  trigger: onSchedule(retentionCron),
  uses: {
    retention: state(retentionStore, ['records', 'hold', 'release', 'holds']),
    imports: state(importStore, ['get']),
  },
});

/** Its counterpart inside the identity zone: knows births and deaths, and deletes held messages and ended imports. */
export const identityRetentionManifest = defineManifest({
  name: 'identity-retention',
  trigger: onSchedule(retentionCron),
  uses: {
    register: state(identityRegisterStore, ['lifespansOf', 'numbersOf', 'patientsOf', 'replayed', 'record']),
    held: objectStoreUnder('identity', heldFolder, heldOperations),
    identityKey: key('identity', ['unwrap']),
    inbox: objectStore('inbox', ['list', 'delete']),
  },
});
