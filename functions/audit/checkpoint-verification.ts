import type { ObjectStore } from '../../adapters/ports/object-store';
import {
  type Checkpoint,
  type CheckpointKeys,
  checkpointKey,
  checkpointPrefix,
  checkpointSequence,
  decodeCheckpoint,
} from './audit-checkpoint';
import type { AuditProblems } from './audit-problems';
import { sha256Hex } from './audit-segment';
import { noDigest } from './audit-tip';
import { readOrNothing, type WalkedRecords } from './segment-verification';

export type ReadableStore = Pick<ObjectStore, 'list' | 'read'>;

export interface CheckpointSources {
  readonly audit: ReadableStore;
  readonly witness: ReadableStore;
  readonly keys: CheckpointKeys;
  readonly problems: AuditProblems;
}

/** The highest sequence among the checkpoints of a store, 0 when there is none; reports what does not belong there. */
export async function lastSequence(store: ReadableStore, problems: AuditProblems): Promise<number> {
  let last = 0;
  for await (const { key } of store.list(checkpointPrefix)) {
    const sequence = checkpointSequence(key);
    if (sequence === undefined) problems.add('object-unexpected', 0, key);
    else last = Math.max(last, sequence);
  }
  return last;
}

/** A checkpoint that is signed by a trusted key and stands where it belongs, from the witness if it has it. */
export async function trustedCheckpoint(
  { audit, witness, keys }: CheckpointSources,
  sequence: number,
): Promise<{ checkpoint: Checkpoint; digest: string } | undefined> {
  for (const store of [witness, audit]) {
    const bytes = await readOrNothing(store, checkpointKey(sequence));
    const found = bytes === undefined ? undefined : decodeCheckpoint(bytes);
    if (found !== undefined && found.checkpoint.sequence === sequence && keys.trusts(found)) {
      return { checkpoint: found.checkpoint, digest: sha256Hex(bytes!) };
    }
  }
  return undefined;
}

/** Compares checkpoints, one sequence after another, with each other, with the witness and with the records. */
export class CheckpointWalk {
  readonly #sources: CheckpointSources;
  readonly #walked: WalkedRecords;
  readonly #lastOnWitness: number;
  /** The last trusted checkpoint and the digest of its bytes. */
  #last: { checkpoint: Checkpoint; digest: string } | undefined;
  #sequence: number;
  #mismatch = false;
  #cut = false;
  unwitnessed = 0;
  newestWitnessed: string | undefined;
  /** Longest times without a checkpoint are the caller's to judge. */
  readonly times: string[] = [];

  constructor(
    sources: CheckpointSources,
    walked: WalkedRecords,
    lastOnWitness: number,
    start: { checkpoint: Checkpoint; digest: string } | undefined,
  ) {
    this.#sources = sources;
    this.#walked = walked;
    this.#lastOnWitness = lastOnWitness;
    this.#last = start;
    this.#sequence = start?.checkpoint.sequence ?? 0;
  }

  /** Records covered by the last checkpoint seen. */
  get covered(): number {
    return this.#last?.checkpoint.size ?? 0;
  }

  /** Verifies the next checkpoint; false when neither store has it. */
  async next(): Promise<boolean> {
    const sequence = this.#sequence + 1;
    const key = checkpointKey(sequence);
    const { audit, witness, problems } = this.#sources;
    const [kept, witnessed] = [await readOrNothing(audit, key), await readOrNothing(witness, key)];
    if (kept === undefined && witnessed === undefined) return false;
    this.#sequence = sequence;
    const fromAudit = this.#trust(kept, sequence);
    const same = kept !== undefined && witnessed !== undefined && Buffer.compare(kept, witnessed) === 0;
    const fromWitness = same ? fromAudit : this.#trust(witnessed, sequence);
    const position = (fromWitness ?? fromAudit)?.size ?? this.covered;
    if (kept === undefined) problems.add('checkpoint-removed', position, key);
    else if (witnessed === undefined) this.#lacksWitness(sequence, position, key);
    else if (!same) problems.add(fromAudit && fromWitness ? 'two-histories' : 'witness-differs', position, key);
    if (fromWitness !== undefined) this.newestWitnessed = fromWitness.time;
    const checkpoint = fromWitness ?? fromAudit;
    if (checkpoint !== undefined) this.#accept(checkpoint, fromWitness === undefined ? kept! : witnessed!, key);
    return true;
  }

  /** A sequence that must be there and is not. */
  skipMissing(): void {
    this.#sequence += 1;
    this.#sources.problems.add('checkpoint-missing', this.covered, checkpointKey(this.#sequence));
  }

  #lacksWitness(sequence: number, position: number, key: string): void {
    if (sequence < this.#lastOnWitness) this.#sources.problems.add('witness-missing', position, key);
    else this.unwitnessed += 1;
  }

  #trust(bytes: Uint8Array | undefined, sequence: number): Checkpoint | undefined {
    if (bytes === undefined) return undefined;
    const { keys, problems } = this.#sources;
    const key = checkpointKey(sequence);
    const found = decodeCheckpoint(bytes);
    if (found === undefined) problems.add('checkpoint-malformed', this.covered, key);
    else if (!keys.trusts(found)) problems.add('checkpoint-forged', this.covered, key);
    else if (found.checkpoint.sequence !== sequence) problems.add('checkpoint-chain-broken', this.covered, key);
    else return found.checkpoint;
    return undefined;
  }

  #accept(checkpoint: Checkpoint, bytes: Uint8Array, key: string): void {
    const { problems } = this.#sources;
    const before = this.#last;
    const expected = before === undefined ? noDigest : before.digest;
    const follows = before === undefined ? checkpoint.sequence === 1 : true;
    if (before !== undefined && contradicts(before.checkpoint, checkpoint)) {
      problems.add('two-histories', checkpoint.size, key);
    } else if (!follows || (checkpoint.previous !== expected && this.#isNext(checkpoint))) {
      problems.add('checkpoint-chain-broken', checkpoint.size, key);
    }
    this.#compare(checkpoint, key);
    this.#last = { checkpoint, digest: sha256Hex(bytes) };
    this.times.push(checkpoint.time);
  }

  /** After a gap, which was reported, there is nothing to compare `previous` with. */
  #isNext(checkpoint: Checkpoint): boolean {
    return checkpoint.sequence === (this.#last?.checkpoint.sequence ?? 0) + 1;
  }

  #compare({ size, segment, head, root }: Checkpoint, key: string): void {
    const { problems } = this.#sources;
    if (size > this.#walked.records) {
      if (!this.#cut) problems.add('tail-cut', this.#walked.records + 1, key);
      this.#cut = true;
      return;
    }
    const state = this.#walked.states.get(size);
    if (state?.root === root && state.head === head && state.segment === segment) return;
    // Every later checkpoint would say the same.
    if (!this.#mismatch) problems.add('root-mismatch', size, key);
    this.#mismatch = true;
  }
}

function contradicts(before: Checkpoint, after: Checkpoint): boolean {
  return (
    before.log !== after.log ||
    after.size < before.size ||
    (after.size === before.size && (after.root !== before.root || after.head !== before.head))
  );
}
