import { LakeError } from '../../adapters/ports/errors';
import type { StateTransaction } from '../../adapters/ports/state-database';
import { appendAudit, auditInsert } from '../audit/audit-log';
import type { AuditRecord } from '../audit/audit-record';
import { defineStateStore } from '../state-store';

export interface ReidentificationCase {
  readonly id: string;
  readonly project: string;
  /** The project's pseudonym of the person. */
  readonly token: string;
  /** Why, in the requester's words; stays in the identity zone. */
  readonly reason: string;
  readonly requestedBy: string;
  /** RFC 3339, as are all times here. */
  readonly requested: string;
  readonly approvedBy: string | null;
  readonly expires: string | null;
  readonly revealed: string | null;
}

export interface ReidentificationStore {
  request(
    entry: Pick<ReidentificationCase, 'id' | 'project' | 'token' | 'reason' | 'requestedBy' | 'requested'>,
    audit: AuditRecord,
  ): Promise<void>;
  /** @throws LakeError `NotFound`; `PermissionDenied` when the requester would approve their own request; `PreconditionFailed` when it was approved or is too old. */
  approve(
    id: string,
    by: string,
    times: { readonly now: string; readonly expires: string; readonly oldest: string },
    audit: AuditRecord,
  ): Promise<void>;
  /** Uses the one reveal up. @throws LakeError `NotFound`; `PermissionDenied` for anybody but the requester; `PreconditionFailed` when not approved, expired or revealed. */
  reveal(id: string, by: string, now: string, audit: AuditRecord): Promise<ReidentificationCase>;
  cases(): Promise<readonly ReidentificationCase[]>;
  addOperator(name: string, secretDigest: string, audit: AuditRecord): Promise<void>;
  secretDigest(name: string): Promise<string | undefined>;
  /** Records a refusal: the transaction that refused has left nothing. */
  refused(audit: AuditRecord): Promise<void>;
}

const columns =
  'id, project, token, reason, requested_by AS "requestedBy", requested, approved_by AS "approvedBy", expires, revealed';

async function caseOf(tx: StateTransaction, id: string): Promise<ReidentificationCase> {
  const [row] = await tx.query<ReidentificationCase>(`SELECT ${columns} FROM reidentification WHERE id = ?`, [id]);
  if (row === undefined)
    throw new LakeError('NotFound', 'There is no such request. `lake reidentify list` shows those there are.');
  return row;
}

function demand(holds: boolean, code: 'PermissionDenied' | 'PreconditionFailed', message: string): void {
  if (!holds) throw new LakeError(code, message);
}

/** Requests to go back from a pseudonym to a person, and the operators that may make or approve them. */
export const reidentificationStore = defineStateStore<ReidentificationStore>({
  name: 'reidentification',
  database: 'identity',
  migrations: [
    {
      id: 'reidentification-0001-cases-operators',
      statements: [
        `CREATE TABLE reidentification (
           id TEXT PRIMARY KEY, project TEXT NOT NULL, token TEXT NOT NULL, reason TEXT NOT NULL,
           requested_by TEXT NOT NULL, requested TEXT NOT NULL, approved_by TEXT, expires TEXT, revealed TEXT)`,
        'CREATE TABLE named_operator (name TEXT PRIMARY KEY, secret_digest TEXT NOT NULL, added TEXT NOT NULL)',
      ],
    },
  ],
  grants: {
    request: [{ table: 'reidentification', privilege: 'INSERT' }, auditInsert],
    approve: [
      { table: 'reidentification', privilege: 'SELECT' },
      { table: 'reidentification', privilege: 'UPDATE' },
      auditInsert,
    ],
    reveal: [
      { table: 'reidentification', privilege: 'SELECT' },
      { table: 'reidentification', privilege: 'UPDATE' },
      auditInsert,
    ],
    cases: [{ table: 'reidentification', privilege: 'SELECT' }],
    addOperator: [{ table: 'named_operator', privilege: 'INSERT' }, auditInsert],
    secretDigest: [{ table: 'named_operator', privilege: 'SELECT' }],
    refused: [auditInsert],
  },
  open: (database) => ({
    request: ({ id, project, token, reason, requestedBy, requested }, audit) =>
      database.transaction(async (tx) => {
        await tx.run(
          'INSERT INTO reidentification (id, project, token, reason, requested_by, requested) VALUES (?, ?, ?, ?, ?, ?)',
          [id, project, token, reason, requestedBy, requested],
        );
        await appendAudit(tx, audit);
      }),

    approve: (id, by, { expires, oldest }, audit) =>
      database.transaction(async (tx) => {
        const { requestedBy, requested, approvedBy } = await caseOf(tx, id);
        demand(requestedBy !== by, 'PermissionDenied', 'Nobody approves their own request. Ask a second person.');
        demand(approvedBy === null, 'PreconditionFailed', 'The request was approved already. Make a new one.');
        demand(requested >= oldest, 'PreconditionFailed', 'The request is too old to be approved. Make a new one.');
        await tx.run('UPDATE reidentification SET approved_by = ?, expires = ? WHERE id = ?', [by, expires, id]);
        await appendAudit(tx, audit);
      }),

    reveal: (id, by, now, audit) =>
      database.transaction(async (tx) => {
        const found = await caseOf(tx, id);
        demand(found.requestedBy === by, 'PermissionDenied', 'Only who made the request sees its answer.');
        demand(found.approvedBy !== null, 'PreconditionFailed', 'Nobody has approved this request yet.');
        demand(
          found.revealed === null,
          'PreconditionFailed',
          'The answer was revealed already, once. Make a new request.',
        );
        demand(
          found.expires !== null && now < found.expires,
          'PreconditionFailed',
          'The approval has expired. Make a new request.',
        );
        await tx.run('UPDATE reidentification SET revealed = ? WHERE id = ?', [now, id]);
        await appendAudit(tx, audit);
        return found;
      }),

    cases: () =>
      database.snapshot((tx) =>
        tx.query<ReidentificationCase>(`SELECT ${columns} FROM reidentification ORDER BY requested`),
      ),

    addOperator: (name, secretDigest, audit) =>
      database.transaction(async (tx) => {
        await tx.run('INSERT INTO named_operator (name, secret_digest, added) VALUES (?, ?, ?)', [
          name,
          secretDigest,
          audit.recorded,
        ]);
        await appendAudit(tx, audit);
      }),

    secretDigest: (name) =>
      database.snapshot(async (tx) => {
        const [row] = await tx.query<{ secret_digest: string }>(
          'SELECT secret_digest FROM named_operator WHERE name = ?',
          [name],
        );
        return row?.secret_digest;
      }),

    refused: (audit) =>
      database.transaction(async (tx) => {
        await appendAudit(tx, audit);
      }),
  }),
});
