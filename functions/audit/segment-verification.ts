import { isLakeError } from '../../adapters/ports/errors';
import type { ObjectStore } from '../../adapters/ports/object-store';
import type { AuditProblems } from './audit-problems';
import {
  parseLine,
  type SealedLine,
  segmentKey,
  segmentLines,
  segmentNumber,
  segmentPrefix,
  sha256Hex,
} from './audit-segment';
import { MerkleTree } from './merkle-tree';

/** What the records really are, at the end of each segment: what the checkpoints are compared with. */
interface RecordedState {
  readonly segment: number;
  readonly head: string | undefined;
  readonly root: string;
}

export interface WalkedRecords {
  readonly records: number;
  /** By number of records; 0 is there too, unless the walk began later. */
  readonly states: ReadonlyMap<number, RecordedState>;
  readonly lastSegment: number;
}

/** Where a walk begins: after the last record that has expired, or at the beginning of the log. */
export interface WalkStart {
  readonly segment: number;
  readonly size: number;
  /** Undefined when no trusted checkpoint tells the id of the log: then the first link cannot be judged. */
  readonly head: string | undefined;
  readonly frontier: readonly string[];
}

/** Walks every segment in order in bounded memory; recomputes each hash, each link and the tree. */
export async function walkSegments(
  store: Pick<ObjectStore, 'list' | 'read'>,
  start: WalkStart,
  problems: AuditProblems,
): Promise<WalkedRecords> {
  const walk = new SegmentWalk(start, problems);
  for await (const { key } of store.list(segmentPrefix)) {
    const number = segmentNumber(key);
    if (number === undefined) problems.add('object-unexpected', 0, key);
    else if (number > start.segment) walk.segment(number, key, await readOrNothing(store, key));
  }
  return walk.end();
}

/** Bytes of an object, or undefined when it cannot be read: a damaged file must not end the verification. */
export async function readOrNothing(store: Pick<ObjectStore, 'read'>, key: string): Promise<Uint8Array | undefined> {
  try {
    return await store.read(key);
  } catch (error) {
    if (isLakeError(error, 'Unavailable')) throw error;
    return undefined;
  }
}

class SegmentWalk {
  readonly #problems: AuditProblems;
  readonly #tree: MerkleTree;
  readonly #states = new Map<number, RecordedState>();
  #segment: number;
  #position: number;
  #head: string | undefined;

  constructor(start: WalkStart, problems: AuditProblems) {
    this.#problems = problems;
    this.#tree = new MerkleTree(start.size, start.frontier);
    this.#segment = start.segment;
    this.#position = start.size;
    this.#head = start.head;
    this.#note();
  }

  segment(number: number, key: string, bytes: Uint8Array | undefined): void {
    if (number > this.#segment + 1) {
      this.#problems.add('segment-missing', this.#position + 1, segmentKey(this.#segment + 1));
    }
    this.#segment = number;
    const lines = bytes === undefined ? undefined : segmentLines(bytes);
    if (lines === undefined) this.#problems.add('segment-unreadable', this.#position + 1, key);
    for (const line of lines ?? []) this.#line(line, key);
    this.#note();
  }

  end(): WalkedRecords {
    return { records: this.#tree.size, states: this.#states, lastSegment: this.#segment };
  }

  #line(text: string, key: string): void {
    const line = parseLine(text);
    if (line === undefined) {
      this.#problems.add('record-malformed', this.#position + 1, key);
      return;
    }
    const hash = sha256Hex(line.content);
    this.#judge(line, hash, key);
    // After a problem go on from what the record says of itself, so that one manipulation is reported once.
    if (line.position > this.#position) this.#position = line.position;
    this.#head = line.hash;
    this.#tree.append(Buffer.from(hash, 'hex'));
  }

  #judge(line: SealedLine, hash: string, key: string): void {
    const expected = this.#position + 1;
    if (hash !== line.hash) this.#problems.add('record-edited', line.position, key);
    else if (line.position > expected) this.#problems.add('record-missing', expected, key);
    else if (line.position < expected) this.#problems.add('record-repeated', line.position, key);
    else if (this.#head !== undefined && line.previous !== this.#head)
      this.#problems.add('chain-broken', line.position, key);
  }

  #note(): void {
    this.#states.set(this.#tree.size, { segment: this.#segment, head: this.#head, root: this.#tree.root() });
  }
}
