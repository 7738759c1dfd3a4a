import type { Migration } from '../../adapters/ports/state-database';

/** Tables of the register: the only ones of the lake that name people. */
export const identityRegisterMigrations: readonly Migration[] = [
  {
    id: 'identity-register-0001-records-persons-links',
    statements: [
      `CREATE TABLE identity_record (
         provider TEXT NOT NULL, type TEXT NOT NULL, id TEXT NOT NULL, request_id TEXT NOT NULL,
         record TEXT NOT NULL, recorded TEXT NOT NULL, PRIMARY KEY (provider, type, id))`,
      'CREATE TABLE person (person_id TEXT PRIMARY KEY, nhs_number TEXT UNIQUE, created TEXT NOT NULL)',
      'CREATE TABLE link (patient_ref TEXT PRIMARY KEY, person_id TEXT NOT NULL, basis TEXT NOT NULL, since TEXT NOT NULL)',
      'CREATE INDEX link_person ON link (person_id)',
      'CREATE TABLE link_history (patient_ref TEXT NOT NULL, person_id TEXT NOT NULL, basis TEXT NOT NULL, since TEXT NOT NULL)',
      'CREATE TABLE absorbed (object_key TEXT PRIMARY KEY)',
    ],
  },
  {
    id: 'identity-register-0002-replayed',
    statements: ['CREATE TABLE replayed (tracking TEXT PRIMARY KEY, provider TEXT NOT NULL, request_id TEXT NOT NULL)'],
  },
  {
    // Links are worked out from facts that may arrive in any order; what was linked before counts as claimed long ago.
    id: 'identity-register-0003-facts-of-links',
    statements: [
      "ALTER TABLE identity_record ADD COLUMN source TEXT NOT NULL DEFAULT ''",
      'CREATE TABLE link_claim (patient_ref TEXT PRIMARY KEY, nhs_number TEXT, source TEXT NOT NULL)',
      'CREATE INDEX link_claim_number ON link_claim (nhs_number)',
      'CREATE TABLE link_decision (patient_ref TEXT PRIMARY KEY, kind TEXT NOT NULL, nhs_number TEXT, decided TEXT NOT NULL)',
      'CREATE INDEX link_decision_number ON link_decision (nhs_number)',
      'CREATE TABLE number_superseded (old TEXT PRIMARY KEY, replacement TEXT, decided TEXT NOT NULL)',
      'CREATE INDEX number_superseded_replacement ON number_superseded (replacement)',
      'CREATE TABLE link_revision (made INTEGER NOT NULL, published INTEGER NOT NULL)',
      'INSERT INTO link_revision (made, published) SELECT count(*), 0 FROM link',
      "INSERT INTO link_claim (patient_ref, nhs_number, source) SELECT l.patient_ref, p.nhs_number, '' FROM link l JOIN person p ON p.person_id = l.person_id",
    ],
  },
  {
    // Names of elements, rules and counts: no value of a message, so an erasure has nothing to find here.
    id: 'identity-register-0004-message-reports',
    statements: [
      'CREATE TABLE message_report (provider TEXT NOT NULL, request_id TEXT NOT NULL, report TEXT NOT NULL, PRIMARY KEY (provider, request_id))',
      'CREATE INDEX message_report_request ON message_report (request_id)',
    ],
  },
  {
    // The pseudonym key that everything here was last made over to.
    id: 'identity-register-0005-key-version',
    statements: [
      'CREATE TABLE register_key (version INTEGER NOT NULL)',
      'INSERT INTO register_key (version) VALUES (0)',
    ],
  },
  {
    // When people were taken out, and nobody's name: what was read of an object before that is read again.
    id: 'identity-register-0006-erasures',
    statements: ['CREATE TABLE register_erasure (recorded TEXT NOT NULL)'],
  },
];
