import type { StateDatabase } from '../../adapters/ports/state-database';
import { appendAudit, auditInsert } from '../audit/audit-log';
import type { AuditRecord } from '../audit/audit-record';
import { defineStateStore } from '../state-store';

/** What of a landed object never became true: its commit wrote it down. */
export type Leftover = { readonly key: string; readonly provider: string } & (
  | { readonly zone: 'landing'; readonly lines: readonly number[] }
  /** Request ids, and `<request id> <entry>` of entries refused by themselves. */
  | { readonly zone: 'identity'; readonly requests: readonly string[] }
);

export interface LeftoverStore {
  leftovers(zone: Leftover['zone']): Promise<readonly Leftover[]>;
  forgetLeftovers(zone: Leftover['zone'], keys: readonly string[]): Promise<void>;
  /** Those of these objects that no commit recorded. */
  unrecorded(keys: readonly string[]): Promise<readonly string[]>;
  /**
   * From then on no commit can record the object; false when one has. Decided in the database, where commits are: however
   * clocks and slow processes behave, nothing that was acknowledged is collected.
   */
  condemn(zone: Leftover['zone'], key: string, now: Date): Promise<boolean>;
  report(audit: AuditRecord): Promise<void>;
}

function openLeftovers(database: StateDatabase): LeftoverStore {
  return {
    leftovers: (zone) =>
      database.snapshot(async (tx) => {
        const rows = await tx.query<{ object_key: string; provider: string; parts: string }>(
          'SELECT object_key, provider, parts FROM leftover WHERE zone = ? ORDER BY object_key',
          [zone],
        );
        return rows.map(({ object_key: key, provider, parts }): Leftover => {
          const common = { key, provider };
          return zone === 'landing'
            ? { zone, ...common, lines: JSON.parse(parts) as number[] }
            : { zone, ...common, requests: JSON.parse(parts) as string[] };
        });
      }),

    forgetLeftovers: (zone, keys) =>
      database.transaction(async (tx) => {
        for (const key of keys) await tx.run('DELETE FROM leftover WHERE zone = ? AND object_key = ?', [zone, key]);
      }),

    unrecorded: (keys) =>
      database.snapshot(async (tx) => {
        const unknown: string[] = [];
        for (const key of keys) {
          const found = await tx.query('SELECT 1 AS one FROM outbox WHERE object_key = ? LIMIT 1', [key]);
          if (found.length === 0) unknown.push(key);
        }
        return unknown;
      }),

    condemn: (zone, key, now) =>
      database.transaction(async (tx) => {
        const found = await tx.query('SELECT 1 AS one FROM outbox WHERE object_key = ? LIMIT 1', [key]);
        if (found.length > 0) return false;
        await tx.run('INSERT INTO orphan (object_key, zone, condemned) VALUES (?, ?, ?) ON CONFLICT DO NOTHING', [
          key,
          zone,
          now.toISOString(),
        ]);
        return true;
      }),

    report: (audit) =>
      database.transaction(async (tx) => {
        await appendAudit(tx, audit);
      }),
  };
}

/** Over the ledger's tables: its migrations make them, as its commits write and read them. */
export const leftoverStore = defineStateStore<LeftoverStore>({
  name: 'leftover',
  database: 'lake',
  migrations: [],
  grants: {
    leftovers: [{ table: 'leftover', privilege: 'SELECT' }],
    forgetLeftovers: [
      { table: 'leftover', privilege: 'SELECT' },
      { table: 'leftover', privilege: 'DELETE' },
    ],
    unrecorded: [{ table: 'outbox', privilege: 'SELECT' }],
    condemn: [
      { table: 'outbox', privilege: 'SELECT' },
      { table: 'orphan', privilege: 'SELECT' },
      { table: 'orphan', privilege: 'INSERT' },
    ],
    report: [auditInsert],
  },
  open: openLeftovers,
});
