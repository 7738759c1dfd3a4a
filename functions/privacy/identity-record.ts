import type { JsonObject, JsonValue } from '../fhir/json';
import {
  isNhsNumberSystem,
  isVerificationStatus,
  type NhsNumberReading,
  readNhsNumber,
  type VerificationStatus,
} from './nhs-number';
import { isObject } from './split-state';
import { normaliseIdentifier, type Tokeniser } from './tokens';

/** An identifier as the identity zone looks it up. */
interface KnownIdentifier {
  readonly system: string;
  /** NHS numbers as ten digits, others as sent. */
  readonly value: string;
  readonly use?: string;
  readonly period?: JsonObject;
  /** Token under the current key: what the ledger's index holds for the same identifier. */
  readonly token: string;
}

interface ClaimedNhsNumber {
  readonly reading: NhsNumberReading;
  /** UK Core verification status; undefined when the sender gave none, which is never enough to join a person. */
  readonly status: VerificationStatus | undefined;
  /** `old` marks a superseded number: it finds the person, the other one names them. */
  readonly use?: string;
}

/** What the split took out about one person, in queryable form; the sealed original holds the rest. */
export interface PersonIdentity {
  readonly type: 'Patient' | 'RelatedPerson' | 'Practitioner' | 'Person';
  /** Re-keyed id, as in the clinical copy. */
  readonly id: string;
  /** The id the sender wrote: with it the re-map of a key rotation finds the new one, unless an identifier found the resource. */
  readonly localId: string;
  readonly identifiers: readonly KnownIdentifier[];
  readonly nhsNumbers: readonly ClaimedNhsNumber[];
  /** The sender stated why there is no NHS number. */
  readonly nhsNumberUnavailable: boolean;
  /** Confidentiality R or V: location fields are absent here too, and outreach must not use the record. */
  readonly restricted: boolean;
  readonly active?: JsonValue;
  readonly name?: JsonValue;
  readonly telecom?: JsonValue;
  readonly address?: JsonValue;
  readonly gender?: JsonValue;
  readonly birthDate?: JsonValue;
  readonly deceased?: JsonValue;
  readonly communication?: JsonValue;
  readonly contact?: JsonValue;
  readonly generalPractitioner?: JsonValue;
  readonly managingOrganization?: JsonValue;
  readonly relationship?: JsonValue;
  readonly patient?: JsonValue;
  readonly link?: JsonValue;
  /** Extensions as sent: contact preference, birth place and time, mother's maiden name and the like. */
  readonly extension?: JsonValue;
}

export interface IdentityRecord {
  readonly provider: string;
  /** The resource the people were found in: themselves, or what contains them. */
  readonly type: string;
  readonly id: string;
  readonly localId: string;
  readonly people: readonly PersonIdentity[];
}

const personTypes: ReadonlySet<string> = new Set(['Patient', 'RelatedPerson', 'Practitioner', 'Person']);
const everywhere = [
  'active',
  'name',
  'gender',
  'birthDate',
  'communication',
  'relationship',
  'patient',
  'link',
] as const;
/** Say where a person lives, is registered or can be found. Contacts and extensions may hold addresses deep inside. */
const locating = ['telecom', 'address', 'contact', 'generalPractitioner', 'managingOrganization', 'extension'] as const;

const verification = /NHSNumberVerificationStatus/;
const unavailable = /NHSNumberUnavailableReason/;

export const isPerson = (type: string): type is PersonIdentity['type'] => personTypes.has(type);

const list = (value: JsonValue | undefined): readonly JsonObject[] =>
  Array.isArray(value) ? value.filter(isObject) : isObject(value) ? [value] : [];

function statusOf(identifier: JsonObject): VerificationStatus | undefined {
  for (const extension of list(identifier.extension)) {
    if (typeof extension.url !== 'string' || !verification.test(extension.url)) continue;
    for (const coding of list(
      isObject(extension.valueCodeableConcept) ? extension.valueCodeableConcept.coding : undefined,
    )) {
      if (isVerificationStatus(coding.code)) return coding.code;
    }
  }
  return undefined;
}

/** Business identifiers of a resource that can be looked up: both system and value are text without control characters. */
function lookUps(resource: JsonObject): { system: string; value: string; identifier: JsonObject }[] {
  return list(resource.identifier).flatMap((identifier) => {
    const { system, value } = identifier;
    return typeof system === 'string' && typeof value === 'string' && !system.includes('\x1f')
      ? [{ system, value, identifier }]
      : [];
  });
}

export function personIdentity(
  type: PersonIdentity['type'],
  resource: JsonObject,
  ids: { readonly id: string; readonly localId: string },
  tokeniser: Tokeniser,
  restricted: boolean,
): PersonIdentity {
  const identifiers = lookUps(resource).map(({ system, value, identifier }): KnownIdentifier => {
    const { use, period } = identifier;
    return {
      ...normaliseIdentifier(system, value),
      ...(typeof use === 'string' ? { use } : {}),
      ...(isObject(period) ? { period } : {}),
      token: tokeniser.tokenFor(system, value),
    };
  });
  const nhsNumbers = lookUps(resource)
    .filter(({ system }) => isNhsNumberSystem(system))
    .map(
      ({ value, identifier }): ClaimedNhsNumber => ({
        reading: readNhsNumber(value),
        status: statusOf(identifier),
        ...(typeof identifier.use === 'string' ? { use: identifier.use } : {}),
      }),
    );
  const details: Record<string, JsonValue> = {};
  for (const name of [...everywhere, ...(restricted ? [] : locating)]) {
    const value = resource[name];
    if (value !== undefined) details[name] = value;
  }
  const deceased = resource.deceasedDateTime ?? resource.deceasedBoolean;
  if (deceased !== undefined) details.deceased = deceased;
  const nhsNumberUnavailable = list(resource.extension).some(
    ({ url }) => typeof url === 'string' && unavailable.test(url),
  );
  return { type, ...ids, identifiers, nhsNumbers, nhsNumberUnavailable, restricted, ...details };
}

export interface IdentityToken {
  readonly type: string;
  readonly token: string;
}

/**
 * The tokens under which the ledger finds a resource again (conditional references, `ifNoneExist`): one per business
 * identifier with a system, people's and others alike. Under the current key; look-ups ask `tokensFor`.
 */
export function identityTokens(resource: JsonObject, tokeniser: Tokeniser): readonly IdentityToken[] {
  const type = resource.resourceType;
  if (typeof type !== 'string') return [];
  return lookUps(resource).map(({ system, value }) => ({ type, token: tokeniser.tokenFor(system, value) }));
}
