import { appendAudit, auditInsert } from '../audit/audit-log';
import type { AuditRecord } from '../audit/audit-record';
import { defineStateStore } from '../state-store';

/** A key as it may lie in a database: wrapped, as text; the key that opens it is with KeyManagement. */
export interface WrappedKey {
  readonly version: number;
  readonly wrapped: string;
  /** What the version before made is all made over. */
  readonly remapped: boolean;
}

export interface WrappedKeyStore {
  /** Every version there was, the newest first. */
  current(name: string): Promise<readonly WrappedKey[]>;
  /** Adds a version unless it is there; false when it was. */
  add(name: string, key: WrappedKey, audit: AuditRecord): Promise<boolean>;
}

/** Wrapped pseudonym keys in the lake's database, so that every process that ingests finds the same ones. */
export const wrappedKeyStore = defineStateStore<WrappedKeyStore>({
  name: 'wrapped-key',
  database: 'lake',
  migrations: [
    {
      id: 'wrapped-key-0001-keys',
      statements: [
        'CREATE TABLE wrapped_key (name TEXT NOT NULL, version INTEGER NOT NULL, wrapped TEXT NOT NULL, PRIMARY KEY (name, version))',
      ],
    },
    {
      id: 'wrapped-key-0002-remapped',
      statements: ['ALTER TABLE wrapped_key ADD COLUMN remapped INTEGER NOT NULL DEFAULT 1'],
    },
  ],
  grants: {
    current: [{ table: 'wrapped_key', privilege: 'SELECT' }],
    add: [{ table: 'wrapped_key', privilege: 'INSERT' }, auditInsert],
  },
  open: (database) => ({
    current: (name) =>
      database.snapshot(async (tx) => {
        const rows = await tx.query<{ version: number; wrapped: string; remapped: number }>(
          'SELECT version, wrapped, remapped FROM wrapped_key WHERE name = ? ORDER BY version DESC',
          [name],
        );
        return rows.map((row) => ({ ...row, remapped: row.remapped === 1 }));
      }),
    add: (name, { version, wrapped, remapped }, audit) =>
      database.transaction(async (tx) => {
        const added = await tx.run(
          'INSERT INTO wrapped_key (name, version, wrapped, remapped) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
          [name, version, wrapped, remapped ? 1 : 0],
        );
        if (added > 0) await appendAudit(tx, audit);
        return added > 0;
      }),
  }),
});
