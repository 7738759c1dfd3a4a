import type { StateDatabase } from '../../adapters/ports/state-database';
import { appendAudit, auditInsert } from '../audit/audit-log';
import type { AuditRecord } from '../audit/audit-record';
import { defineStateStore } from '../state-store';
import type { SplitVersion } from './relanding-store';

export interface SplitDigests {
  /** The digest of the line a re-split landed last; undefined when the one sealed beside the original still holds. */
  of(version: SplitVersion): Promise<string | undefined>;
  record(versions: readonly (SplitVersion & { readonly digest: string })[], audit: AuditRecord): Promise<void>;
}

function openDigests(database: StateDatabase): SplitDigests {
  return {
    of: ({ provider, type, id, requestId }) =>
      database.snapshot(async (tx) => {
        const [row] = await tx.query<{ digest: string }>(
          'SELECT digest FROM split_digest WHERE provider = ? AND type = ? AND id = ? AND request_id = ?',
          [provider, type, id, requestId],
        );
        return row?.digest;
      }),

    record: (versions, audit) =>
      database.transaction(async (tx) => {
        for (const { provider, type, id, requestId, digest } of versions) {
          await tx.run(
            `INSERT INTO split_digest (provider, type, id, request_id, digest) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT (provider, type, id, request_id) DO UPDATE SET digest = excluded.digest`,
            [provider, type, id, requestId, digest],
          );
        }
        await appendAudit(tx, audit);
      }),
  };
}

/** What clinical copies are since they were split again, in the identity zone's database: keyed digests, no content. */
export const splitDigestStore = defineStateStore<SplitDigests>({
  name: 'split-digest',
  database: 'identity',
  migrations: [
    {
      id: 'split-digest-0001-digests',
      statements: [
        `CREATE TABLE split_digest (
           provider TEXT NOT NULL, type TEXT NOT NULL, id TEXT NOT NULL, request_id TEXT NOT NULL, digest TEXT NOT NULL,
           PRIMARY KEY (provider, type, id, request_id))`,
      ],
    },
  ],
  grants: {
    of: [{ table: 'split_digest', privilege: 'SELECT' }],
    record: [
      { table: 'split_digest', privilege: 'SELECT' },
      { table: 'split_digest', privilege: 'INSERT' },
      { table: 'split_digest', privilege: 'UPDATE', columns: ['digest'] },
      auditInsert,
    ],
  },
  open: openDigests,
});
