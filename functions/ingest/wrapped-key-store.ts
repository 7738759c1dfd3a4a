import { appendAudit, auditInsert } from '../audit/audit-log';
import type { AuditRecord } from '../audit/audit-record';
import { defineStateStore } from '../state-store';

/** A key as it may lie in a database: wrapped, as text; the key that opens it is with KeyManagement. */
export interface WrappedKey {
  readonly version: number;
  readonly wrapped: string;
}

export interface WrappedKeyStore {
  /** Versions in use, the newest first. */
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
  ],
  grants: {
    current: [{ table: 'wrapped_key', privilege: 'SELECT' }],
    add: [{ table: 'wrapped_key', privilege: 'INSERT' }, auditInsert],
  },
  open: (database) => ({
    current: (name) =>
      database.snapshot((tx) =>
        tx.query<{ version: number; wrapped: string }>(
          'SELECT version, wrapped FROM wrapped_key WHERE name = ? ORDER BY version DESC',
          [name],
        ),
      ),
    add: (name, { version, wrapped }, audit) =>
      database.transaction(async (tx) => {
        const added = await tx.run(
          'INSERT INTO wrapped_key (name, version, wrapped) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
          [name, version, wrapped],
        );
        if (added > 0) await appendAudit(tx, audit);
        return added > 0;
      }),
  }),
});
