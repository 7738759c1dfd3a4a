import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../adapters/ports/clock';
import { LakeError } from '../../adapters/ports/errors';
import type { AuditRecord } from '../audit/audit-record';
import { failureOutcome } from '../audit/failure-outcome';
import { nameTaken } from './name-taken';
import type { ReidentificationStore } from './reidentification-store';

/** A person at the lake: a name and the secret that goes with it. */
export interface OperatorCredential {
  readonly name: string;
  /** 32 random bytes, base64url. */
  readonly secret: string;
}

const operatorName = /^[a-z][a-z0-9._-]{1,39}$/;

/** Who is who where no sign-in says it: on one machine. A stack has its own (functions/operator). */
export class NamedOperators {
  readonly #store: Pick<ReidentificationStore, 'addOperator' | 'secretDigest' | 'refused'>;
  readonly #clock: Clock;

  constructor(store: Pick<ReidentificationStore, 'addOperator' | 'secretDigest' | 'refused'>, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Gives the new operator's secret, which is kept here only as a digest (256 random bits cannot be guessed). */
  async add(name: string): Promise<OperatorCredential> {
    if (!operatorName.test(name))
      throw new LakeError('InvalidArgument', 'The name of an operator is 2 to 40 of a-z, 0-9, dot, dash, underscore.');
    const secret = randomBytes(32).toString('base64url');
    const audit = {
      ...this.#audit('accessChange', 'lake operator add', 'local'),
      outcome: { result: 'allowed', code: 'added' },
    } as const;
    await this.#store.addOperator(name, digestOf(secret).toString('hex'), audit).catch(nameTaken('operator'));
    return { name, secret };
  }

  /**
   * Does something as the person who proves to be one; what is refused or fails is recorded under their name, as what was to be done.
   *
   * @throws LakeError `PermissionDenied` when the secret does not belong to the name; what the work throws.
   */
  async as<Result>(
    { name, secret }: OperatorCredential,
    action: string,
    work: (by: string) => Promise<Result>,
  ): Promise<Result> {
    const known = await this.#store.secretDigest(name);
    const isRight = known !== undefined && timingSafeEqual(digestOf(secret), Buffer.from(known, 'hex'));
    if (!isRight) {
      // A name that nobody has may be anything, so it is not recorded.
      const outcome = { result: 'denied', code: 'login' } as const;
      await this.#unfinished(action, known === undefined ? 'unknown' : name, outcome);
      throw new LakeError('PermissionDenied', 'The name and the secret do not belong to an operator of this lake.');
    }
    try {
      return await work(name);
    } catch (error) {
      await this.#unfinished(action, name, failureOutcome(error));
      throw error;
    }
  }

  #unfinished(action: string, id: string, outcome: AuditRecord['outcome']): Promise<void> {
    return this.#store.refused({ ...this.#audit('reidentify', action, id), outcome });
  }

  #audit(event: AuditRecord['event'], action: string, id: string): Omit<AuditRecord, 'outcome'> {
    return {
      recorded: this.#clock.now().toISOString(),
      event,
      action,
      agent: { kind: 'operator', id },
      purpose: 'TREAT',
    };
  }
}

const digestOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();
