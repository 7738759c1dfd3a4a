import { randomUUID } from 'node:crypto';
import type { Clock } from '../../adapters/ports/clock';
import { isLakeError, LakeError } from '../../adapters/ports/errors';
import type { ObjectStore, PutOptions } from '../../adapters/ports/object-store';
import { type Failpoint, noFailpoint } from '../failpoint';
import type { PortsOf } from '../manifest';
import {
  type Checkpoint,
  CheckpointKeys,
  checkpointKey,
  decodeCheckpoint,
  encodeCheckpoint,
  signingInput,
} from './audit-checkpoint';
import type { SealerLease, SegmentClaim } from './audit-sealing';
import { sealLine, segmentKey, sha256Hex } from './audit-segment';
import type { LogTip } from './audit-tip';
import type { auditSealerManifest } from './manifest';
import { MerkleTree } from './merkle-tree';

export interface AuditSealerOptions {
  readonly ports: PortsOf<typeof auditSealerManifest>;
  readonly clock: Clock;
  readonly failpoint?: Failpoint;
  /** Name of this process among sealers; random unless given. */
  readonly holder?: string;
  /** A checkpoint is written at least this often, also when nothing happened. Default 60. */
  readonly beatSeconds?: number;
  /** Records in a segment, at most. Default 2,048. */
  readonly segmentRecords?: number;
  /** Write-once time of segments and checkpoints, where the store can hold it (design: 1 day to 10 years). */
  readonly retainDays?: number;
}

export interface SealOutcome {
  /** False when another process holds the lease: it seals, nothing is to be done. */
  readonly leader: boolean;
  readonly records: number;
  readonly checkpoints: number;
  /** Why checkpoints did not reach the witness, when they did not; they follow at a later round. */
  readonly witnessError: LakeError | undefined;
}

const leaseSeconds = 60;

/** What a checkpoint would say, before it is signed. */
type Target = Omit<LogTip, 'checkpoint' | 'witnessed'>;

/**
 * Seals what waits: chains records into write-once segments, signs a checkpoint for each and copies it to the witness.
 * Each step writes what was computed from the state before it and nothing else, so a crash anywhere is mended by doing
 * the round again: the same records give the same bytes under the same key, and what exists already is compared.
 */
export class AuditSealer {
  readonly #ports: PortsOf<typeof auditSealerManifest>;
  readonly #clock: Clock;
  readonly #failpoint: Failpoint;
  readonly #holder: string;
  readonly #beatMilliseconds: number;
  readonly #segmentRecords: number;
  readonly #retainDays: number | undefined;

  constructor(options: AuditSealerOptions) {
    this.#ports = options.ports;
    this.#clock = options.clock;
    this.#failpoint = options.failpoint ?? noFailpoint;
    this.#holder = options.holder ?? randomUUID();
    this.#beatMilliseconds = (options.beatSeconds ?? 60) * 1000;
    this.#segmentRecords = options.segmentRecords ?? 2048;
    this.#retainDays = options.retainDays;
  }

  /**
   * One round: seals until nothing waits, or writes the beat when it is due.
   *
   * @throws LakeError `PreconditionFailed` when the lease was lost, or when the audit zone or the witness holds other bytes
   * than this log would write (somebody else wrote there: an alarm); any error of a port. Nothing is lost by either.
   */
  async seal(): Promise<SealOutcome> {
    const { log } = this.#ports;
    const lease = await log.takeLease(this.#holder, this.#clock.now(), this.#leaseEnd());
    if (lease === undefined) return { leader: false, records: 0, checkpoints: 0, witnessError: undefined };
    let records = 0;
    let checkpoints = 0;
    let witnessError: LakeError | undefined;
    for (;;) {
      const claim = await log.claimSegment(lease, this.#segmentRecords, this.#leaseEnd());
      const { tip } = claim;
      if (claim.records.length === 0 && !this.#beatIsDue(tip)) {
        if (tip.witnessed < tip.checkpoint.sequence) witnessError ??= await this.#tellWitness(lease, tip);
        return { leader: true, records, checkpoints, witnessError };
      }
      const sealed = await this.#sealOne(lease, claim);
      records += sealed.size - tip.size;
      checkpoints += 1;
      // One failure is enough for a round: the next round copies everything the witness lacks.
      witnessError ??= await this.#tellWitness(lease, sealed);
    }
  }

  /** Lets another process seal at once; for a clean stop. */
  async release(): Promise<void> {
    const { log } = this.#ports;
    const lease = await log.takeLease(this.#holder, this.#clock.now(), this.#leaseEnd());
    if (lease !== undefined) await log.releaseLease(lease);
  }

  async #sealOne(lease: SealerLease, claim: SegmentClaim): Promise<LogTip> {
    const { tip } = claim;
    await this.#failpoint('audit.after-claim');
    const { target, bytes } = claim.records.length === 0 ? { target: tip, bytes: undefined } : chain(claim);
    if (bytes !== undefined) {
      await this.#failpoint('audit.before-segment');
      await putOnce(this.#ports.audit, segmentKey(target.segment), bytes, this.#putOptions(bytes));
      await this.#failpoint('audit.after-segment');
    }
    const sealed = await this.#checkpoint(tip, target);
    await this.#failpoint('audit.after-checkpoint');
    await this.#ports.log.advance(lease, sealed);
    await this.#failpoint('audit.after-advance');
    return sealed;
  }

  /** Signs and stores the next checkpoint; takes the one that a crash or a former leader left in its place. */
  async #checkpoint(tip: LogTip, target: Target): Promise<LogTip> {
    const { audit, key } = this.#ports;
    const checkpoint = checkpointOf(tip, target, this.#clock.now());
    const signature = await key.sign(Buffer.from(signingInput(checkpoint)));
    const { pem } = await key.publicKey(signature.version);
    const bytes = encodeCheckpoint(checkpoint, signature, pem);
    try {
      await audit.putIfAbsent(checkpointKey(checkpoint.sequence), bytes, this.#putOptions(bytes));
      return sealedTip(tip, target, checkpoint, bytes);
    } catch (error) {
      if (!isLakeError(error, 'AlreadyExists')) throw error;
      return this.#adopt(tip, target, await audit.read(checkpointKey(checkpoint.sequence)));
    }
  }

  async #adopt(tip: LogTip, target: Target, bytes: Uint8Array): Promise<LogTip> {
    const found = decodeCheckpoint(bytes);
    if (found === undefined || !(await this.#keysUpTo(found.keyId)).trusts(found)) throw diverged();
    // A former leader may have written a beat where this one was about to seal a segment: both are true statements.
    for (const covered of [target, tip]) {
      const expected = checkpointOf(tip, covered, new Date(found.checkpoint.time));
      if (signingInput(expected) === found.signed) return sealedTip(tip, covered, expected, bytes);
    }
    throw diverged();
  }

  /** The versions of the audit key, from the newest back to the one a checkpoint names. */
  async #keysUpTo(keyId: string): Promise<CheckpointKeys> {
    const newest = await this.#ports.key.publicKey();
    const pems = [newest.pem];
    for (let version = newest.version - 1; version >= 1 && !new CheckpointKeys(pems).knows(keyId); version -= 1) {
      pems.push((await this.#ports.key.publicKey(version)).pem);
    }
    return new CheckpointKeys(pems);
  }

  /** Copies every checkpoint the witness lacks. A witness that cannot be reached is told later; one that differs, never. */
  async #tellWitness(lease: SealerLease, tip: LogTip): Promise<LakeError | undefined> {
    const { audit, witness, log } = this.#ports;
    try {
      for (let sequence = tip.witnessed + 1; sequence <= tip.checkpoint.sequence; sequence += 1) {
        await this.#failpoint('audit.before-witness');
        await putOnce(witness, checkpointKey(sequence), await audit.read(checkpointKey(sequence)), {});
        await this.#failpoint('audit.after-witness');
        await log.witnessedUpTo(lease, sequence);
      }
      return undefined;
    } catch (error) {
      if (isLakeError(error, 'Unavailable')) return error;
      throw error;
    }
  }

  #putOptions(bytes: Uint8Array): PutOptions {
    const sha256 = sha256Hex(bytes);
    if (this.#retainDays === undefined || !this.#ports.audit.capabilities.has('retention')) return { sha256 };
    return { sha256, retainUntil: new Date(this.#clock.now().getTime() + this.#retainDays * 86_400_000) };
  }

  #leaseEnd(): Date {
    return new Date(this.#clock.now().getTime() + leaseSeconds * 1000);
  }

  #beatIsDue(tip: LogTip): boolean {
    if (tip.checkpoint.time === '') return true;
    const silent = this.#clock.now().getTime() - Date.parse(tip.checkpoint.time);
    // A clock that stepped back must not silence the beat.
    return silent >= this.#beatMilliseconds || silent < 0;
  }
}

function chain({ tip, records }: SegmentClaim): { target: Target; bytes: Uint8Array } {
  const tree = new MerkleTree(tip.size, tip.frontier);
  const lines: string[] = [];
  let head = tip.head;
  for (const { id, record } of records) {
    const sealed = sealLine({ ...(JSON.parse(record) as object), id }, tree.size + 1, head);
    lines.push(sealed.line, '\n');
    head = sealed.hash;
    tree.append(Buffer.from(head, 'hex'));
  }
  const target = { log: tip.log, segment: tip.segment + 1, size: tree.size, head, frontier: tree.frontier };
  return { target, bytes: Buffer.from(lines.join('')) };
}

function checkpointOf(tip: LogTip, target: Target, now: Date): Checkpoint {
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

function sealedTip(tip: LogTip, target: Target, checkpoint: Checkpoint, bytes: Uint8Array): LogTip {
  const { sequence, time } = checkpoint;
  return { ...target, checkpoint: { sequence, digest: sha256Hex(bytes), time }, witnessed: tip.witnessed };
}

/** Puts an object that only this log writes: what exists must be the same, as after a crash between put and note. */
async function putOnce(
  store: Pick<ObjectStore, 'putIfAbsent' | 'read'>,
  key: string,
  bytes: Uint8Array,
  options: PutOptions,
): Promise<void> {
  try {
    await store.putIfAbsent(key, bytes, options);
  } catch (error) {
    if (!isLakeError(error, 'AlreadyExists')) throw error;
    if (Buffer.compare(await store.read(key), bytes) !== 0) throw diverged();
  }
}

function diverged(): LakeError {
  return new LakeError(
    'PreconditionFailed',
    'The audit store or its witness holds something else where the next segment or checkpoint belongs, so sealing stopped; records go on waiting in the state database and none is lost. Run the verification: either somebody wrote there, or the state database was restored from a backup older than the log.',
  );
}
