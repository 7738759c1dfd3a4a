import { randomUUID } from 'node:crypto';
import type { Clock } from '../../adapters/ports/clock';
import { LakeError } from '../../adapters/ports/errors';
import type { AuditRecord } from '../audit/audit-record';
import type { IdentityRecord } from '../privacy/identity-record';
import type { PersonLookup } from './person-lookup';
import type { ProjectKeys } from './project-keys';
import type { ReidentificationCase, ReidentificationStore } from './reidentification-store';

export interface RevealedPerson {
  /** Ten digits; undefined for a person without a verified number. */
  readonly nhsNumber: string | undefined;
  /** Each provider's own id of the patient. */
  readonly patients: readonly { readonly provider: string; readonly localId: string }[];
}

export interface ReidentificationServices {
  readonly store: Pick<ReidentificationStore, 'request' | 'approve' | 'reveal' | 'cases'>;
  readonly projects: Pick<ProjectKeys, 'personOf'>;
  readonly lookup: Pick<PersonLookup, 'recordsOf' | 'numberOf' | 'persons'>;
  readonly clock: Clock;
}

const minute = 60_000;
/** How long an approval may be used, at most; and how long a request may wait for one. */
const longestApprovalMinutes = 24 * 60;
const longestWait = 7 * 24 * 60 * minute;

/**
 * Back from a project's pseudonym to a person: one asks and says why, another approves for a while, the first sees the answer,
 * once (re-identification without authority is an offence, Data Protection Act 2018 section 171). Every step is in the
 * identity zone's audit; the answer is in no table, no log and no audit record. Who asks (`by`) is a name that somebody proved, who
 * records refusals too: the desk of a stack, by its sign-in, or on one machine a secret (named-operators.ts).
 */
export class Reidentification {
  readonly #services: ReidentificationServices;

  constructor(services: ReidentificationServices) {
    this.#services = services;
  }

  async request(
    by: string,
    { project, token, reason }: Pick<ReidentificationCase, 'project' | 'token' | 'reason'>,
  ): Promise<{ readonly id: string }> {
    if (reason.trim().length < 10)
      throw new LakeError('InvalidArgument', 'Give the reason: who needs to know, and what for.');
    if ((await this.#services.projects.personOf(project, token, this.#services.lookup)) === undefined)
      throw new LakeError('NotFound', 'No person of the lake has this token in this project.');
    const id = randomUUID();
    const requested = this.#services.clock.now().toISOString();
    await this.#services.store.request(
      { id, project, token, reason, requestedBy: by, requested },
      this.#audit('reidentify', 'lake reidentify request', by, 'requested', id),
    );
    return { id };
  }

  /** @param minutes how long the requester may then look. */
  async approve(by: string, id: string, minutes: number): Promise<{ readonly expires: string }> {
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
  }

  async reveal(by: string, id: string): Promise<RevealedPerson> {
    const { store, projects, lookup, clock } = this.#services;
    const { project, token } = await store.reveal(
      id,
      by,
      clock.now().toISOString(),
      this.#audit('reidentify', 'lake reidentify reveal', by, 'revealed', id),
    );
    const person = await projects.personOf(project, token, lookup);
    if (person === undefined) throw new LakeError('NotFound', 'The person is not in the lake any more.');
    const records = await lookup.recordsOf(person);
    return {
      nhsNumber: await lookup.numberOf(person),
      patients: records.map(({ provider, record }) => ({
        provider,
        localId: (JSON.parse(record) as IdentityRecord).localId,
      })),
    };
  }

  /** Requests as anybody at the lake may see them: without token and reason. */
  async list(): Promise<readonly Omit<ReidentificationCase, 'token' | 'reason'>[]> {
    return (await this.#services.store.cases()).map(({ token: _token, reason: _reason, ...rest }) => rest);
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
