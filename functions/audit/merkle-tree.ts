import { createHash } from 'node:crypto';
import { LakeError } from '../../adapters/ports/errors';

/** RFC 6962 section 2.1: leaves and inner nodes are hashed under different prefixes, so that none passes for the other. */
const leafPrefix = Uint8Array.of(0);
const nodePrefix = Uint8Array.of(1);

const hashLeaf = (data: Uint8Array): Buffer => createHash('sha256').update(leafPrefix).update(data).digest();

const hashNode = (left: Uint8Array, right: Uint8Array): Buffer =>
  createHash('sha256').update(nodePrefix).update(left).update(right).digest();

/**
 * A growing Merkle tree (RFC 6962) of which only the frontier is kept: the roots of its complete subtrees, the largest
 * first, one for each bit set in `size`. That is all it takes to append leaves and to compute the root.
 */
export class MerkleTree {
  #size: number;
  readonly #frontier: Buffer[];

  /** @throws LakeError `InvalidArgument` when the frontier does not belong to a tree of this size. */
  constructor(size = 0, frontier: readonly string[] = []) {
    if (bitsSet(size) !== frontier.length || frontier.some((hash) => !/^[0-9a-f]{64}$/.test(hash))) {
      throw new LakeError(
        'InvalidArgument',
        'The frontier of a Merkle tree holds one SHA-256 in lower case hex for each bit set in the size of the tree.',
      );
    }
    this.#size = size;
    this.#frontier = frontier.map((hash) => Buffer.from(hash, 'hex'));
  }

  get size(): number {
    return this.#size;
  }

  /** Hex SHA-256 values, the largest subtree first. */
  get frontier(): string[] {
    return this.#frontier.map((hash) => hash.toString('hex'));
  }

  append(data: Uint8Array): void {
    let hash = hashLeaf(data);
    // Two complete subtrees of equal size become one; division, because sizes may pass 2^31.
    for (let rest = this.#size; rest % 2 === 1; rest = Math.floor(rest / 2))
      hash = hashNode(this.#frontier.pop()!, hash);
    this.#frontier.push(hash);
    this.#size += 1;
  }

  /** Hex. The root of the empty tree is the SHA-256 of nothing. */
  root(): string {
    if (this.#size === 0) return createHash('sha256').digest('hex');
    return this.#frontier.reduceRight((right, left) => hashNode(left, right)).toString('hex');
  }
}

function bitsSet(size: number): number {
  if (!Number.isSafeInteger(size) || size < 0) return -1;
  return size.toString(2).replaceAll('0', '').length;
}
