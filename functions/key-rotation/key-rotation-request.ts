import { LakeError } from '../../adapters/ports/errors';
import type { WrappedKey } from '../ingest/wrapped-key-store';

/**
 * What the lake's half of a key rotation asks of the identity zone's: one portion each, from where the last ended. It brings the
 * wrapped keys, since no role of that zone reads the lake's database; opening them is each half's own right.
 */
export type KeyRotationStep =
  | { readonly kind: 'originals'; readonly keys: readonly WrappedKey[]; readonly after: string }
  | { readonly kind: 'register'; readonly keys: readonly WrappedKey[]; readonly after: readonly string[] }
  | { readonly kind: 'links'; readonly version: number };

export const keyRotationSteps = [
  'originals',
  'register',
  'links',
] as const satisfies readonly KeyRotationStep['kind'][];

const areKeys = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((one) => typeof one?.version === 'number' && typeof one?.wrapped === 'string');

/** @throws LakeError `InvalidArgument`, repeating nothing of it. */
export function keyRotationStepOf(value: unknown): KeyRotationStep {
  const step = (value ?? {}) as Partial<Record<string, unknown>>;
  const { kind, keys, after, version } = step;
  const whole =
    (kind === 'originals' && areKeys(keys) && typeof after === 'string') ||
    (kind === 'register' && areKeys(keys) && Array.isArray(after) && after.every((one) => typeof one === 'string')) ||
    (kind === 'links' && Number.isInteger(version));
  if (!whole)
    throw new LakeError(
      'InvalidArgument',
      'The identity zone knows no such step of a key rotation. Both are of one release.',
    );
  return value as KeyRotationStep;
}
