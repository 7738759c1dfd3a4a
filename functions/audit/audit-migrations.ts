import type { Migration } from '../../adapters/ports/state-database';

/**
 * `audit` holds the records that await their seal and nothing else: a row goes when its segment is sealed. `audit_tip` has
 * one row: how far the log is sealed, and who may seal.
 */
export const auditMigrations: readonly Migration[] = [
  {
    id: 'audit-0001-records-awaiting-their-seal',
    statements: [
      // Rows are found by `segment IS NULL`, never by a high-water mark of ids: a row may commit after younger ones.
      'CREATE TABLE audit (id TEXT PRIMARY KEY, recorded TEXT NOT NULL, record TEXT NOT NULL, segment INTEGER)',
      'CREATE INDEX audit_unsealed ON audit (id) WHERE segment IS NULL',
      'CREATE INDEX audit_segment ON audit (segment) WHERE segment IS NOT NULL',
      `CREATE TABLE audit_tip (
         name TEXT PRIMARY KEY, log TEXT NOT NULL, segment INTEGER NOT NULL, size INTEGER NOT NULL,
         head TEXT NOT NULL, frontier TEXT NOT NULL, checkpoint INTEGER NOT NULL, checkpoint_digest TEXT NOT NULL,
         checkpoint_time TEXT NOT NULL, witnessed INTEGER NOT NULL,
         holder TEXT NOT NULL, lease_until TEXT NOT NULL, fence INTEGER NOT NULL)`,
    ],
  },
];
