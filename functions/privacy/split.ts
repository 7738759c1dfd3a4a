import { resourceTypes } from '../fhir/definitions';
import type { JsonObject, JsonValue } from '../fhir/json';
import { type IdentityRecord, isPerson, type PersonIdentity, personIdentity } from './identity-record';
import { type PrivacyRules, privacyRules } from './privacy-rules';
import { containedId } from './reference';
import { compartmentRules } from './rules/compartment';
import type { RetentionClass } from './rules/retention-codes';
import { type SensitivityLabel, sensitivitySystem } from './rules/sensitive-codes';
import { type Container, dropped, isObject, type QuarantineReason, type ReportLine, SplitState } from './split-state';
import type { Tokeniser } from './tokens';

export interface SplitContext {
  /** ODS code of the sender: ids are its own. */
  readonly provider: string;
  readonly tokeniser: Tokeniser;
  /**
   * What a reference that is not `Type/id` means in the provider's namespace: urn:uuid of the same Bundle and conditional
   * references (`Type?identifier=system|value`, percent-encoded) to `Type/id`. Undefined drops the reference.
   */
  readonly resolveReference: (reference: string) => string | undefined;
  /** Asked first: `Type/<re-keyed id>` of what only the ledger or the same Bundle knows. */
  readonly rekeyedReference?: (reference: string) => string | undefined;
  /** The re-keyed id, when a business identifier found the resource and the sender's own id for it is not known. */
  readonly id?: string;
  /** The shipped rules unless given. */
  readonly rules?: PrivacyRules;
  /** Another resource of the same message is labelled R or V, so this one must not tell where that person is. */
  readonly restricted?: boolean;
  /** The class of the provider's records, for example `gp`; what the resource itself says can only lengthen it. */
  readonly retention?: RetentionClass;
  /** Day of receipt (YYYY-MM-DD), to tell children from adults. */
  readonly receivedOn?: string;
}

export interface SplitReport {
  /** What was changed, by element and reason, with how often. No values, no names a sender made up. */
  readonly lines: readonly (ReportLine & { readonly count: number })[];
  /** The resource itself is labelled R or V. */
  readonly restricted: boolean;
  /** Location was sent about somebody whose location is protected: an audit event for the operator. */
  readonly protectedLocation: boolean;
}

export type SplitResult =
  | {
      readonly kind: 'split';
      readonly clinical: JsonObject;
      readonly identity: IdentityRecord | undefined;
      /** Re-keyed id of the Patient the resource is about. */
      readonly patientRef: string | undefined;
      readonly retentionClass: RetentionClass;
      readonly sensitive: readonly SensitivityLabel[];
      /** FHIR date or dateTime of what happened. */
      readonly clinicalDate: string | undefined;
      readonly report: SplitReport;
    }
  | { readonly kind: 'quarantine'; readonly reasons: readonly QuarantineReason[] };

const types: ReadonlySet<string> = new Set(resourceTypes);
const defaultRules = privacyRules();
const noneContained: ReadonlyMap<string, string> = new Map();

const confidentiality = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';

/** Confidentiality R (restricted) or V (very restricted) in `meta.security`, the PDS marks of a protected person. */
export function isRestricted(resource: JsonObject): boolean {
  const security = isObject(resource.meta) ? resource.meta.security : undefined;
  if (!Array.isArray(security)) return false;
  return security.some(
    (label) => isObject(label) && label.system === confidentiality && (label.code === 'R' || label.code === 'V'),
  );
}

/** Splits one resource into its clinical copy and the identity it carried. Never throws, never repeats a value. */
export function splitResource(resource: JsonObject, context: SplitContext): SplitResult {
  try {
    return split(resource, context);
  } catch {
    // Fail closed: whatever a rule stumbled over stays in the identity zone. The error may hold values, so it goes no further.
    return { kind: 'quarantine', reasons: [{ code: 'rule-failed', path: 'Resource' }] };
  }
}

function split(resource: JsonObject, context: SplitContext): SplitResult {
  const { resourceType: type, id: localId = context.id } = resource;
  if (typeof type !== 'string' || !types.has(type))
    return { kind: 'quarantine', reasons: [{ code: 'unknown-type', path: 'Resource' }] };
  if (typeof localId !== 'string' || localId === '')
    return { kind: 'quarantine', reasons: [{ code: 'no-id', path: `${type}.id` }] };
  const labelled = isRestricted(resource);
  const restricted = labelled || context.restricted === true || containedResources(resource).some(isRestricted);
  const id = context.id ?? context.tokeniser.rekey(context.provider, type, localId);
  const state = new SplitState({
    provider: context.provider,
    tokeniser: context.tokeniser,
    resolveReference: context.resolveReference,
    rekeyedReference: context.rekeyedReference,
    restricted,
    retention: context.retention ?? 'general',
    container: { type, id, contained: containedTypes(resource) },
  });
  const rules = context.rules ?? defaultRules;
  const people: PersonIdentity[] = [];
  if (isPerson(type)) people.push(personIdentity(type, resource, { id, localId }, context.tokeniser, restricted));
  const clinical = labelledWith(state.sensitive, splitOne(resource, type, id, rules, state, people));
  if (state.quarantine.length > 0) return { kind: 'quarantine', reasons: state.quarantine };
  const compartment = compartmentRules.get(type);
  if (type === 'Patient' && isChild(resource.birthDate, context.receivedOn)) state.holdFor('child');
  return {
    kind: 'split',
    clinical,
    identity: people.length === 0 ? undefined : { provider: context.provider, type, id, localId, people },
    patientRef: type === 'Patient' ? id : patientIn(clinical, compartment?.patient ?? []),
    retentionClass: state.retention,
    sensitive: [...state.sensitive],
    clinicalDate: dateIn(clinical, compartment?.date ?? []),
    report: reportOf(state, labelled),
  };
}

/** Adds what the rules found sensitive to `meta.security`, where marts look. */
function labelledWith(labels: ReadonlySet<SensitivityLabel>, clinical: JsonObject): JsonObject {
  if (labels.size === 0) return clinical;
  const { resourceType, id, meta: sent, ...rest } = clinical;
  const meta = isObject(sent) ? sent : {};
  const security = [
    ...(Array.isArray(meta.security) ? meta.security : []),
    ...[...labels].map((code) => ({ system: sensitivitySystem, code })),
  ];
  return { resourceType, id, meta: { ...meta, security }, ...rest } as JsonObject;
}

const containedResources = (resource: JsonObject): readonly JsonObject[] =>
  Array.isArray(resource.contained) ? resource.contained.filter(isObject) : [];

function containedTypes(resource: JsonObject): Container['contained'] {
  if (resource.contained === undefined) return noneContained;
  const found = new Map<string, string>();
  for (const { id, resourceType } of containedResources(resource)) {
    if (typeof id === 'string' && typeof resourceType === 'string') found.set(id, resourceType);
  }
  return found;
}

/** What every resource has beside its own elements (R4 resource.html, domainresource.html). */
const common: ReadonlySet<string> = new Set([
  'resourceType',
  'id',
  'meta',
  'implicitRules',
  'language',
  'text',
  'contained',
]);

function splitOne(
  resource: JsonObject,
  type: string,
  id: string,
  rules: PrivacyRules,
  state: SplitState,
  people: PersonIdentity[],
): JsonObject {
  const kept: JsonObject = { resourceType: type, id };
  const own: JsonObject = {};
  for (const key of Object.keys(resource)) if (!common.has(key) && key !== '__proto__') own[key] = resource[key];
  // Rules unknown to the lake may change what every element means (R4 resource-definitions.html#Resource.implicitRules).
  if (resource.implicitRules !== undefined || resource._implicitRules !== undefined)
    state.refuse('implicit-rules', `${type}.implicitRules`);
  if (resource.meta !== undefined) {
    const meta = rules.ruleOf('Meta')(resource.meta, state);
    if (meta !== undefined) kept.meta = meta;
  }
  if (resource.language !== undefined) state.count(languageLine);
  if (resource.text !== undefined) state.count(narrativeLine);
  if (resource.contained !== undefined) {
    const contained = splitContained(resource.contained, rules, state, people);
    if (contained.length > 0) kept.contained = contained;
  }
  const inner = rules.resourceRule(type)(own, state);
  return isObject(inner) ? Object.assign(kept, inner) : kept;
}

const languageLine = dropped('Resource.language', 'not-kept');
const narrativeLine = dropped('DomainResource.text', 'narrative');

function splitContained(
  value: JsonValue,
  rules: PrivacyRules,
  state: SplitState,
  people: PersonIdentity[],
): JsonObject[] {
  if (!Array.isArray(value)) {
    state.refuse('structure', 'DomainResource.contained');
    return [];
  }
  return value.flatMap((resource) => {
    const type = isObject(resource) ? resource.resourceType : undefined;
    const localId = isObject(resource) ? resource.id : undefined;
    if (!isObject(resource) || typeof type !== 'string' || !types.has(type)) {
      state.refuse('unknown-type', 'DomainResource.contained');
      return [];
    }
    // Nothing can refer to a contained resource without an id (dom-3), and R4 allows no second level (dom-2).
    if (typeof localId !== 'string' || resource.contained !== undefined) {
      state.refuse('structure', 'DomainResource.contained');
      return [];
    }
    const id = containedId(state, localId);
    if (isPerson(type)) people.push(personIdentity(type, resource, { id, localId }, state.tokeniser, state.restricted));
    return type === 'Location' && state.restricted ? [] : [splitOne(resource, type, id, rules, state, people)];
  });
}

function isChild(birthDate: JsonValue | undefined, receivedOn: string | undefined): boolean {
  if (typeof birthDate !== 'string' || receivedOn === undefined || !/^\d{4}/.test(birthDate)) return false;
  const adulthood = `${Number(birthDate.slice(0, 4)) + 18}${birthDate.slice(4)}`;
  return receivedOn < adulthood;
}

function* valuesAt(value: JsonValue | undefined, path: readonly string[], step: number): Generator<JsonValue> {
  if (value === undefined) return;
  const name = path[step];
  if (name === undefined) yield value;
  else if (name.endsWith('[]')) {
    const items = isObject(value) ? value[name.slice(0, -2)] : undefined;
    if (Array.isArray(items)) for (const item of items) yield* valuesAt(item, path, step + 1);
  } else if (isObject(value)) yield* valuesAt(value[name], path, step + 1);
}

function patientIn(clinical: JsonObject, paths: readonly (readonly string[])[]): string | undefined {
  for (const path of paths) {
    for (const value of valuesAt(clinical, path, 0)) {
      const reference = isObject(value) ? value.reference : undefined;
      if (typeof reference === 'string' && reference.startsWith('Patient/')) return reference.slice('Patient/'.length);
    }
  }
  return undefined;
}

function dateIn(clinical: JsonObject, paths: readonly (readonly string[])[]): string | undefined {
  for (const path of paths)
    for (const value of valuesAt(clinical, path, 0)) if (typeof value === 'string') return value;
  return undefined;
}

function reportOf(state: SplitState, restricted: boolean): SplitReport {
  const lines = [...state.counts].map(([line, count]) => ({ ...line, count }));
  return { lines, restricted, protectedLocation: lines.some((line) => line.reason === 'protected-location') };
}
