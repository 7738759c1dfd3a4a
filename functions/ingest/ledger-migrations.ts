import type { Migration } from '../../adapters/ports/state-database';

/** Tables of the ledger. Ids and tokens only: nothing here names or identifies a person. */
export const ledgerMigrations: readonly Migration[] = [
  {
    id: 'ledger-0001-requests-resources-versions',
    statements: [
      `CREATE TABLE request (
         provider TEXT NOT NULL, request_id TEXT NOT NULL, digest TEXT NOT NULL,
         answer TEXT NOT NULL, notes TEXT NOT NULL, recorded TEXT NOT NULL,
         PRIMARY KEY (provider, request_id))`,
      `CREATE TABLE resource (
         provider TEXT NOT NULL, type TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, assigned_id TEXT,
         PRIMARY KEY (provider, type, id))`,
      `CREATE TABLE version (
         provider TEXT NOT NULL, type TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL,
         segment TEXT NOT NULL, line INTEGER NOT NULL, last_updated TEXT NOT NULL,
         patient_ref TEXT, retention TEXT NOT NULL,
         PRIMARY KEY (provider, type, id, version))`,
      'CREATE INDEX version_segment ON version (segment)',
      'CREATE INDEX version_patient ON version (patient_ref)',
      `CREATE TABLE identifier (
         provider TEXT NOT NULL, type TEXT NOT NULL, token TEXT NOT NULL, id TEXT NOT NULL,
         PRIMARY KEY (provider, type, token, id))`,
      'CREATE INDEX identifier_id ON identifier (provider, type, id)',
      `CREATE TABLE outbox (
         id INTEGER PRIMARY KEY, zone TEXT NOT NULL, object_key TEXT NOT NULL, provider TEXT NOT NULL,
         request_ids TEXT NOT NULL, recorded TEXT NOT NULL, published TEXT, batch INTEGER)`,
      'CREATE INDEX outbox_batch ON outbox (batch)',
      'CREATE INDEX outbox_object ON outbox (object_key)',
      'CREATE INDEX outbox_unpublished ON outbox (id) WHERE published IS NULL',
      'CREATE TABLE curate_batch (batch INTEGER PRIMARY KEY, completed INTEGER NOT NULL)',
    ],
  },
  {
    // An erasure must find the sealed original of each version: the request it came by.
    id: 'ledger-0002-request-of-a-version',
    statements: ['ALTER TABLE version ADD COLUMN request_id TEXT'],
  },
  {
    // When its clinical copy was made anew by a re-split. The time its sender knows stays: it also finds the sealed original.
    id: 'ledger-0003-relanded',
    statements: ['ALTER TABLE version ADD COLUMN relanded TEXT'],
  },
  {
    // What landed and never became true, until it is collected; and objects that no commit may record any more.
    id: 'ledger-0004-leftovers-and-orphans',
    statements: [
      'CREATE TABLE leftover (zone TEXT NOT NULL, object_key TEXT NOT NULL, provider TEXT NOT NULL, parts TEXT NOT NULL, PRIMARY KEY (zone, object_key))',
      'CREATE TABLE orphan (object_key TEXT PRIMARY KEY, zone TEXT NOT NULL, condemned TEXT NOT NULL)',
    ],
  },
  {
    // An event that nobody takes must not hold up the others: when it is offered again, and since when it is a dead letter.
    id: 'ledger-0005-dead-letters',
    statements: [
      'ALTER TABLE outbox ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0',
      'ALTER TABLE outbox ADD COLUMN not_before TEXT',
      'ALTER TABLE outbox ADD COLUMN dead TEXT',
      'CREATE INDEX outbox_dead ON outbox (id) WHERE dead IS NOT NULL AND published IS NULL',
    ],
  },
  {
    // Entries of a batch are refused one by one: what they carried must not reach the identity register.
    id: 'ledger-0006-refused-entries',
    statements: ['ALTER TABLE outbox ADD COLUMN refused TEXT'],
  },
];
