import { randomUUID } from 'node:crypto';
import type { Clock } from '../../adapters/ports/clock';
import { isLakeError, type LakeError } from '../../adapters/ports/errors';
import type { ObjectStore } from '../../adapters/ports/object-store';
import { type Failpoint, noFailpoint } from '../failpoint';
import type { PortsOf } from '../manifest';
import { diverged, stepsAhead } from './audit-catch-up';
import { checkpointKey, encodeCheckpoint, signingInput } from './audit-checkpoint';
import type { SealerLease, SegmentClaim } from './audit-sealing';
import { sealLine, segmentKey, sha256Hex } from './audit-segment';
import { checkpointOf, type LogTip, type SealTarget, sealedTip } from './audit-tip';
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

  constructor(options: AuditSealerOptions) {
    this.#ports = options.ports;
    this.#clock = options.clock;
    this.#failpoint = options.failpoint ?? noFailpoint;
    this.#holder = options.holder ?? randomUUID();
    this.#beatMilliseconds = (options.beatSeconds ?? 60) * 1000;
    this.#segmentRecords = options.segmentRecords ?? 2048;
  }

  /**
   * One round: seals what waits when it begins, or writes the beat when it is due.
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
    for (let segments = 1; ; segments += 1) {
      const claim = await log.claimSegment(lease, this.#segmentRecords, this.#leaseEnd());
      const { tip } = claim;
      if (claim.records.length === 0 && !this.#beatIsDue(tip)) {
        if (tip.witnessed < tip.checkpoint.sequence) witnessError ??= await this.#tellWitness(lease, tip);
        return { leader: true, records, checkpoints, witnessError };
      }
      const steps = (await this.#sealOne(lease, claim)) ?? (await this.#follow(lease, tip));
      const sealed = steps.at(-1)!;
      records += sealed.size - tip.size;
      checkpoints += steps.length;
      // One failure is enough for a round: the next round copies everything the witness lacks.
      witnessError ??= await this.#tellWitness(lease, sealed);
      // What is recorded meanwhile waits for the next round: under load this one would never end, a segment for every few.
      // The first segment may be one that a crash left, so a short one ends the round from the second on.
      if (segments > 1 && claim.records.length < this.#segmentRecords)
        return { leader: true, records, checkpoints, witnessError };
    }
  }

  /** Lets another process seal at once; for a clean stop. */
  async release(): Promise<void> {
    const { log } = this.#ports;
    const lease = await log.takeLease(this.#holder, this.#clock.now(), this.#leaseEnd());
    if (lease !== undefined) await log.releaseLease(lease);
  }

  /** Writes the next segment, if there is one, and its checkpoint; undefined when something stands there already. */
  async #sealOne(lease: SealerLease, claim: SegmentClaim): Promise<readonly LogTip[] | undefined> {
    const { tip } = claim;
    await this.#failpoint('audit.after-claim');
    const { target, bytes } = claim.records.length === 0 ? { target: tip, bytes: undefined } : chain(claim);
    if (bytes !== undefined) {
      await this.#failpoint('audit.before-segment');
      if (!(await putOnce(this.#ports.audit, segmentKey(target.segment), bytes))) return undefined;
      await this.#failpoint('audit.after-segment');
    }
    const sealed = await this.#sign(tip, target);
    if (sealed === undefined) return undefined;
    await this.#failpoint('audit.after-checkpoint');
    await this.#ports.log.advance(lease, sealed);
    await this.#failpoint('audit.after-advance');
    return [sealed];
  }

  async #sign(tip: LogTip, target: SealTarget): Promise<LogTip | undefined> {
    const { audit, key } = this.#ports;
    const checkpoint = checkpointOf(tip, target, this.#clock.now());
    const signature = await key.sign(Buffer.from(signingInput(checkpoint)));
    const { pem } = await key.publicKey(signature.version);
    const bytes = encodeCheckpoint(checkpoint, signature, pem);
    // Two signatures of one statement differ, so what stands there is judged by what it says, not by its bytes.
    const put = await putOnce(audit, checkpointKey(checkpoint.sequence), bytes);
    return put ? sealedTip(tip, target, checkpoint, bytes) : undefined;
  }

  /** Takes over what stands in the audit zone already, checkpoint by checkpoint. */
  async #follow(lease: SealerLease, tip: LogTip): Promise<readonly LogTip[]> {
    const steps: LogTip[] = [];
    for await (const step of stepsAhead(this.#ports, tip)) {
      await this.#ports.log.follow(lease, step.tip, step.recordIds);
      steps.push(step.tip);
    }
    if (steps.length === 0) throw diverged();
    return steps;
  }

  /** Copies every checkpoint the witness lacks. A witness that cannot be reached is told later; one that differs, never. */
  async #tellWitness(lease: SealerLease, tip: LogTip): Promise<LakeError | undefined> {
    const { audit, witness, log } = this.#ports;
    try {
      for (let sequence = tip.witnessed + 1; sequence <= tip.checkpoint.sequence; sequence += 1) {
        await this.#failpoint('audit.before-witness');
        const bytes = await audit.read(checkpointKey(sequence));
        if (!(await putOnce(witness, checkpointKey(sequence), bytes))) throw diverged();
        await this.#failpoint('audit.after-witness');
        await log.witnessedUpTo(lease, sequence);
      }
      return undefined;
    } catch (error) {
      if (isLakeError(error, 'Unavailable')) return error;
      throw error;
    }
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

function chain({ tip, records }: SegmentClaim): { target: SealTarget; bytes: Uint8Array } {
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

/** Puts an object that only this log writes. False when other bytes stand there; the same ones are as good as put. */
async function putOnce(
  store: Pick<ObjectStore, 'putIfAbsent' | 'read'>,
  key: string,
  bytes: Uint8Array,
): Promise<boolean> {
  try {
    await store.putIfAbsent(key, bytes, { sha256: sha256Hex(bytes) });
    return true;
  } catch (error) {
    if (!isLakeError(error, 'AlreadyExists')) throw error;
    return Buffer.compare(await store.read(key), bytes) === 0;
  }
}
