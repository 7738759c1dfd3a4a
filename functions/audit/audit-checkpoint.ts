import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { LakeError } from '../../adapters/ports/errors';
import type { Signature } from '../../adapters/ports/key-management';
import { canonicalJson } from './canonical-json';

/**
 * A signed statement of how far the log reaches. A checkpoint is written with every segment and at every beat without
 * one, so that silence shows. As bytes it is a JWS in the flattened JSON serialisation (RFC 7515 section 7.2.2), ES384, in
 * canonical JSON and ended by a line feed: any JOSE library can check it.
 */
export interface Checkpoint {
  readonly log: string;
  /** 1, 2, 3 … without gap. */
  readonly sequence: number;
  /** SHA-256 of the bytes of the checkpoint before, hex; zeros for the first. */
  readonly previous: string;
  /** RFC 3339 in UTC. */
  readonly time: string;
  /** Number of the last segment covered, and of records up to its end. */
  readonly segment: number;
  readonly size: number;
  /** Hash of the last record. */
  readonly head: string;
  /** RFC 6962 tree head over the hashes of all records (32 bytes each), hex. */
  readonly root: string;
  /** Roots of the complete subtrees, so that a verification can begin here after older segments have expired. */
  readonly frontier: readonly string[];
}

export interface SignedCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly keyId: string;
  readonly signature: Uint8Array;
  /** What was signed: `<protected>.<payload>` (RFC 7515 section 5.1). */
  readonly signed: string;
}

export const checkpointPrefix = 'checkpoints/';

export const checkpointKey = (sequence: number): string =>
  `${checkpointPrefix}${String(sequence).padStart(12, '0')}.json`;

export const checkpointSequence = (key: string): number | undefined => {
  const found = /^checkpoints\/(\d{12})\.json$/.exec(key);
  return found === null ? undefined : Number(found[1]);
};

const protectedHeader = Buffer.from(canonicalJson({ alg: 'ES384', typ: 'lake-audit-checkpoint+json' })).toString(
  'base64url',
);

/** Names a public key by its own bytes: the hex SHA-256 of its SubjectPublicKeyInfo. */
function publicKeyId(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}

export function signingInput(checkpoint: Checkpoint): string {
  return `${protectedHeader}.${Buffer.from(canonicalJson(checkpoint)).toString('base64url')}`;
}

export function encodeCheckpoint(checkpoint: Checkpoint, signature: Signature, publicKeyPem: string): Uint8Array {
  const [, payload] = signingInput(checkpoint).split('.');
  const jws = {
    header: { kid: publicKeyId(createPublicKey(publicKeyPem)) },
    payload,
    protected: protectedHeader,
    signature: Buffer.from(signature.bytes).toString('base64url'),
  };
  return Buffer.from(`${canonicalJson(jws)}\n`);
}

const jwsForm =
  /^\{"header":\{"kid":"([0-9a-f]{64})"\},"payload":"([A-Za-z0-9_-]+)","protected":"([A-Za-z0-9_-]+)","signature":"([A-Za-z0-9_-]{128})"\}\n$/;

/** Reads a checkpoint without trusting it: undefined unless its bytes are exactly those the lake would write. */
export function decodeCheckpoint(bytes: Uint8Array): SignedCheckpoint | undefined {
  const found = jwsForm.exec(Buffer.from(bytes).toString('latin1'));
  if (found === null || found[3] !== protectedHeader) return undefined;
  const checkpoint = parseCheckpoint(Buffer.from(found[2]!, 'base64url').toString('utf8'));
  // Comparing with our own encoding refuses loose base64url, other member orders and additional members.
  if (checkpoint === undefined || signingInput(checkpoint) !== `${protectedHeader}.${found[2]}`) return undefined;
  return {
    checkpoint,
    keyId: found[1]!,
    signature: Buffer.from(found[4]!, 'base64url'),
    signed: `${protectedHeader}.${found[2]}`,
  };
}

function parseCheckpoint(text: string): Checkpoint | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { log, sequence, previous, time, segment, size, head, root, frontier } = value as Record<string, unknown>;
  if (![sequence, segment, size].every((number) => Number.isSafeInteger(number) && (number as number) >= 0)) return;
  if (![previous, head, root].every(isHash) || typeof log !== 'string') return undefined;
  if (typeof time !== 'string' || Number.isNaN(Date.parse(time))) return undefined;
  if (!Array.isArray(frontier) || !frontier.every(isHash)) return undefined;
  // Only these members: the caller compares the encoding, so a member left out here is refused there.
  return { log, sequence, previous, time, segment, size, head, root, frontier } as Checkpoint;
}

const isHash = (value: unknown): boolean => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);

/** The public keys a verifier trusts, by their id. */
export class CheckpointKeys {
  readonly #keys = new Map<string, KeyObject>();

  /** @throws LakeError `InvalidArgument` unless each text is the PEM of a P-384 public key. */
  constructor(pems: readonly string[]) {
    for (const pem of pems) {
      const key = parsePublicKey(pem);
      if (key?.asymmetricKeyDetails?.namedCurve !== 'secp384r1') {
        throw new LakeError(
          'InvalidArgument',
          'The public key of the audit must be the PEM of a P-384 key (BEGIN PUBLIC KEY). Export it from the key of the audit.',
        );
      }
      this.#keys.set(publicKeyId(key), key);
    }
  }

  knows(keyId: string): boolean {
    return this.#keys.has(keyId);
  }

  trusts({ keyId, signature, signed }: SignedCheckpoint): boolean {
    const key = this.#keys.get(keyId);
    if (key === undefined) return false;
    return verify('sha384', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }, signature);
  }
}

function parsePublicKey(pem: string): KeyObject | undefined {
  try {
    return createPublicKey(pem);
  } catch {
    return undefined;
  }
}
