import type { StateTransaction } from '../../adapters/ports/state-database';
import { insertRows } from '../many-rows';
import { defineStateStore } from '../state-store';
import { auditMigrations } from './audit-migrations';
import { type AuditRecord, checkAuditRecord } from './audit-record';
import { type AuditSealing, auditSealingGrants, openAuditSealing } from './audit-sealing';
import { timeOrderedId } from './time-ordered-id';

export interface AuditLog extends AuditSealing {
  /** Records what no other transaction carries: a refusal, a look. Durable when it returns; gives the record's id. */
  append(record: AuditRecord): Promise<string>;
  /** Records that no segment holds yet, and the time of the oldest: a growing age means that nobody seals. */
  waiting(): Promise<{ readonly records: number; readonly oldest: string | undefined }>;
}

/**
 * Writes a record in the transaction of what it records: both exist or neither. A store that changes something takes the
 * record as a required argument and calls this; its operation declares `auditInsert` among its grants.
 *
 * @throws LakeError `InvalidArgument` when the record holds what audit must not hold; the transaction then fails.
 */
export async function appendAudit(transaction: StateTransaction, record: AuditRecord): Promise<string> {
  const [id] = await appendAuditRecords(transaction, [record]);
  return id!;
}

/** As `appendAudit`, for the records of everything a transaction does; gives their ids in the same order. */
export async function appendAuditRecords(
  transaction: StateTransaction,
  records: readonly AuditRecord[],
): Promise<readonly string[]> {
  for (const record of records) checkAuditRecord(record);
  const rows = records.map((record) => [
    timeOrderedId(Date.parse(record.recorded)),
    record.recorded,
    JSON.stringify(record),
  ]);
  await insertRows(transaction, 'INSERT INTO audit (id, recorded, record)', rows);
  return rows.map(([id]) => id!);
}

/** What an operation that calls `appendAudit` declares. */
export const auditInsert = { table: 'audit', privilege: 'INSERT' } as const;

export const auditStore = defineStateStore<AuditLog>({
  name: 'audit',
  database: 'lake',
  migrations: auditMigrations,
  grants: {
    append: [auditInsert],
    waiting: [{ table: 'audit', privilege: 'SELECT', columns: ['id', 'recorded', 'segment'] }],
    ...auditSealingGrants,
  },
  open: (database) => ({
    append: (record) => database.transaction((tx) => appendAudit(tx, record)),

    waiting: () =>
      database.snapshot(async (tx) => {
        const [row] = await tx.query<{ records: number; oldest: string | null }>(
          'SELECT count(*) AS records, min(recorded) AS oldest FROM audit',
        );
        return { records: Number(row?.records ?? 0), oldest: row?.oldest ?? undefined };
      }),

    ...openAuditSealing(database),
  }),
});

/** The identity zone's own, in its own database. */
export const identityAuditStore: typeof auditStore = { ...auditStore, database: 'identity' };
