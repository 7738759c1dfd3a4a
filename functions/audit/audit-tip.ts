import type { Checkpoint } from './audit-checkpoint';
import { sha256Hex } from './audit-segment';
import { canonicalJson } from './canonical-json';
import { MerkleTree } from './merkle-tree';

/** How far the log is sealed: everything the next segment and the next checkpoint are computed from. */
export interface LogTip {
  /** Random id of this log. */
  readonly log: string;
  /** Number of the last segment; the first is 1. */
  readonly segment: number;
  /** Records sealed so far. */
  readonly size: number;
  /** Hash of the last record, hex; of the log's id while there is none. */
  readonly head: string;
  /** Frontier of the Merkle tree over the hashes of all records. */
  readonly frontier: readonly string[];
  readonly checkpoint: {
    /** Of the last checkpoint; the first is 1. */
    readonly sequence: number;
    /** SHA-256 of its bytes, hex. */
    readonly digest: string;
    /** RFC 3339; empty before the first. */
    readonly time: string;
  };
  /** Sequence of the last checkpoint that is on the witness. */
  readonly witnessed: number;
}

/** What the first record has in place of a predecessor: bound to the log, so that no other log's records fit. */
export const genesisHash = (log: string): string => sha256Hex(canonicalJson({ log, what: 'lake-audit-genesis' }));

export const noDigest = '0'.repeat(64);

export const emptyTip = (log: string): LogTip => ({
  log,
  segment: 0,
  size: 0,
  head: genesisHash(log),
  frontier: [],
  checkpoint: { sequence: 0, digest: noDigest, time: '' },
  witnessed: 0,
});

/** What a checkpoint is about: the end of a segment, or the tip itself at a beat. */
export type SealTarget = Omit<LogTip, 'checkpoint' | 'witnessed'>;

/** What the next checkpoint says when it covers the target. */
export function checkpointOf(tip: LogTip, target: SealTarget, now: Date): Checkpoint {
  return {
    log: target.log,
    sequence: tip.checkpoint.sequence + 1,
    previous: tip.checkpoint.digest,
    time: now.toISOString(),
    segment: target.segment,
    size: target.size,
    head: target.head,
    root: new MerkleTree(target.size, target.frontier).root(),
    frontier: target.frontier,
  };
}

/** The tip once that checkpoint is written. */
export function sealedTip(tip: LogTip, target: SealTarget, checkpoint: Checkpoint, bytes: Uint8Array): LogTip {
  const { sequence, time } = checkpoint;
  return { ...target, checkpoint: { sequence, digest: sha256Hex(bytes), time }, witnessed: tip.witnessed };
}
