import { randomUUID } from 'node:crypto';
import { LakeError } from '../../adapters/ports/errors';
import type { StateDatabase, StateTransaction } from '../../adapters/ports/state-database';
import { appendAudit, auditInsert } from '../audit/audit-log';
import type { AuditRecord } from '../audit/audit-record';
import type { RetentionClass } from '../privacy/rules/retention-codes';
import { defineStateStore } from '../state-store';

/** What one provider holds of one person. */
export interface PatientRecord {
  /** Re-keyed. */
  readonly patient: string;
  readonly provider: string;
  readonly classes: readonly RetentionClass[];
  /** RFC 3339: the newest version of anything about the person. */
  readonly contact: string;
  readonly versions: number;
}

/** Whoever or whatever a legal hold keeps from being destroyed: a patient by their re-keyed id, or all of a provider. */
export interface LegalHold {
  readonly id: string;
  readonly kind: 'patient' | 'provider';
  readonly subject: string;
  /** What asked for it: the name of an inquiry or a case, nobody's name. */
  readonly reference: string;
  /** RFC 3339. */
  readonly placed: string;
}

export interface RetentionStore {
  /** Records of the next patients in the order of their ids; undefined after the last. */
  records(after: string): Promise<{ readonly records: readonly PatientRecord[]; readonly last: string } | undefined>;
  /** `NotFound` when the ledger knows no such patient. Asked again for the same, nothing changes. */
  hold(holds: readonly Pick<LegalHold, 'kind' | 'subject' | 'reference'>[], audit: AuditRecord): Promise<void>;
  /** `NotFound` for a hold that is none. */
  release(id: string, audit: AuditRecord): Promise<void>;
  holds(): Promise<readonly LegalHold[]>;
}

const patientsAtATime = 500;

interface Row {
  readonly patient: string;
  readonly provider: string;
  readonly retention: RetentionClass;
  readonly contact: string;
  readonly versions: number;
}

async function nextRecords(tx: StateTransaction, after: string) {
  const patients = await tx.query<{ patient_ref: string }>(
    'SELECT DISTINCT patient_ref FROM version WHERE patient_ref > ? ORDER BY patient_ref LIMIT ?',
    [after, patientsAtATime],
  );
  const last = patients.at(-1)?.patient_ref;
  if (last === undefined) return undefined;
  const rows = await tx.query<Row>(
    `SELECT patient_ref AS patient, provider, retention, max(last_updated) AS contact, count(*) AS versions FROM version
     WHERE patient_ref > ? AND patient_ref <= ? GROUP BY patient_ref, provider, retention`,
    [after, last],
  );
  const records = [...Map.groupBy(rows, ({ patient, provider }) => `${patient} ${provider}`).values()].map(
    (some): PatientRecord => ({
      patient: some[0]!.patient,
      provider: some[0]!.provider,
      classes: some.map(({ retention }) => retention),
      contact: some
        .map(({ contact }) => contact)
        .sort()
        .at(-1)!,
      versions: some.reduce((sum, { versions }) => sum + Number(versions), 0),
    }),
  );
  return { records, last };
}

function openRetention(database: StateDatabase): RetentionStore {
  return {
    records: (after) => database.snapshot((tx) => nextRecords(tx, after)),

    hold: (holds, audit) =>
      database.transaction(async (tx) => {
        for (const { kind, subject, reference } of holds) {
          const known = await tx.query(
            `SELECT 1 AS one FROM version WHERE ${kind === 'patient' ? 'patient_ref' : 'provider'} = ? LIMIT 1`,
            [subject],
          );
          if (kind === 'patient' && known.length === 0)
            throw new LakeError('NotFound', 'The lake knows no such patient. Give the id as curated tables show it.');
          await tx.run(
            `INSERT INTO legal_hold (id, kind, subject, reference, placed) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT (kind, subject, reference) DO NOTHING`,
            [randomUUID(), kind, subject, reference, audit.recorded],
          );
        }
        await appendAudit(tx, audit);
      }),

    release: (id, audit) =>
      database.transaction(async (tx) => {
        if ((await tx.run('DELETE FROM legal_hold WHERE id = ?', [id])) === 0)
          throw new LakeError('NotFound', 'There is no such hold. `lake retention holds` shows those there are.');
        await appendAudit(tx, audit);
      }),

    holds: () =>
      database.snapshot((tx) =>
        tx.query<LegalHold>('SELECT id, kind, subject, reference, placed FROM legal_hold ORDER BY placed, id'),
      ),
  };
}

const held = { table: 'legal_hold', privilege: 'SELECT' } as const;
const versions = {
  table: 'version',
  privilege: 'SELECT',
  columns: ['patient_ref', 'provider', 'retention', 'last_updated'],
} as const;

/** Which records of people the ledger holds and since when, and the legal holds on them; pseudonyms only. */
export const retentionStore = defineStateStore<RetentionStore>({
  name: 'retention',
  database: 'lake',
  migrations: [
    {
      id: 'retention-0001-legal-holds',
      statements: [
        `CREATE TABLE legal_hold (
           id TEXT PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, reference TEXT NOT NULL, placed TEXT NOT NULL,
           UNIQUE (kind, subject, reference))`,
      ],
    },
  ],
  grants: {
    records: [versions],
    hold: [versions, held, { table: 'legal_hold', privilege: 'INSERT' }, auditInsert],
    release: [held, { table: 'legal_hold', privilege: 'DELETE' }, auditInsert],
    holds: [held],
  },
  open: openRetention,
});
