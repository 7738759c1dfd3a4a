import type { StateDatabase } from '../../adapters/ports/state-database';
import { defineStateStore } from '../state-store';
import type { LandedObject, Ledger, Resolution, VersionRow } from './ledger';
import { commitGroup, findRequest, idsOf } from './ledger-commit';
import { ledgerMigrations } from './ledger-migrations';

function openLedger(database: StateDatabase): Ledger {
  return {
    request: (provider, requestId, digests) => database.snapshot((tx) => findRequest(tx, provider, requestId, digests)),

    resolve: (provider, tokens) =>
      database.snapshot(async (tx) => {
        const found: Resolution[] = [];
        for (const token of tokens) found.push({ ...token, ids: await idsOf(tx, provider, token) });
        return found;
      }),

    head: (provider, type, id) =>
      database.snapshot(async (tx) => {
        const [row] = await tx.query<{ version: number; last_updated: string }>(
          `SELECT v.version, v.last_updated FROM resource r
           JOIN version v ON v.provider = r.provider AND v.type = r.type AND v.id = r.id AND v.version = r.version
           WHERE r.provider = ? AND r.type = ? AND r.id = ?`,
          [provider, type, id],
        );
        return row === undefined ? undefined : { version: row.version, lastUpdated: row.last_updated };
      }),

    commit: (requests, landed, now) => database.transaction((tx) => commitGroup(tx, requests, landed, now)),

    claimBatch: (limit) =>
      database.transaction(async (tx) => {
        const [open] = await tx.query<{ batch: number }>(
          'SELECT min(batch) AS batch FROM curate_batch WHERE completed = 0',
        );
        let batch = open?.batch ?? undefined;
        if (batch === undefined || batch === null) {
          const [last] = await tx.query<{ batch: number | null }>('SELECT max(batch) AS batch FROM curate_batch');
          const next = (last?.batch ?? 0) + 1;
          const claimed = await tx.run(
            'UPDATE outbox SET batch = ? WHERE id IN (SELECT id FROM outbox WHERE batch IS NULL AND zone = ? ORDER BY id LIMIT ?)',
            [next, 'landing', limit],
          );
          if (claimed === 0) return undefined;
          await tx.run('INSERT INTO curate_batch (batch, completed) VALUES (?, 0)', [next]);
          batch = next;
        }
        const segments = await tx.query<{ segment: string; provider: string }>(
          'SELECT object_key AS segment, provider FROM outbox WHERE batch = ? ORDER BY id',
          [batch],
        );
        return { batch, segments };
      }),

    versionsOf: (segment) =>
      database.snapshot((tx) =>
        tx.query<VersionRow>(
          'SELECT type, id, version, line, coalesce(relanded, last_updated) AS last_updated, patient_ref FROM version WHERE segment = ? ORDER BY line',
          [segment],
        ),
      ),

    completeBatch: (batch) =>
      database.transaction(async (tx) => {
        await tx.run('UPDATE curate_batch SET completed = 1 WHERE batch = ?', [batch]);
      }),

    unpublished: (limit) =>
      database.snapshot(async (tx) => {
        const rows = await tx.query<{
          id: number;
          zone: LandedObject['zone'];
          object_key: string;
          provider: string;
          request_ids: string;
        }>(
          'SELECT id, zone, object_key, provider, request_ids FROM outbox WHERE published IS NULL ORDER BY id LIMIT ?',
          [limit],
        );
        return rows.map((row) => ({
          id: row.id,
          zone: row.zone,
          key: row.object_key,
          provider: row.provider,
          requestIds: JSON.parse(row.request_ids) as string[],
        }));
      }),

    published: (ids, now) =>
      database.transaction(async (tx) => {
        for (const id of ids) await tx.run('UPDATE outbox SET published = ? WHERE id = ?', [now.toISOString(), id]);
      }),

    countSegments: () =>
      database.snapshot(async (tx) => {
        const [row] = await tx.query<{ waiting: number; total: number }>(
          `SELECT count(*) AS total, coalesce(sum(CASE WHEN b.completed = 1 THEN 0 ELSE 1 END), 0) AS waiting
           FROM outbox o LEFT JOIN curate_batch b ON b.batch = o.batch WHERE o.zone = 'landing'`,
        );
        return { waiting: row?.waiting ?? 0, curated: (row?.total ?? 0) - (row?.waiting ?? 0) };
      }),

    totals: () =>
      database.snapshot(async (tx) => {
        const [row] = await tx.query<{ requests: number; resources: number; versions: number }>(
          `SELECT (SELECT count(*) FROM request) AS requests, (SELECT count(*) FROM resource) AS resources,
                  (SELECT count(*) FROM version) AS versions`,
        );
        return row!;
      }),

    objectKnown: (key) =>
      database.snapshot(
        async (tx) => (await tx.query('SELECT 1 AS one FROM outbox WHERE object_key = ? LIMIT 1', [key])).length > 0,
      ),
  };
}

/** The ledger: which request did what, which version lies where. One transaction of it makes a request true. */
export const ledgerStore = defineStateStore<Ledger>({
  name: 'ledger',
  database: 'lake',
  migrations: ledgerMigrations,
  grants: {
    request: [{ table: 'request', privilege: 'SELECT' }],
    resolve: [{ table: 'identifier', privilege: 'SELECT' }],
    head: [
      { table: 'resource', privilege: 'SELECT' },
      { table: 'version', privilege: 'SELECT', columns: ['provider', 'type', 'id', 'version', 'last_updated'] },
    ],
    commit: [
      { table: 'request', privilege: 'SELECT' },
      { table: 'request', privilege: 'INSERT' },
      { table: 'identifier', privilege: 'SELECT' },
      { table: 'identifier', privilege: 'INSERT' },
      { table: 'identifier', privilege: 'DELETE' },
      { table: 'resource', privilege: 'SELECT' },
      { table: 'resource', privilege: 'INSERT' },
      { table: 'resource', privilege: 'UPDATE', columns: ['version'] },
      { table: 'version', privilege: 'INSERT' },
      { table: 'outbox', privilege: 'INSERT' },
      { table: 'orphan', privilege: 'SELECT', columns: ['object_key'] },
      { table: 'leftover', privilege: 'INSERT' },
      { table: 'audit', privilege: 'INSERT' },
      { table: 'wrapped_key', privilege: 'SELECT', columns: ['name', 'version'] },
    ],
    claimBatch: [
      { table: 'curate_batch', privilege: 'SELECT' },
      { table: 'curate_batch', privilege: 'INSERT' },
      { table: 'outbox', privilege: 'SELECT' },
      { table: 'outbox', privilege: 'UPDATE', columns: ['batch'] },
    ],
    versionsOf: [{ table: 'version', privilege: 'SELECT' }],
    completeBatch: [{ table: 'curate_batch', privilege: 'UPDATE', columns: ['completed'] }],
    unpublished: [{ table: 'outbox', privilege: 'SELECT' }],
    published: [{ table: 'outbox', privilege: 'UPDATE', columns: ['published'] }],
    countSegments: [
      { table: 'outbox', privilege: 'SELECT' },
      { table: 'curate_batch', privilege: 'SELECT' },
    ],
    totals: [
      { table: 'request', privilege: 'SELECT' },
      { table: 'resource', privilege: 'SELECT' },
      { table: 'version', privilege: 'SELECT' },
    ],
    objectKnown: [{ table: 'outbox', privilege: 'SELECT' }],
  },
  open: openLedger,
});
