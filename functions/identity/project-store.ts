import { appendAudit, auditInsert } from '../audit/audit-log';
import type { AuditRecord } from '../audit/audit-record';
import { defineStateStore } from '../state-store';

export interface ProjectStore {
  /** @throws LakeError `AlreadyExists` for a name that is taken: a project's key never changes. */
  add(name: string, wrappedKey: string, audit: AuditRecord): Promise<void>;
  wrappedKey(name: string): Promise<string | undefined>;
}

/** Research projects and their wrapped keys, inside the identity zone: whoever reads extracts has none of them. */
export const projectStore = defineStateStore<ProjectStore>({
  name: 'project',
  database: 'identity',
  migrations: [
    {
      id: 'project-0001-keys',
      statements: ['CREATE TABLE project (name TEXT PRIMARY KEY, wrapped_key TEXT NOT NULL, created TEXT NOT NULL)'],
    },
  ],
  grants: {
    add: [{ table: 'project', privilege: 'INSERT' }, auditInsert],
    wrappedKey: [{ table: 'project', privilege: 'SELECT' }],
  },
  open: (database) => ({
    add: (name, wrappedKey, audit) =>
      database.transaction(async (tx) => {
        await tx.run('INSERT INTO project (name, wrapped_key, created) VALUES (?, ?, ?)', [
          name,
          wrappedKey,
          audit.recorded,
        ]);
        await appendAudit(tx, audit);
      }),
    wrappedKey: (name) =>
      database.snapshot(async (tx) => {
        const [row] = await tx.query<{ wrapped_key: string }>('SELECT wrapped_key FROM project WHERE name = ?', [name]);
        return row?.wrapped_key;
      }),
  }),
});
