import type { Clock } from '../../adapters/ports/clock';
import { LakeError } from '../../adapters/ports/errors';
import type { AuditRecord } from '../audit/audit-record';
import type { JsonValue } from '../fhir/json';
import type { IdentityRecord, PersonIdentity } from '../privacy/identity-record';
import { type OptOutDecision, optOutFilter, type Purpose, purposes } from '../privacy/opt-out';
import type { IdentityRegister } from './identity-register';
import { identityRequestsManifest } from './manifest';
import type { OptOutStore } from './opt-out-store';
import type { PersonLookup } from './person-lookup';
import type { ProjectKeys } from './project-keys';

/** What may be asked of the identity zone. Persons are the random ids of the link table, patients re-keyed ids. */
export type IdentityRequest =
  | { readonly kind: 'links'; readonly patients: readonly string[] }
  | { readonly kind: 'contacts'; readonly persons: readonly string[]; readonly purpose: Purpose }
  | { readonly kind: 'opt-outs'; readonly persons: readonly string[]; readonly purpose: Purpose }
  | { readonly kind: 'project-tokens'; readonly persons: readonly string[]; readonly project: string }
  /** What re-keyed ids, pseudonyms and codes of organisations are called in a project. */
  | { readonly kind: 'project-names'; readonly names: readonly string[]; readonly project: string };

export interface Contact {
  readonly person: string;
  readonly name?: JsonValue | undefined;
  readonly telecom?: JsonValue | undefined;
  readonly address?: JsonValue | undefined;
  /** Languages of the person (R4 Patient.communication). */
  readonly communication?: JsonValue | undefined;
}

export interface IdentityAnswers {
  readonly links: readonly { readonly patient: string; readonly person: string }[];
  /** Who may not be contacted for this purpose is left out; `withheld` counts them. */
  readonly contacts: { readonly contacts: readonly Contact[]; readonly withheld: number };
  readonly 'opt-outs': readonly { readonly person: string; readonly decision: OptOutDecision }[];
  readonly 'project-tokens': readonly { readonly person: string; readonly token: string }[];
  /** In the order asked. */
  readonly 'project-names': readonly string[];
}

/** Who may ask what, as the manifest names them. */
const mayAsk = identityRequestsManifest.trigger.kind === 'request' ? identityRequestsManifest.trigger.from : {};

export interface RequestServices {
  readonly lookup: Pick<PersonLookup, 'personsOf' | 'recordsOf'>;
  readonly optOuts: Pick<OptOutStore, 'about'>;
  readonly projects: Pick<ProjectKeys, 'tokensOf' | 'namesOf'>;
  readonly register: Pick<IdentityRegister, 'record'>;
  readonly clock: Clock;
}

/**
 * The identity zone's answers to the other functions. The caller's name is what the host has authenticated, never part of the
 * request. Each answer and each refusal is in the zone's audit before it is given.
 */
export class IdentityRequests {
  readonly #services: RequestServices;

  constructor(services: RequestServices) {
    this.#services = services;
  }

  /** @throws LakeError `PermissionDenied` for a caller that may not ask this; `PreconditionFailed` when an opt-out list is missing or stale. */
  async ask<Request extends IdentityRequest>(
    caller: string,
    request: Request,
  ): Promise<IdentityAnswers[Request['kind']]> {
    if (!Object.hasOwn(mayAsk, caller) || !mayAsk[caller]!.includes(request.kind)) {
      const known = Object.hasOwn(mayAsk, caller) ? caller : 'unknown';
      await this.#record(known, request.kind, { result: 'denied', code: 'not-allowed' }, 0);
      throw new LakeError(
        'PermissionDenied',
        'This function may not ask that of the identity zone. The list of who may ask what is in functions/identity/manifest.ts.',
      );
    }
    try {
      const answer = await this.#answer(request);
      await this.#record(caller, request.kind, { result: 'allowed', code: 'answered' }, askedAbout(request));
      return answer as IdentityAnswers[Request['kind']];
    } catch (error) {
      await this.#record(caller, request.kind, { result: 'failed', code: 'not-answered' }, 0);
      throw error;
    }
  }

  async #answer(request: IdentityRequest): Promise<IdentityAnswers[IdentityRequest['kind']]> {
    const { lookup, projects } = this.#services;
    switch (request.kind) {
      case 'links':
        return [...(await lookup.personsOf(request.patients))].map(([patient, person]) => ({ patient, person }));
      case 'contacts':
        return this.#contacts(request.persons, request.purpose);
      case 'opt-outs': {
        const decide = await this.#filter(request.persons, request.purpose);
        return request.persons.map((person) => ({ person, decision: decide(person) }));
      }
      case 'project-tokens':
        return projects.tokensOf(request.project, request.persons);
      case 'project-names':
        return projects.namesOf(request.project, request.names);
    }
  }

  async #filter(persons: readonly string[], purpose: Purpose): Promise<(person: string) => OptOutDecision> {
    const { optOuts, clock } = this.#services;
    const { lists, longestAgeDays } = await optOuts.about(persons);
    return optOutFilter(purpose, lists, { longestAgeDays }, clock.now());
  }

  async #contacts(persons: readonly string[], purpose: Purpose): Promise<IdentityAnswers['contacts']> {
    const decide = await this.#filter(persons, purpose);
    const contacts: Contact[] = [];
    for (const person of persons) {
      if (decide(person).kind === 'exclude') continue;
      const records = await this.#services.lookup.recordsOf(person);
      const people = records.flatMap(({ record }): PersonIdentity[] => {
        const [first] = (JSON.parse(record) as IdentityRecord).people;
        return first === undefined ? [] : [first];
      });
      const contact = contactOf(person, people);
      if (contact !== undefined) contacts.push(contact);
    }
    return { contacts, withheld: persons.length - contacts.length };
  }

  #record(
    caller: string,
    kind: IdentityRequest['kind'],
    outcome: AuditRecord['outcome'],
    asked: number,
  ): Promise<void> {
    return this.#services.register.record({
      recorded: this.#services.clock.now().toISOString(),
      event: kind === 'contacts' ? 'disclose' : 'query',
      action: `identity:${kind}`,
      agent: { kind: 'function', id: caller },
      outcome,
      entities: [{ type: kind === 'project-names' ? 'name' : 'person', count: asked }],
      purpose: kind === 'contacts' ? 'TREAT' : 'HOPERAT',
    });
  }
}

function askedAbout(request: IdentityRequest): number {
  if ('patients' in request) return request.patients.length;
  return 'names' in request ? request.names.length : request.persons.length;
}

/**
 * The newest telling of each detail. Nobody whose whereabouts any provider protects (confidentiality R or V, as PDS marks them),
 * and nobody who died, is contacted at all.
 */
function contactOf(person: string, people: readonly PersonIdentity[]): Contact | undefined {
  const isDead = (deceased: JsonValue | undefined): boolean => deceased !== undefined && deceased !== false;
  if (people.some(({ restricted, deceased }) => restricted || isDead(deceased))) return undefined;
  const newest = (name: 'name' | 'telecom' | 'address' | 'communication'): JsonValue | undefined =>
    people.find((one) => one[name] !== undefined)?.[name];
  const contact = {
    person,
    name: newest('name'),
    telecom: newest('telecom'),
    address: newest('address'),
    communication: newest('communication'),
  };
  return contact.telecom === undefined && contact.address === undefined ? undefined : contact;
}

const kinds: readonly string[] = [
  'links',
  'contacts',
  'opt-outs',
  'project-tokens',
  'project-names',
] satisfies IdentityRequest['kind'][];
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every((one) => typeof one === 'string');

/**
 * What another process asks, checked.
 *
 * @throws LakeError `InvalidArgument`, repeating nothing of it.
 */
export function identityRequestOf(value: unknown): IdentityRequest {
  const { kind, patients, persons, names, purpose, project } = (value ?? {}) as Partial<Record<string, unknown>>;
  const whole =
    (kind === 'links' && isTexts(patients)) ||
    (kind === 'project-tokens' && isTexts(persons) && typeof project === 'string') ||
    (kind === 'project-names' && isTexts(names) && typeof project === 'string') ||
    (isTexts(persons) && (kind === 'contacts' || kind === 'opt-outs') && purposes.some((one) => one === purpose));
  if (!whole)
    throw new LakeError(
      'InvalidArgument',
      `The identity zone does not know this request. It takes ${kinds.join(', ')}, each with its lists of ids and its purpose or project.`,
    );
  return value as IdentityRequest;
}
