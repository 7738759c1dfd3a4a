import { LakeError } from '../../adapters/ports/errors';
import { type RetentionSchedule, readSchedule } from './retention-schedule';
import type { LegalHold, PatientRecord } from './retention-store';

/** By what, and as of when, the identity zone judges what is past its time. */
export interface RetentionQuestion {
  readonly schedule: RetentionSchedule;
  /** RFC 3339. */
  readonly now: string;
  readonly holds: readonly Pick<LegalHold, 'kind' | 'subject'>[];
}

/** What waits in the identity zone and is past its time: messages held for review, and uploads whose import may have ended. */
export interface OverdueObjects {
  readonly messages: readonly { readonly provider: string; readonly tracking: string }[];
  /** Keys of the inbox. */
  readonly uploads: readonly string[];
}

/** What the lake's half of an expiry asks of the identity zone's; pseudonyms only, and no date of a person comes back. */
export type RetentionStep =
  | {
      readonly kind: 'due' | 'counted';
      readonly question: RetentionQuestion;
      readonly records: readonly PatientRecord[];
    }
  | { readonly kind: 'overdue'; readonly question: RetentionQuestion }
  | { readonly kind: 'remove'; readonly overdue: OverdueObjects };

export const retentionSteps = [
  'due',
  'counted',
  'overdue',
  'remove',
] as const satisfies readonly RetentionStep['kind'][];

const isList = (value: unknown): boolean => Array.isArray(value);

/** @throws LakeError `InvalidArgument`, repeating nothing of it. */
export function retentionStepOf(value: unknown): RetentionStep {
  const step = (value ?? {}) as Partial<Record<string, unknown>>;
  const { schedule, now, holds } = (step.question ?? {}) as Partial<Record<string, unknown>>;
  const { messages, uploads } = (step.overdue ?? {}) as Partial<Record<string, unknown>>;
  const asked = isList(holds) && typeof now === 'string' && !Number.isNaN(Date.parse(now));
  const whole =
    ((step.kind === 'due' || step.kind === 'counted') && asked && isList(step.records)) ||
    (step.kind === 'overdue' && asked) ||
    (step.kind === 'remove' && isList(messages) && isList(uploads));
  if (!whole)
    throw new LakeError(
      'InvalidArgument',
      'The identity zone knows no such step of an expiry. Both are of one release.',
    );
  // Half understood, it would destroy.
  if (step.kind !== 'remove') readSchedule(JSON.stringify(schedule));
  return value as RetentionStep;
}
