import { LakeError } from '../../adapters/ports/errors';
import type { AuditRecord } from '../audit/audit-record';
import type { Leftover } from '../orphans/leftover-store';
import type { ErasurePlan } from './erasure-plan';

/** What the lake's half of an erasure asks of the identity zone's; pseudonyms only. */
export type ErasureStep =
  | { readonly kind: 'origins'; readonly requests: ErasurePlan['requests'] }
  | { readonly kind: 'leftovers'; readonly leftovers: readonly Leftover[] }
  | { readonly kind: 'originals'; readonly plan: ErasurePlan }
  | {
      readonly kind: 'register';
      readonly plan: Pick<ErasurePlan, 'resources' | 'patients'>;
      readonly agent: AuditRecord['agent'];
    };

/** @throws LakeError `InvalidArgument`, repeating nothing of it. */
export function erasureStepOf(value: unknown): ErasureStep {
  const step = (value ?? {}) as Partial<Record<string, unknown>>;
  const plan = (step.plan ?? {}) as Partial<Record<string, unknown>>;
  const lists = (names: readonly string[]): boolean => names.every((name) => Array.isArray(plan[name]));
  const whole =
    (step.kind === 'origins' && Array.isArray(step.requests)) ||
    (step.kind === 'leftovers' && Array.isArray(step.leftovers)) ||
    (step.kind === 'originals' && lists(['identityObjects', 'requests', 'resources', 'held'])) ||
    (step.kind === 'register' && lists(['resources', 'patients']) && typeof step.agent === 'object');
  if (!whole)
    throw new LakeError(
      'InvalidArgument',
      'The identity zone knows no such step of an erasure. Both are of one release.',
    );
  return value as ErasureStep;
}
