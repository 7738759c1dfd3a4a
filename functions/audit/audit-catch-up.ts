import { isLakeError, LakeError } from '../../adapters/ports/errors';
import type { PortsOf } from '../manifest';
import {
  CheckpointKeys,
  checkpointKey,
  decodeCheckpoint,
  type SignedCheckpoint,
  signingInput,
} from './audit-checkpoint';
import type { StoredAuditRecord } from './audit-record';
import { parseLine, type SealedLine, segmentKey, segmentLines, sha256Hex } from './audit-segment';
import { checkpointOf, emptyTip, type LogTip, type SealTarget, sealedTip } from './audit-tip';
import type { auditSealerManifest } from './manifest';
import { MerkleTree } from './merkle-tree';

type Ports = Pick<PortsOf<typeof auditSealerManifest>, 'audit' | 'key'>;

export interface StepAhead {
  readonly tip: LogTip;
  /** Ids of the records it sealed. */
  readonly recordIds: readonly string[];
}

/**
 * Follows the audit zone where it is ahead of the state: after a crash between a checkpoint and its note, when a former
 * leader was faster, or when the state database was lost or restored from a backup older than the log. Nothing is believed but
 * what the audit key has signed and what continues the tip hash by hash.
 *
 * @throws LakeError `PreconditionFailed` when something else stands there: an alarm.
 */
export async function* stepsAhead(ports: Ports, from: LogTip): AsyncGenerator<StepAhead> {
  let tip = from;
  for (;;) {
    const bytes = await readIfThere(ports, checkpointKey(tip.checkpoint.sequence + 1));
    if (bytes === undefined) return;
    const step = await follow(ports, tip, bytes);
    yield step;
    tip = step.tip;
  }
}

async function follow(ports: Ports, from: LogTip, bytes: Uint8Array): Promise<StepAhead> {
  const found = decodeCheckpoint(bytes);
  if (found === undefined || !(await isSignedByUs(ports, found))) throw diverged();
  // A state that was lost altogether has begun a log of its own: it goes on with the one that is there instead.
  const tip = from.checkpoint.sequence === 0 ? emptyTip(found.checkpoint.log) : from;
  const tree = new MerkleTree(tip.size, tip.frontier);
  const recordIds: string[] = [];
  let head = tip.head;
  for (let segment = tip.segment + 1; segment <= found.checkpoint.segment; segment += 1) {
    for (const line of await linesOf(ports, segment)) {
      const continues =
        line.position === tree.size + 1 && line.previous === head && line.hash === sha256Hex(line.content);
      if (!continues) throw diverged();
      head = line.hash;
      tree.append(Buffer.from(head, 'hex'));
      recordIds.push((JSON.parse(line.record) as StoredAuditRecord).id);
    }
  }
  const { segment, time } = found.checkpoint;
  const target: SealTarget = { log: tip.log, segment, size: tree.size, head, frontier: tree.frontier };
  const expected = checkpointOf(tip, target, new Date(time));
  if (signingInput(expected) !== found.signed) throw diverged();
  return { tip: sealedTip(tip, target, expected, bytes), recordIds };
}

async function linesOf(ports: Ports, segment: number): Promise<SealedLine[]> {
  const bytes = await readIfThere(ports, segmentKey(segment));
  const lines = bytes === undefined ? [undefined] : (segmentLines(bytes) ?? ['']).map(parseLine);
  return lines.map((line) => {
    if (line === undefined) throw diverged();
    return line;
  });
}

/** Looks through the versions of the audit key, from the newest back to the one the checkpoint names. */
async function isSignedByUs({ key }: Ports, checkpoint: SignedCheckpoint): Promise<boolean> {
  const newest = await key.publicKey();
  const pems = [newest.pem];
  for (let version = newest.version - 1; version >= 1; version -= 1) {
    if (new CheckpointKeys(pems).knows(checkpoint.keyId)) break;
    pems.push((await key.publicKey(version)).pem);
  }
  return new CheckpointKeys(pems).trusts(checkpoint);
}

async function readIfThere({ audit }: Ports, key: string): Promise<Uint8Array | undefined> {
  try {
    return await audit.read(key);
  } catch (error) {
    if (isLakeError(error, 'NotFound')) return undefined;
    throw error;
  }
}

export function diverged(): LakeError {
  return new LakeError(
    'PreconditionFailed',
    'The audit zone or its witness holds something that this log did not write where its next segment or checkpoint belongs, so sealing stopped. Records go on waiting in the state database and none is lost. Run the verification to learn what stands there and who could have written it.',
  );
}
