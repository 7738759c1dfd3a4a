import type { StateDatabase, StateTransaction } from '../../adapters/ports/state-database';
import { appendAudit, auditInsert } from '../audit/audit-log';
import type { AuditRecord } from '../audit/audit-record';
import { enqueueJob, jobEnqueueGrants } from '../jobs/job-enqueue';
import { defineStateStore } from '../state-store';

/** `waiting` for its upload, `running` from the upload on; the others are final. */
export type ImportState = 'waiting' | 'running' | 'completed' | 'cancelled' | 'failed';

export interface ImportCounts {
  readonly accepted: number;
  readonly refused: number;
  readonly quarantined: number;
  readonly duplicate: number;
}

/** One bulk import of a provider. Lines are counted from 1, empty ones too. */
export interface BulkImport extends ImportCounts {
  readonly id: string;
  readonly provider: string;
  readonly clientId: string;
  readonly state: ImportState;
  /** Lines whose outcome is written. */
  readonly linesDone: number;
  /** Parts of the outcome that are written. */
  readonly parts: number;
  /** RFC 3339. */
  readonly created: string;
  readonly finished: string | undefined;
}

export interface ImportStore {
  create(id: string, provider: string, clientId: string, audit: AuditRecord): Promise<void>;
  /** One whose job has ended for good without it, its worker dead at every attempt, is failed from now on. */
  find(provider: string, id: string, now: Date): Promise<BulkImport | undefined>;
  /** For the job: imports by id alone. */
  get(id: string): Promise<BulkImport | undefined>;
  /**
   * The upload is in the inbox: the job that reads it is enqueued in the same transaction. False when it was before.
   *
   * @param signed whether its sender put it there by a signed address
   */
  uploaded(id: string, audit: AuditRecord, signed?: boolean): Promise<boolean>;
  /** A further part of the outcome is written. Gives the state: a cancelled import goes no further. */
  advance(id: string, part: number, lines: number, counts: ImportCounts): Promise<ImportState>;
  finish(id: string, state: 'completed' | 'failed', audit: AuditRecord): Promise<void>;
  /** False when it had ended already. */
  cancel(provider: string, id: string, audit: AuditRecord): Promise<boolean>;
}

export const importJob = 'import';

/** What the job is given. */
export interface ImportInput {
  readonly id: string;
  /** Whether the upload was put by a signed address. */
  readonly signed?: boolean;
}

interface Row {
  readonly id: string;
  readonly provider: string;
  readonly client_id: string;
  readonly state: string;
  readonly lines_done: number;
  readonly parts: number;
  readonly accepted: number;
  readonly refused: number;
  readonly quarantined: number;
  readonly duplicate: number;
  readonly created: string;
  readonly finished: string | null;
}

/** By name: a column that is added beside a running process must not change what its prepared statements give. */
const columns =
  'id, provider, client_id, state, lines_done, parts, accepted, refused, quarantined, duplicate, created, finished';

const importOf = (row: Row): BulkImport => ({
  id: row.id,
  provider: row.provider,
  clientId: row.client_id,
  state: row.state as ImportState,
  linesDone: row.lines_done,
  parts: row.parts,
  accepted: row.accepted,
  refused: row.refused,
  quarantined: row.quarantined,
  duplicate: row.duplicate,
  created: row.created,
  finished: row.finished ?? undefined,
});

async function end(tx: StateTransaction, id: string, state: ImportState, from: readonly string[], audit: AuditRecord) {
  const changed = await tx.run(
    `UPDATE bulk_import SET state = ?, finished = ? WHERE id = ? AND state IN (${from.map(() => '?').join(', ')})`,
    [state, audit.recorded, id, ...from],
  );
  if (changed > 0) await appendAudit(tx, audit);
  return changed > 0;
}

/** Enqueued with the upload and ended after the import: where no run waits or works, none ever will. */
async function endWithItsJob(tx: StateTransaction, { id, clientId }: BulkImport, now: Date) {
  const [run] = await tx.query(
    `SELECT id FROM job_run WHERE job = '${importJob}' AND unique_key = ? AND state IN ('queued', 'running') LIMIT 1`,
    [id],
  );
  if (run !== undefined) return undefined;
  const audit: AuditRecord = {
    recorded: now.toISOString(),
    event: 'import',
    action: 'job:import',
    agent: { kind: 'provider', id: clientId },
    outcome: { result: 'failed', code: 'job-ended' },
    purpose: 'TREAT',
  };
  return (await end(tx, id, 'failed', ['running'], audit)) ? audit.recorded : undefined;
}

function openImports(database: StateDatabase): ImportStore {
  const one = (sql: string, parameters: readonly string[]) =>
    database.snapshot(async (tx) => {
      const [row] = await tx.query<Row>(sql, parameters);
      return row === undefined ? undefined : importOf(row);
    });
  return {
    create: (id, provider, clientId, audit) =>
      database.transaction(async (tx) => {
        await tx.run(
          `INSERT INTO bulk_import (id, provider, client_id, state, lines_done, parts, accepted, refused, quarantined, duplicate, created)
           VALUES (?, ?, ?, 'waiting', 0, 0, 0, 0, 0, 0, ?)`,
          [id, provider, clientId, audit.recorded],
        );
        await appendAudit(tx, audit);
      }),
    find: async (provider, id, now) => {
      const found = await one(`SELECT ${columns} FROM bulk_import WHERE provider = ? AND id = ?`, [provider, id]);
      if (found?.state !== 'running') return found;
      const finished = await database.transaction((tx) => endWithItsJob(tx, found, now));
      return finished === undefined ? found : { ...found, state: 'failed', finished };
    },
    get: (id) => one(`SELECT ${columns} FROM bulk_import WHERE id = ?`, [id]),
    uploaded: (id, audit, signed = false) =>
      database.transaction(async (tx) => {
        if ((await tx.run("UPDATE bulk_import SET state = 'running' WHERE id = ? AND state = 'waiting'", [id])) === 0)
          return false;
        const now = new Date(audit.recorded);
        // A further attempt repeats half a part at most: it need not wait long.
        const input: ImportInput = { id, signed };
        await enqueueJob(tx, { job: importJob, input, origin: 'event', uniqueKey: id, now, backoffSeconds: 1 });
        await appendAudit(tx, audit);
        return true;
      }),
    advance: (id, part, lines, { accepted, refused, quarantined, duplicate }) =>
      database.transaction(async (tx) => {
        // A part that a crashed attempt had counted already is counted once.
        await tx.run(
          `UPDATE bulk_import SET parts = ?, lines_done = lines_done + ?, accepted = accepted + ?, refused = refused + ?,
             quarantined = quarantined + ?, duplicate = duplicate + ? WHERE id = ? AND parts = ?`,
          [part, lines, accepted, refused, quarantined, duplicate, id, part - 1],
        );
        const [row] = await tx.query<{ state: string }>('SELECT state FROM bulk_import WHERE id = ?', [id]);
        return row!.state as ImportState;
      }),
    finish: (id, state, audit) =>
      database.transaction(async (tx) => {
        await end(tx, id, state, ['running'], audit);
      }),
    cancel: (provider, id, audit) =>
      database.transaction(async (tx) => {
        const [row] = await tx.query('SELECT id FROM bulk_import WHERE provider = ? AND id = ?', [provider, id]);
        return row !== undefined && (await end(tx, id, 'cancelled', ['waiting', 'running'], audit));
      }),
  };
}

const select = { table: 'bulk_import', privilege: 'SELECT' } as const;
const update = { table: 'bulk_import', privilege: 'UPDATE' } as const;
const jobRunsOfImports = {
  table: 'job_run',
  privilege: 'SELECT',
  columns: ['id', 'job', 'unique_key', 'state'],
} as const;

export const importStore = defineStateStore<ImportStore>({
  name: 'bulk-import',
  database: 'lake',
  migrations: [
    {
      id: 'bulk-import-0001-imports',
      statements: [
        `CREATE TABLE bulk_import (
           id TEXT PRIMARY KEY, provider TEXT NOT NULL, client_id TEXT NOT NULL, state TEXT NOT NULL,
           lines_done INTEGER NOT NULL, parts INTEGER NOT NULL, accepted INTEGER NOT NULL, refused INTEGER NOT NULL,
           quarantined INTEGER NOT NULL, duplicate INTEGER NOT NULL, created TEXT NOT NULL, finished TEXT)`,
      ],
    },
  ],
  grants: {
    create: [{ table: 'bulk_import', privilege: 'INSERT' }, auditInsert],
    find: [select, update, jobRunsOfImports, auditInsert],
    get: [select],
    uploaded: [select, update, ...jobEnqueueGrants, auditInsert],
    advance: [select, update],
    finish: [select, update, auditInsert],
    cancel: [select, update, auditInsert],
  },
  open: openImports,
});
