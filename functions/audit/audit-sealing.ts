import { randomUUID } from 'node:crypto';
import { LakeError } from '../../adapters/ports/errors';
import type { StateDatabase, StateTransaction } from '../../adapters/ports/state-database';
import type { TableGrant } from '../state-store';
import { emptyTip, type LogTip } from './audit-tip';

/** The right to seal, until it expires or somebody else takes it; the fence tells old holders from the new one. */
export interface SealerLease {
  readonly holder: string;
  readonly fence: number;
}

interface WaitingRecord {
  readonly id: string;
  /** JSON of an AuditRecord. */
  readonly record: string;
}

/** The next segment: where it begins and the records that belong to it, in their order. The same again after a crash. */
export interface SegmentClaim {
  readonly tip: LogTip;
  readonly records: readonly WaitingRecord[];
}

/** What the sealer does to the state; each operation refuses a holder whose lease went to another. */
export interface AuditSealing {
  /** @returns undefined while another holder's lease lasts. */
  takeLease(holder: string, now: Date, until: Date): Promise<SealerLease | undefined>;
  /** Ends the lease now, so that another process need not wait for its end. */
  releaseLease(lease: SealerLease): Promise<void>;
  /** Assigns waiting records to the next segment, or gives those that were assigned to it before. */
  claimSegment(lease: SealerLease, limit: number, leaseUntil: Date): Promise<SegmentClaim>;
  /** Moves the tip on and forgets the records that are now sealed. */
  advance(lease: SealerLease, tip: LogTip): Promise<void>;
  /** Moves the tip to where the audit zone is already; these records are sealed, all other claims are void. */
  follow(lease: SealerLease, tip: LogTip, recordIds: readonly string[]): Promise<void>;
  /** Every checkpoint up to this sequence is on the witness. */
  witnessedUpTo(lease: SealerLease, sequence: number): Promise<void>;
}

const tipName = 'tip';

interface TipRow {
  readonly log: string;
  readonly segment: number;
  readonly size: number;
  readonly head: string;
  readonly frontier: string;
  readonly checkpoint: number;
  readonly checkpoint_digest: string;
  readonly checkpoint_time: string;
  readonly witnessed: number;
}

async function readTip(tx: StateTransaction, lease: SealerLease): Promise<LogTip> {
  const [row] = await tx.query<TipRow>(
    `SELECT log, segment, size, head, frontier, checkpoint, checkpoint_digest, checkpoint_time, witnessed
     FROM audit_tip WHERE name = ? AND fence = ?`,
    [tipName, lease.fence],
  );
  if (row === undefined) throw leaseLost();
  return {
    log: row.log,
    segment: row.segment,
    size: row.size,
    head: row.head,
    frontier: JSON.parse(row.frontier) as string[],
    checkpoint: { sequence: row.checkpoint, digest: row.checkpoint_digest, time: row.checkpoint_time },
    witnessed: row.witnessed,
  };
}

function leaseLost(): LakeError {
  return new LakeError(
    'PreconditionFailed',
    'The audit sealer lost its lease to another one, which goes on where it stopped. Nothing is to be done.',
  );
}

async function underLease(tx: StateTransaction, assignments: string, values: (string | number)[], lease: SealerLease) {
  const changed = await tx.run(`UPDATE audit_tip SET ${assignments} WHERE name = ? AND fence = ?`, [
    ...values,
    tipName,
    lease.fence,
  ]);
  if (changed === 0) throw leaseLost();
}

function writeTip(tx: StateTransaction, lease: SealerLease, tip: LogTip): Promise<void> {
  return underLease(
    tx,
    `log = ?, segment = ?, size = ?, head = ?, frontier = ?,
     checkpoint = ?, checkpoint_digest = ?, checkpoint_time = ?`,
    [
      tip.log,
      tip.segment,
      tip.size,
      tip.head,
      JSON.stringify(tip.frontier),
      tip.checkpoint.sequence,
      tip.checkpoint.digest,
      tip.checkpoint.time,
    ],
    lease,
  );
}

/** Begins the log at the first lease: a random id tells it from every other log, also from one put in its place. */
async function beginLog(tx: StateTransaction): Promise<void> {
  const tip = emptyTip(randomUUID());
  await tx.run(
    `INSERT INTO audit_tip (name, log, segment, size, head, frontier, checkpoint, checkpoint_digest, checkpoint_time,
       witnessed, holder, lease_until, fence)
     VALUES (?, ?, 0, 0, ?, '[]', 0, ?, '', 0, '', '', 0) ON CONFLICT DO NOTHING`,
    [tipName, tip.log, tip.head, tip.checkpoint.digest],
  );
}

const selectClaimed = 'SELECT id, record FROM audit WHERE segment = ? ORDER BY id';

export function openAuditSealing(database: StateDatabase): AuditSealing {
  return {
    takeLease: (holder, now, until) =>
      database.transaction(async (tx) => {
        await beginLog(tx);
        // A lease that ends later than any clock skew explains was written before a clock jumped back: it is void.
        const implausible = new Date(2 * until.getTime() - now.getTime());
        const [row] = await tx.query<{ fence: number }>(
          `UPDATE audit_tip SET holder = ?, lease_until = ?, fence = fence + 1
           WHERE name = ? AND (holder = ? OR lease_until <= ? OR lease_until > ?) RETURNING fence`,
          [holder, until.toISOString(), tipName, holder, now.toISOString(), implausible.toISOString()],
        );
        return row === undefined ? undefined : { holder, fence: row.fence };
      }),

    releaseLease: (lease) =>
      database.transaction(async (tx) => {
        await tx.run(`UPDATE audit_tip SET lease_until = '' WHERE name = ? AND fence = ?`, [tipName, lease.fence]);
      }),

    claimSegment: (lease, limit, leaseUntil) =>
      database.transaction(async (tx) => {
        await underLease(tx, 'lease_until = ?', [leaseUntil.toISOString()], lease);
        const tip = await readTip(tx, lease);
        const segment = tip.segment + 1;
        const claimed = await tx.query<WaitingRecord>(selectClaimed, [segment]);
        if (claimed.length > 0) return { tip, records: claimed };
        await tx.run(
          `UPDATE audit SET segment = ?
           WHERE id IN (SELECT id FROM audit WHERE segment IS NULL ORDER BY id LIMIT ?)`,
          [segment, limit],
        );
        return { tip, records: await tx.query<WaitingRecord>(selectClaimed, [segment]) };
      }),

    advance: (lease, tip) =>
      database.transaction(async (tx) => {
        await writeTip(tx, lease, tip);
        await tx.run('DELETE FROM audit WHERE segment <= ?', [tip.segment]);
      }),

    follow: (lease, tip, recordIds) =>
      database.transaction(async (tx) => {
        await writeTip(tx, lease, tip);
        for (const id of recordIds) await tx.run('DELETE FROM audit WHERE id = ?', [id]);
        await tx.run('UPDATE audit SET segment = NULL WHERE segment IS NOT NULL');
      }),

    witnessedUpTo: (lease, sequence) =>
      database.transaction((tx) => underLease(tx, 'witnessed = ?', [sequence], lease)),
  };
}

const tipGrants: readonly TableGrant[] = [
  { table: 'audit_tip', privilege: 'SELECT' },
  { table: 'audit_tip', privilege: 'UPDATE' },
];

export const auditSealingGrants = {
  takeLease: [...tipGrants, { table: 'audit_tip', privilege: 'INSERT' }],
  releaseLease: tipGrants,
  claimSegment: [
    ...tipGrants,
    { table: 'audit', privilege: 'SELECT' },
    { table: 'audit', privilege: 'UPDATE', columns: ['segment'] },
  ],
  // A DELETE that names rows by `segment` reads that column.
  advance: [
    ...tipGrants,
    { table: 'audit', privilege: 'SELECT', columns: ['segment'] },
    { table: 'audit', privilege: 'DELETE' },
  ],
  follow: [
    ...tipGrants,
    { table: 'audit', privilege: 'SELECT', columns: ['id', 'segment'] },
    { table: 'audit', privilege: 'UPDATE', columns: ['segment'] },
    { table: 'audit', privilege: 'DELETE' },
  ],
  witnessedUpTo: tipGrants,
} as const satisfies { readonly [Operation in keyof AuditSealing]: readonly TableGrant[] };
