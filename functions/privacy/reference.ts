import { resourceTypes } from '../fhir/definitions';
import type { JsonObject, JsonValue } from '../fhir/json';
import { publicIdentifierSystems } from './rules/identifier-systems';
import { dropped, isObject, type RuleSource, type SplitState, type ValueRule } from './split-state';

const types: ReadonlySet<string> = new Set(resourceTypes);
const literal = /^([A-Z][A-Za-z]{2,40})\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/;

const lines = {
  reference: dropped('Reference.reference', 'unresolved-reference'),
  location: dropped('Reference.reference', 'protected-location'),
  type: dropped('Reference.type', 'not-on-the-list'),
  identifier: dropped('Reference.identifier', 'identifier'),
  display: dropped('Reference.display', 'display'),
  id: dropped('Reference.id', 'technical'),
  other: dropped('Reference.(unknown)', 'unknown-element'),
};

/** The logical id of a contained resource: local to its container, so its pseudonym must be too. */
export function containedId(state: SplitState, localId: string): string {
  const { type, id } = state.container;
  return state.tokeniser.rekey(state.provider, `${type}#`, `${id}#${localId}`);
}

/** `Type/<re-keyed id>` or `#<re-keyed id>`; undefined when the reference leads nowhere the lake knows. */
function rekeyed(reference: string, state: SplitState): string | undefined {
  if (reference.startsWith('#')) {
    const localId = reference.slice(1);
    if (localId === '') return '#';
    const type = state.container.contained.get(localId);
    return type === undefined || (type === 'Location' && state.restricted)
      ? undefined
      : `#${containedId(state, localId)}`;
  }
  const known = state.rekeyedReference?.(reference);
  if (known !== undefined)
    return known.startsWith('Location/') && state.restricted ? state.count(lines.location) : known;
  const match = literal.exec(reference) ?? literal.exec(state.resolveReference(reference) ?? '');
  const [, type, id] = match ?? [];
  if (type === undefined || id === undefined || !types.has(type)) return undefined;
  if (type === 'Location' && state.restricted) return state.count(lines.location);
  return `${type}/${state.tokeniser.rekey(state.provider, type, id)}`;
}

/** A logical reference, as the conditional reference the ledger can answer (R4 http.html#trules). */
function conditionalForm(value: JsonObject, target: string | undefined): string | undefined {
  const type = typeof value.type === 'string' && types.has(value.type) ? value.type : target;
  const identifier = value.identifier;
  if (type === undefined || !isObject(identifier)) return undefined;
  if (typeof identifier.system !== 'string' || typeof identifier.value !== 'string') return undefined;
  return `${type}?identifier=${encodeURIComponent(identifier.system)}|${encodeURIComponent(identifier.value)}`;
}

function publicIdentifier(value: JsonValue | undefined): JsonObject | undefined {
  if (!isObject(value) || typeof value.system !== 'string' || typeof value.value !== 'string') return undefined;
  return publicIdentifierSystems.get(value.system)?.test(value.value) === true
    ? { system: value.system, value: value.value }
    : undefined;
}

/**
 * Reference (R4 references.html#Reference). `display` is how names leave a record most often, so it never stays; a logical
 * reference is resolved through the ledger, and of identifiers only those of organisations stay.
 * @param target the resource type, when the element allows exactly one.
 */
export function referenceRule(source: RuleSource, target: string | undefined): ValueRule {
  const extensions = source.extensions('Reference.extension');
  return (value, state) => {
    if (!isObject(value)) return state.refuse('structure', 'Reference');
    const kept: JsonObject = {};
    for (const key of Object.keys(value)) {
      const item = value[key];
      if (item === undefined || key === 'reference' || key === 'identifier') continue;
      if (key === 'type' && typeof item === 'string' && types.has(item)) kept.type = item;
      else if (key === 'extension') {
        const inner = extensions(item, state);
        if (inner !== undefined) kept.extension = inner;
      } else
        state.count(
          key === 'display' ? lines.display : key === 'type' ? lines.type : key === 'id' ? lines.id : lines.other,
        );
    }
    const sent = value.reference ?? conditionalForm(value, target);
    if (sent !== undefined) {
      if (typeof sent !== 'string') return state.refuse('structure', 'Reference.reference');
      const reference = rekeyed(sent, state);
      if (reference !== undefined) kept.reference = reference;
      else if (value.reference !== undefined) state.count(lines.reference);
    }
    const identifier = publicIdentifier(value.identifier);
    if (identifier !== undefined) kept.identifier = identifier;
    else if (value.identifier !== undefined) state.count(lines.identifier);
    // A type alone says nothing about anybody; without a target there is no reference.
    return kept.reference === undefined && kept.identifier === undefined && kept.extension === undefined
      ? undefined
      : kept;
  };
}
