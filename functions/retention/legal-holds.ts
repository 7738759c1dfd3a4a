import type { Clock } from '../../adapters/ports/clock';
import { LakeError } from '../../adapters/ports/errors';
import type { AuditRecord } from '../audit/audit-record';
import type { IdentityRegister } from '../identity/identity-register';
import { doneRecord, type OperationName, operationRecords } from '../operator/operation-records';
import type { LegalHold, RetentionStore } from './retention-store';

/** On whom or what a hold is placed, as the lake's zone may know it. */
export interface HoldRequest {
  /** Re-keyed Patient ids, as curated tables and marts show them. */
  readonly patients: readonly string[];
  /** ODS code. */
  readonly provider: string | undefined;
  /** The inquiry or case that asks for it; names nobody. */
  readonly reference: string;
}

export const bare = (patient: string): string => patient.replace(/^Patient\//, '');

/** Every patient, of whatever provider, whom these verified NHS numbers name. */
export async function patientsNamed(
  register: Pick<IdentityRegister, 'patientsOf'>,
  nhsNumbers: readonly string[],
): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const number of nhsNumbers) for (const one of await register.patientsOf(number)) found.add(bare(one));
  return [...found];
}

/** Legal holds as people place and end them: what is under one is neither expired nor erased. `who` is their name in the audit. */
export class LegalHolds {
  readonly #store: Pick<RetentionStore, 'hold' | 'release' | 'holds'>;
  readonly #clock: Clock;

  constructor(store: Pick<RetentionStore, 'hold' | 'release' | 'holds'>, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** @throws LakeError `NotFound` for a patient nobody knows, `InvalidArgument` for a reference that might name somebody. */
  async place({ patients, provider, reference }: HoldRequest, who: string): Promise<readonly LegalHold[]> {
    if (!/^[A-Za-z0-9][A-Za-z0-9 ._/-]{2,79}$/.test(reference) || /\d{6}/.test(reference))
      throw new LakeError(
        'InvalidArgument',
        'A reference names an inquiry or a case, nobody: 3 to 80 letters, digits, spaces, dots, strokes, not six digits in a row.',
      );
    const holds = [
      ...[...new Set(patients.map(bare))].map((subject) => ({ kind: 'patient' as const, subject, reference })),
      ...(provider === undefined ? [] : [{ kind: 'provider' as const, subject: provider, reference }]),
    ];
    if (holds.length === 0)
      throw new LakeError('NotFound', 'The lake knows no such person. Give --patient as curated tables show it.');
    await this.#store.hold(holds, this.#audit('hold', who));
    return this.#store.holds();
  }

  /** @throws LakeError `NotFound` for a hold that is none. */
  async release(id: string, who: string): Promise<readonly LegalHold[]> {
    await this.#store.release(id, this.#audit('releaseHold', who));
    return this.#store.holds();
  }

  list(): Promise<readonly LegalHold[]> {
    return this.#store.holds();
  }

  #audit(operation: Extract<OperationName, 'hold' | 'releaseHold'>, who: string): AuditRecord {
    return doneRecord(operationRecords[operation], who, this.#clock.now());
  }
}
