import { definitionOf, propertyOf } from './definitions';
import type { IssueSink, Path } from './issue-sink';
import { isJsonObject, type JsonObject, type JsonValue } from './json';
import type { ConstraintRow } from './table-format';

type Check = (value: JsonObject) => boolean;
const has = (value: JsonObject, ...names: readonly string[]): boolean =>
  names.some((name) => value[name] !== undefined);
const numeric = (value: JsonValue | undefined): number | undefined =>
  typeof value === 'number'
    ? value
    : value !== undefined && JSON.isRawJSON(value)
      ? Number((value as unknown as { rawJSON: string }).rawJSON)
      : undefined;
const ordered = (low: JsonValue | undefined, high: JsonValue | undefined): boolean =>
  typeof low !== 'string' ||
  typeof high !== 'string' ||
  low.slice(0, Math.min(low.length, high.length, 10)) <= high.slice(0, Math.min(low.length, high.length, 10));
const codesIn = (concept: JsonValue | undefined): string[] =>
  isJsonObject(concept) && Array.isArray(concept.coding)
    ? concept.coding.filter(isJsonObject).map(({ system, code }) => `${String(system)}|${String(code)}`)
    : [];

/** Invariants written out because every message meets them; the key is the one of the R4 definition. */
const native: Readonly<Record<string, Check>> = {
  'per-1': ({ start, end }) => ordered(start, end),
  'qty-3': (value) => !has(value, 'code') || has(value, 'system'),
  'rng-2': ({ low, high }) => {
    const [least, most] = [low, high].map((one) => (isJsonObject(one) ? numeric(one.value) : undefined));
    return least === undefined || most === undefined || least <= most;
  },
  'rat-1': (value) =>
    has(value, 'numerator') === has(value, 'denominator') && (has(value, 'numerator') || has(value, 'extension')),
  'cpt-2': (value) => !has(value, 'value') || has(value, 'system'),
  'att-1': (value) => !has(value, 'data') || has(value, 'contentType'),
  'pat-1': (value) => has(value, 'name', 'telecom', 'address', 'organization'),
  'obs-3': (value) => has(value, 'low', 'high', 'text'),
  'obs-6': (value) =>
    !has(value, 'dataAbsentReason') ||
    !Object.keys(value).some((key) => propertyOf('Observation', key)?.element.name === 'value'),
  'obs-7': (value) => {
    const own = codesIn(value.code);
    const hasValue = Object.keys(value).some((key) => propertyOf('Observation', key)?.element.name === 'value');
    const components = Array.isArray(value.component) ? value.component.filter(isJsonObject) : [];
    return (
      !hasValue ||
      own.length === 0 ||
      !components.some((component) => codesIn(component.code).some((code) => own.includes(code)))
    );
  },
  'con-3': () => true,
  'con-4': (value) =>
    !Object.keys(value).some((key) => key.startsWith('abatement')) ||
    codesIn(value.clinicalStatus).some((code) => /\|(?:resolved|remission|inactive)$/.test(code)),
  'con-5': (value) =>
    !codesIn(value.verificationStatus).some((code) => code.endsWith('|entered-in-error')) ||
    !has(value, 'clinicalStatus'),
  'ait-1': (value) =>
    codesIn(value.verificationStatus).some((code) => code.endsWith('|entered-in-error')) ||
    has(value, 'clinicalStatus'),
  'ait-2': (value) =>
    !codesIn(value.verificationStatus).some((code) => code.endsWith('|entered-in-error')) ||
    !has(value, 'clinicalStatus'),
  'org-1': (value) => has(value, 'identifier', 'name'),
};

/** Checked elsewhere: by structure, by Bundle rules, or met by construction. */
const elsewhere = /^(?:ele-1|ext-1|dom-[2-6]|bdl-\d+|txt-[12]|ref-1)$/;

type Compiled = (resource: unknown) => boolean;
const compiled = new Map<string, Compiled | undefined>();

/** The rare invariants run as FHIRPath; the library is loaded when the first of them is met. Tracing prints nothing. */
function fhirPathCheck(type: string, expression: string): Compiled | undefined {
  const name = `${type} ${expression}`;
  if (!compiled.has(name)) {
    const fhirpath = require('fhirpath') as typeof import('fhirpath');
    const model = require('fhirpath/fhir-context/r4') as Parameters<typeof fhirpath.compile>[1];
    const evaluate = fhirpath.compile({ base: type, expression }, model, { async: false, traceFn: () => undefined });
    compiled.set(name, (resource) => {
      try {
        const result = evaluate(resource, { resource }) as unknown[];
        return result.length === 0 || result[0] !== false;
      } catch {
        // Functions that only a terminology server could answer do not decide.
        return true;
      }
    });
  }
  return compiled.get(name);
}

/** Plain JSON for the FHIRPath engine, which does not know numbers kept as text. */
const plain = (value: JsonObject): JsonObject => JSON.parse(JSON.stringify(value)) as JsonObject;

export function checkInvariants(resource: JsonObject, type: string, path: Path, sink: IssueSink): void {
  checkContained(resource, path, sink);
  walk(resource, type, definitionOf(type)?.constraints ?? [], path, sink);
}

function walk(
  value: JsonObject,
  type: string,
  constraints: readonly ConstraintRow[],
  path: Path,
  sink: IssueSink,
): void {
  for (const [key, severity, expression] of constraints) {
    if (severity !== 'error' || elsewhere.test(key)) continue;
    const check = native[key] ?? fhirPathCheck(type, expression);
    const holds = native[key] === undefined ? (check?.(plain(value) as never) ?? true) : native[key]!(value);
    if (!holds) sink.error('invariant', path, `The rule ${key} of FHIR R4 does not hold: ${expression}`);
  }
  for (const [name, item] of Object.entries(value)) {
    if (typeof item !== 'object' || item === null || name === 'contained') continue;
    const property = propertyOf(type, name);
    if (property === undefined || property.sibling || property.type.code === 'Resource') continue;
    const { code } = property.type;
    const own = [...property.element.constraints, ...(definitionOf(code)?.constraints ?? [])];
    const at = { parent: path, step: name };
    const items = Array.isArray(item) ? item : [item];
    for (const [index, one] of items.entries()) {
      if (isJsonObject(one)) walk(one, code, own, Array.isArray(item) ? { parent: at, step: index } : at, sink);
    }
  }
}

function* fragments(value: JsonValue | undefined): Generator<string> {
  if (Array.isArray(value)) for (const item of value) yield* fragments(item);
  else if (isJsonObject(value)) {
    for (const [name, item] of Object.entries(value)) {
      if ((name === 'reference' || name.startsWith('value')) && typeof item === 'string' && item.startsWith('#'))
        yield item.slice(1);
      else if (typeof item === 'object') yield* fragments(item);
    }
  }
}

/** Contained resources: not nested (dom-2), without version or security label (dom-4, dom-5), referred to (dom-3); fragments resolve (ref-1). */
function checkContained(resource: JsonObject, path: Path, sink: IssueSink): void {
  const contained = (Array.isArray(resource.contained) ? resource.contained : []).filter(isJsonObject);
  if (resource.resourceType === 'Bundle' || resource.resourceType === 'Parameters') return;
  const ids = new Set(contained.map(({ id }) => String(id)));
  const referred = new Set(fragments(resource));
  for (const fragment of referred) {
    if (fragment !== '' && !ids.has(fragment))
      sink.error('invariant', path, 'A reference within the resource points to no contained resource (ref-1).');
  }
  for (const [index, one] of contained.entries()) {
    const at: Path = { parent: { parent: path, step: 'contained' }, step: index };
    if (one.contained !== undefined)
      sink.error('invariant', at, 'A contained resource must not contain another (dom-2).');
    const pointsBack = [...fragments(one)].includes('');
    if (!referred.has(String(one.id)) && !pointsBack)
      sink.error('invariant', at, 'A contained resource must be referred to from the resource around it (dom-3).');
    if (isJsonObject(one.meta) && has(one.meta, 'versionId', 'lastUpdated'))
      sink.error('invariant', at, 'A contained resource has no version and no lastUpdated (dom-4).');
    if (isJsonObject(one.meta) && has(one.meta, 'security'))
      sink.error('invariant', at, 'A contained resource has no security label (dom-5).');
  }
}
