import type { StateDatabase, StateTransaction } from '../../adapters/ports/state-database';
import { appendAudit, auditInsert } from '../audit/audit-log';
import type { AuditRecord } from '../audit/audit-record';
import { defineStateStore } from '../state-store';

/** One version of one resource, by the request that made it. */
export interface SplitVersion {
  readonly provider: string;
  readonly type: string;
  /** Re-keyed. */
  readonly id: string;
  readonly requestId: string;
}

/** A version split anew, with the place of its clinical line. */
export interface Relanded extends SplitVersion {
  readonly segment: string;
  readonly line: number;
  readonly patientRef: string | undefined;
  readonly retention: string;
}

/** A clinical line that no version points to any more, until it is taken out of its segment and its table. */
export interface SupersededLine {
  readonly provider: string;
  readonly type: string;
  readonly id: string;
  readonly version: number;
  readonly segment: string;
  readonly line: number;
  /** RFC 3339: rows of this version from before are of the old split. */
  readonly relanded: string;
}

export interface RelandingStore {
  /** Those of these versions that the ledger has: committed, not erased. */
  present<Version extends SplitVersion>(versions: readonly Version[]): Promise<readonly Version[]>;
  /**
   * Lets versions point to their new lines, tells curate of the new segments, and writes down the old lines, in one transaction.
   * Number and time of a version stay as its sender knows them.
   */
  reland(lines: readonly Relanded[], now: Date, audit: AuditRecord): Promise<void>;
  superseded(): Promise<readonly SupersededLine[]>;
  forgetSuperseded(segments: readonly string[]): Promise<void>;
}

/** Undefined also when one request made two versions: which of them is meant cannot be told. */
async function versionOf(tx: StateTransaction, { provider, type, id, requestId }: SplitVersion) {
  const rows = await tx.query<{ version: number; segment: string; line: number }>(
    'SELECT version, segment, line FROM version WHERE provider = ? AND type = ? AND id = ? AND request_id = ?',
    [provider, type, id, requestId],
  );
  return rows.length === 1 ? rows[0] : undefined;
}

function openRelanding(database: StateDatabase): RelandingStore {
  return {
    present: (versions) =>
      database.snapshot(async (tx) => {
        const found: (typeof versions)[number][] = [];
        for (const one of versions) if ((await versionOf(tx, one)) !== undefined) found.push(one);
        return found;
      }),

    reland: (lines, now, audit) =>
      database.transaction(async (tx) => {
        const time = now.toISOString();
        const segments = new Map<string, { provider: string; requestIds: Set<string> }>();
        for (const one of lines) {
          const { provider, type, id, requestId, segment, line, patientRef, retention } = one;
          const old = await versionOf(tx, one);
          const announced = segments.get(segment) ?? { provider, requestIds: new Set() };
          segments.set(segment, announced);
          announced.requestIds.add(requestId);
          // Erased in the meantime: its new line is the one to take out.
          const out = old ?? { version: 0, segment, line };
          await tx.run(
            'INSERT INTO superseded_line (provider, type, id, version, segment, line, relanded) VALUES (?, ?, ?, ?, ?, ?, ?)',
            [provider, type, id, out.version, out.segment, out.line, time],
          );
          if (old === undefined) continue;
          await tx.run(
            `UPDATE version SET segment = ?, line = ?, relanded = ?, patient_ref = ?, retention = ?
             WHERE provider = ? AND type = ? AND id = ? AND version = ?`,
            [segment, line, time, patientRef ?? null, retention, provider, type, id, old.version],
          );
        }
        for (const [segment, { provider, requestIds }] of segments) {
          await tx.run(
            "INSERT INTO outbox (zone, object_key, provider, request_ids, recorded) VALUES ('landing', ?, ?, ?, ?)",
            [segment, provider, JSON.stringify([...requestIds]), time],
          );
        }
        await appendAudit(tx, audit);
      }),

    superseded: () =>
      database.snapshot((tx) =>
        tx.query<SupersededLine & Record<string, string | number>>(
          'SELECT provider, type, id, version, segment, line, relanded FROM superseded_line ORDER BY segment, line',
        ),
      ),

    forgetSuperseded: (segments) =>
      database.transaction(async (tx) => {
        for (const segment of segments) await tx.run('DELETE FROM superseded_line WHERE segment = ?', [segment]);
      }),
  };
}

/** Where versions lie after a re-split, in the lake's database. */
export const relandingStore = defineStateStore<RelandingStore>({
  name: 'relanding',
  database: 'lake',
  migrations: [
    {
      id: 'relanding-0001-superseded-lines',
      statements: [
        `CREATE TABLE superseded_line (
           provider TEXT NOT NULL, type TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL,
           segment TEXT NOT NULL, line INTEGER NOT NULL, relanded TEXT NOT NULL)`,
      ],
    },
  ],
  grants: {
    present: [{ table: 'version', privilege: 'SELECT' }],
    reland: [
      { table: 'version', privilege: 'SELECT' },
      {
        table: 'version',
        privilege: 'UPDATE',
        columns: ['segment', 'line', 'relanded', 'patient_ref', 'retention'],
      },
      { table: 'superseded_line', privilege: 'INSERT' },
      { table: 'outbox', privilege: 'INSERT' },
      auditInsert,
    ],
    superseded: [{ table: 'superseded_line', privilege: 'SELECT' }],
    forgetSuperseded: [
      { table: 'superseded_line', privilege: 'SELECT' },
      { table: 'superseded_line', privilege: 'DELETE' },
    ],
  },
  open: openRelanding,
});
