import { setTimeout } from 'node:timers/promises';
import { CheckpointKeys } from './audit-checkpoint';
import { type AuditProblem, AuditProblems } from './audit-problems';
import { genesisHash } from './audit-tip';
import {
  type CheckpointSources,
  CheckpointWalk,
  lastSequence,
  type ReadableStore,
  trustedCheckpoint,
} from './checkpoint-verification';
import { type WalkStart, walkSegments } from './segment-verification';

export interface AuditVerification {
  /** The audit zone or a copy of it. */
  readonly audit: ReadableStore;
  /** The witness or a copy of it, fetched from where the lake cannot delete. */
  readonly witness: ReadableStore;
  /** PEM of the public key of the audit, of each version that signed; from outside the lake. */
  readonly publicKeys: readonly string[];
  /** Complain when the newest witnessed checkpoint is older than this; leave out for a lake that is not meant to run. */
  readonly maxSilenceSeconds?: number;
  readonly now?: Date;
  /** Begin behind this checkpoint instead of at the first record: for logs whose oldest segments have expired. */
  readonly fromCheckpoint?: number;
  /** Go no further than this checkpoint: for an export that is compared with a witness that went on. */
  readonly toCheckpoint?: number;
  /** How long records without a checkpoint may wait for theirs: 0 for a copy, whose sealer writes elsewhere. @default 10,000 */
  readonly settleMilliseconds?: number;
  /** Problems listed at most; the rest is counted. Default 100. */
  readonly problemLimit?: number;
}

export interface AuditReport {
  readonly ok: boolean;
  /** Records walked. */
  readonly records: number;
  readonly checkpoints: number;
  readonly newestCheckpoint: string | undefined;
  /** Times without a checkpoint longer than `maxSilenceSeconds`, for example while the lake was stopped. */
  readonly silences: readonly { readonly from: string; readonly to: string }[];
  readonly problemsFound: number;
  readonly problems: readonly AuditProblem[];
}

/** A sealer puts a segment, asks the key service for a signature and puts the checkpoint: seconds on a busy lake. */
const settleMilliseconds = 10_000;
const lookAgainMilliseconds = 100;

/**
 * Verifies the log as a stranger would: with the audit zone, the witness and public keys, nothing else and no network.
 * Finds edited, inserted, deleted, reordered and repeated records, a cut tail, forged, lost and contradicting
 * checkpoints, and silence. Runs beside a working sealer without false alarm.
 *
 * @throws LakeError `InvalidArgument` for a key that is none, `Unavailable` when a store cannot be reached.
 */
export async function verifyAudit(verification: AuditVerification): Promise<AuditReport> {
  const problems = new AuditProblems(verification.problemLimit ?? 100);
  const { audit, witness, fromCheckpoint } = verification;
  const sources = { audit, witness, keys: new CheckpointKeys(verification.publicKeys), problems };
  // Before the records, so that each of these checkpoints covers records that the walk will see.
  const lastInAudit = await lastSequence(audit, problems);
  const lastOnWitness = await lastSequence(witness, problems);
  const start = fromCheckpoint === undefined ? undefined : await trustedCheckpoint(sources, fromCheckpoint);
  if (fromCheckpoint !== undefined && start === undefined) problems.add('checkpoint-missing', 0);
  const walkStart = start?.checkpoint ?? (await beginning(sources));
  const walked = await walkSegments(audit, walkStart, problems);
  const walk = new CheckpointWalk(sources, walked, lastOnWitness, start);
  const last = Math.min(Math.max(lastInAudit, lastOnWitness), verification.toCheckpoint ?? Number.POSITIVE_INFINITY);
  for (let sequence = (start?.checkpoint.sequence ?? 0) + 1; sequence <= last; sequence += 1) {
    if (!(await walk.next())) walk.skipMissing();
  }
  await coverTail(walk, walked.records, verification.settleMilliseconds ?? settleMilliseconds, problems);
  if (last === 0 && walk.times.length === 0) problems.add('no-checkpoint', 0);
  // One checkpoint may be on its way to the witness.
  if (walk.unwitnessed > 1) problems.add('witness-missing', walk.covered);
  const limit = verification.maxSilenceSeconds;
  if (limit !== undefined && isOlder(walk.newestWitnessed, verification.now ?? new Date(), limit)) {
    problems.add('silent', walk.covered);
  }
  return {
    ok: problems.found === 0,
    records: walked.records - walkStart.size,
    checkpoints: walk.times.length,
    newestCheckpoint: walk.times.at(-1),
    silences: limit === undefined ? [] : silences(walk.times, limit),
    problemsFound: problems.found,
    problems: problems.list,
  };
}

/** What two streams or more are found to be, as one: whole when each is. */
export function together(reports: readonly AuditReport[]): AuditReport {
  const sum = (of: (report: AuditReport) => number): number => reports.reduce((all, report) => all + of(report), 0);
  return {
    ok: reports.length > 0 && reports.every(({ ok }) => ok),
    records: sum(({ records }) => records),
    checkpoints: sum(({ checkpoints }) => checkpoints),
    // The one that is behind tells how far all are.
    newestCheckpoint: reports.every(({ newestCheckpoint }) => newestCheckpoint !== undefined)
      ? reports.map(({ newestCheckpoint = '' }) => newestCheckpoint).sort()[0]
      : undefined,
    silences: reports.flatMap(({ silences: found }) => found),
    problemsFound: sum(({ problemsFound }) => problemsFound),
    problems: reports.flatMap(({ problems }) => problems),
  };
}

/** The log's first hash depends on its id, which the first trusted checkpoint tells. */
async function beginning(sources: CheckpointSources): Promise<WalkStart> {
  const first = await trustedCheckpoint(sources, 1);
  return { segment: 0, size: 0, head: first && genesisHash(first.checkpoint.log), frontier: [] };
}

/** Records behind the last checkpoint: written meanwhile by a working sealer, whose checkpoints then follow at once. */
async function coverTail(
  walk: CheckpointWalk,
  records: number,
  settle: number,
  problems: AuditProblems,
): Promise<void> {
  const until = performance.now() + settle;
  while (walk.covered < records) {
    if (await walk.next()) continue;
    if (performance.now() >= until) {
      problems.add('records-uncovered', walk.covered + 1);
      return;
    }
    await setTimeout(lookAgainMilliseconds);
  }
}

const isOlder = (time: string | undefined, now: Date, seconds: number): boolean =>
  time === undefined || now.getTime() - Date.parse(time) > seconds * 1000;

function silences(times: readonly string[], seconds: number): { from: string; to: string }[] {
  const found: { from: string; to: string }[] = [];
  for (let index = 1; index < times.length; index += 1) {
    const [from, to] = [times[index - 1]!, times[index]!];
    if (isOlder(from, new Date(to), seconds)) found.push({ from, to });
  }
  return found;
}
