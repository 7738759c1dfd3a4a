import type { StateDatabase } from '../../adapters/ports/state-database';
import { gatheredLooks } from '../gathered-looks';
import { defineStateStore } from '../state-store';
import type { AnnouncedObject, LandedObject, Ledger, RequestOutcome, Resolution, VersionRow } from './ledger';
import { commitGroup } from './ledger-commit';
import { ledgerMigrations } from './ledger-migrations';
import { type AskedRequest, answersTo, idsOf } from './ledger-reads';

interface StoredOutboxRow {
  readonly id: number;
  readonly zone: LandedObject['zone'];
  readonly object_key: string;
  readonly provider: string;
  readonly request_ids: string;
  readonly refused: string | null;
  readonly attempts: number;
}

const announcedOf = ({ zone, object_key, provider, request_ids, refused }: StoredOutboxRow): AnnouncedObject => ({
  zone,
  key: object_key,
  provider,
  requestIds: JSON.parse(request_ids) as string[],
  refused: JSON.parse(refused ?? '[]') as string[],
});

function openLedger(database: StateDatabase): Ledger {
  const answerTo = gatheredLooks<AskedRequest, RequestOutcome | undefined>(database, answersTo);
  return {
    request: (provider, requestId, digests) => answerTo({ provider, requestId, digests }),

    resolve: (provider, tokens) =>
      database.snapshot((tx) =>
        Promise.all(
          tokens.map(async (token): Promise<Resolution> => ({ ...token, ids: await idsOf(tx, provider, token) })),
        ),
      ),

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
        const rows = await tx.query<StoredOutboxRow>(
          'SELECT id, zone, object_key, provider, request_ids, refused FROM outbox WHERE published IS NULL ORDER BY id LIMIT ?',
          [limit],
        );
        return rows.map((row) => ({ ...announcedOf(row), id: row.id }));
      }),

    published: (ids, now) =>
      database.transaction(async (tx) => {
        for (const id of ids) await tx.run('UPDATE outbox SET published = ? WHERE id = ?', [now.toISOString(), id]);
      }),

    due: (limit, now) =>
      database.snapshot(async (tx) => {
        const rows = await tx.query<StoredOutboxRow>(
          `SELECT id, zone, object_key, provider, request_ids, refused, attempts FROM outbox
           WHERE published IS NULL AND dead IS NULL AND (not_before IS NULL OR not_before <= ?) ORDER BY id LIMIT ?`,
          [now.toISOString(), limit],
        );
        return rows.map((row) => ({ ...announcedOf(row), id: row.id, attempts: row.attempts }));
      }),

    notPublished: (id, again, now) =>
      database.transaction(async (tx) => {
        await tx.run(
          'UPDATE outbox SET attempts = attempts + 1, not_before = ?, dead = ? WHERE id = ? AND published IS NULL',
          [again?.toISOString() ?? null, again === undefined ? now.toISOString() : null, id],
        );
      }),

    untold: (upTo) =>
      database.snapshot(async (tx) => {
        const [row] = await tx.query<{ count: number; newest: number | null }>(
          'SELECT count(*) AS count, max(id) AS newest FROM outbox WHERE published IS NULL AND id <= ?',
          [upTo ?? Number.MAX_SAFE_INTEGER],
        );
        return { count: row?.count ?? 0, newest: row?.newest ?? undefined };
      }),

    deadLetters: () =>
      database.snapshot(async (tx) => {
        const [row] = await tx.query<{ count: number; oldest: string | null }>(
          'SELECT count(*) AS count, min(recorded) AS oldest FROM outbox WHERE dead IS NOT NULL AND published IS NULL',
        );
        return { count: row?.count ?? 0, oldest: row?.oldest ?? undefined };
      }),

    redrive: () =>
      database.transaction((tx) =>
        tx.run(
          'UPDATE outbox SET attempts = 0, not_before = NULL, dead = NULL WHERE dead IS NOT NULL AND published IS NULL',
        ),
      ),

    countSegments: () =>
      database.snapshot(async (tx) => {
        const [row] = await tx.query<{ waiting: number; total: number }>(
          `SELECT count(*) AS total, coalesce(sum(CASE WHEN b.completed = 1 THEN 0 ELSE 1 END), 0) AS waiting
           FROM outbox o LEFT JOIN curate_batch b ON b.batch = o.batch WHERE o.zone = 'landing'`,
        );
        return { waiting: row?.waiting ?? 0, curated: (row?.total ?? 0) - (row?.waiting ?? 0) };
      }),

    uncurated: (upTo) =>
      database.snapshot(async (tx) => {
        const waiting = `FROM outbox o LEFT JOIN curate_batch b ON b.batch = o.batch`;
        const those = `WHERE o.zone = 'landing' AND coalesce(b.completed, 0) = 0 AND o.id <= ?`;
        const last = upTo ?? Number.MAX_SAFE_INTEGER;
        const [found] = await tx.query<{ segments: number; newest: number | null }>(
          `SELECT count(*) AS segments, max(o.id) AS newest ${waiting} ${those}`,
          [last],
        );
        const types = await tx.query<{ type: string; rows: number }>(
          `SELECT v.type, count(*) AS rows ${waiting} JOIN version v ON v.segment = o.object_key ${those} GROUP BY v.type ORDER BY v.type`,
          [last],
        );
        return {
          upTo: found?.newest ?? 0,
          segments: found?.segments ?? 0,
          rows: types.reduce((sum, { rows }) => sum + rows, 0),
          types: types.map(({ type }) => type),
        };
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
    due: [{ table: 'outbox', privilege: 'SELECT' }],
    notPublished: [
      { table: 'outbox', privilege: 'SELECT' },
      { table: 'outbox', privilege: 'UPDATE', columns: ['attempts', 'not_before', 'dead'] },
    ],
    untold: [{ table: 'outbox', privilege: 'SELECT' }],
    deadLetters: [{ table: 'outbox', privilege: 'SELECT' }],
    redrive: [
      { table: 'outbox', privilege: 'SELECT' },
      { table: 'outbox', privilege: 'UPDATE', columns: ['attempts', 'not_before', 'dead'] },
    ],
    countSegments: [
      { table: 'outbox', privilege: 'SELECT' },
      { table: 'curate_batch', privilege: 'SELECT' },
    ],
    uncurated: [
      { table: 'outbox', privilege: 'SELECT' },
      { table: 'curate_batch', privilege: 'SELECT' },
      { table: 'version', privilege: 'SELECT' },
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
