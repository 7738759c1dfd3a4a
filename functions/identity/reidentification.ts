import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../adapters/ports/clock';
import { isLakeError, LakeError } from '../../adapters/ports/errors';
import type { AuditRecord } from '../audit/audit-record';
import type { IdentityRecord } from '../privacy/identity-record';
import type { PersonLookup } from './person-lookup';
import type { ProjectKeys } from './project-keys';
import type { ReidentificationCase, ReidentificationStore } from './reidentification-store';

/** A person at the lake: a name and the secret that goes with it. */
export interface OperatorCredential {
  readonly name: string;
  /** 32 random bytes, base64url. */
  readonly secret: string;
}

export interface RevealedPerson {
  /** Ten digits; undefined for a person without a verified number. */
  readonly nhsNumber: string | undefined;
  /** Each provider's own id of the patient. */
  readonly patients: readonly { readonly provider: string; readonly localId: string }[];
}

export interface ReidentificationServices {
  readonly store: ReidentificationStore;
  readonly projects: Pick<ProjectKeys, 'personOf'>;
  readonly lookup: Pick<PersonLookup, 'recordsOf' | 'numberOf'>;
  readonly clock: Clock;
}

const minute = 60_000;
/** How long an approval may be used, at most; and how long a request may wait for one. */
const longestApprovalMinutes = 24 * 60;
const longestWait = 7 * 24 * 60 * minute;
const operatorName = /^[a-z][a-z0-9._-]{1,39}$/;

/**
 * Back from a project's pseudonym to a person: one asks and says why, another approves for a while, the first sees the answer,
 * once (re-identification without authority is an offence, Data Protection Act 2018 section 171). Every step, refused or not, is
 * in the identity zone's audit; the answer is in no table, no log and no audit record.
 */
export class Reidentification {
  readonly #services: ReidentificationServices;

  constructor(services: ReidentificationServices) {
    this.#services = services;
  }

  /** Gives the new operator's secret, which is kept here only as a digest (256 random bits cannot be guessed). */
  async addOperator(name: string): Promise<OperatorCredential> {
    if (!operatorName.test(name))
      throw new LakeError('InvalidArgument', 'The name of an operator is 2 to 40 of a-z, 0-9, dot, dash, underscore.');
    const secret = randomBytes(32).toString('base64url');
    const audit = this.#audit('accessChange', 'lake operator add', 'local', 'added');
    await this.#services.store.addOperator(name, digestOf(secret).toString('hex'), audit);
    return { name, secret };
  }

  async request(
    credential: OperatorCredential,
    { project, token, reason }: Pick<ReidentificationCase, 'project' | 'token' | 'reason'>,
  ): Promise<{ readonly id: string }> {
    return this.#as(credential, 'lake reidentify request', async (by) => {
      if (reason.trim().length < 10)
        throw new LakeError('InvalidArgument', 'Give the reason: who needs to know, and what for.');
      if ((await this.#services.projects.personOf(project, token)) === undefined)
        throw new LakeError('NotFound', 'No person of the lake has this token in this project.');
      const id = randomUUID();
      const requested = this.#services.clock.now().toISOString();
      await this.#services.store.request(
        { id, project, token, reason, requestedBy: by, requested },
        this.#audit('reidentify', 'lake reidentify request', by, 'requested', id),
      );
      return { id };
    });
  }

  /** @param minutes how long the requester may then look. */
  async approve(credential: OperatorCredential, id: string, minutes: number): Promise<{ readonly expires: string }> {
    return this.#as(credential, 'lake reidentify approve', async (by) => {
      if (!(minutes >= 1 && minutes <= longestApprovalMinutes))
        throw new LakeError('InvalidArgument', `An approval lasts 1 to ${longestApprovalMinutes} minutes.`);
      const now = this.#services.clock.now().getTime();
      const expires = new Date(now + minutes * minute).toISOString();
      const times = { now: new Date(now).toISOString(), expires, oldest: new Date(now - longestWait).toISOString() };
      await this.#services.store.approve(
        id,
        by,
        times,
        this.#audit('reidentify', 'lake reidentify approve', by, 'approved', id),
      );
      return { expires };
    });
  }

  async reveal(credential: OperatorCredential, id: string): Promise<RevealedPerson> {
    const { store, projects, lookup, clock } = this.#services;
    return this.#as(credential, 'lake reidentify reveal', async (by) => {
      const { project, token } = await store.reveal(
        id,
        by,
        clock.now().toISOString(),
        this.#audit('reidentify', 'lake reidentify reveal', by, 'revealed', id),
      );
      const person = await projects.personOf(project, token);
      if (person === undefined) throw new LakeError('NotFound', 'The person is not in the lake any more.');
      const records = await lookup.recordsOf(person);
      return {
        nhsNumber: await lookup.numberOf(person),
        patients: records.map(({ provider, record }) => ({
          provider,
          localId: (JSON.parse(record) as IdentityRecord).localId,
        })),
      };
    });
  }

  /** Requests as anybody at the lake may see them: without token and reason. */
  async list(): Promise<readonly Omit<ReidentificationCase, 'token' | 'reason'>[]> {
    return (await this.#services.store.cases()).map(({ token: _token, reason: _reason, ...rest }) => rest);
  }

  /** Checks who asks; what is refused from here on is recorded under their name. */
  async #as<Result>(
    { name, secret }: OperatorCredential,
    action: string,
    work: (by: string) => Promise<Result>,
  ): Promise<Result> {
    const known = await this.#services.store.secretDigest(name);
    const isRight = known !== undefined && timingSafeEqual(digestOf(secret), Buffer.from(known, 'hex'));
    if (!isRight) {
      // A name that nobody has may be anything, so it is not recorded.
      await this.#refused(action, known === undefined ? 'unknown' : name, 'login');
      throw new LakeError('PermissionDenied', 'The name and the secret do not belong to an operator of this lake.');
    }
    try {
      return await work(name);
    } catch (error) {
      await this.#refused(action, name, isLakeError(error) ? error.code : 'Unknown');
      throw error;
    }
  }

  #refused(action: string, by: string, code: string): Promise<void> {
    return this.#services.store.refused({
      ...this.#audit('reidentify', action, by, code),
      outcome: { result: 'denied', code },
    });
  }

  #audit(event: AuditRecord['event'], action: string, by: string, code: string, id?: string): AuditRecord {
    return {
      recorded: this.#services.clock.now().toISOString(),
      event,
      action,
      agent: { kind: 'operator', id: by },
      outcome: { result: 'allowed', code },
      ...(id === undefined ? {} : { entities: [{ type: 'reidentification', id }] }),
      purpose: 'TREAT',
    };
  }
}

const digestOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();
