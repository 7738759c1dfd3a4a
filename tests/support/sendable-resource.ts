import type { JsonObject, JsonValue } from '../../functions/fhir/json';
import type { OperationOutcomeIssue } from '../../functions/fhir/operation-outcome';
import { Validator } from '../../functions/fhir/validator';
import { buildResource } from '../unit/privacy/resource-builder';

const validator = new Validator();
const maxSteps = 80;

type Holder = Record<string | number, JsonValue>;

/** Faults that refuse a resource at the API; what an unknown modifier extension costs is decided by the split. */
const faultsOf = (resource: JsonObject): readonly OperationOutcomeIssue[] =>
  validator
    .validate(resource)
    .filter(({ severity, code }) => (severity === 'error' || severity === 'fatal') && code !== 'extension');

/** `A.b[0].value.ofType(Quantity).unit` as keys: b, 0, valueQuantity, unit. */
function keysOf(expression: string): (string | number)[] {
  const keys: (string | number)[] = [];
  for (const [, type, index, name] of expression.matchAll(/ofType\((\w+)\)|\[(\d+)\]|(\w+)/g)) {
    if (type !== undefined) keys.push(`${String(keys.pop())}${type.charAt(0).toUpperCase()}${type.slice(1)}`);
    else keys.push(index === undefined ? name! : Number(index));
  }
  return keys.slice(1);
}

/** What stands at the keys, or at the longest beginning of them that exists. */
function placeOf(
  resource: JsonObject,
  keys: readonly (string | number)[],
): { path: Holder[]; keys: (string | number)[] } {
  const path: Holder[] = [resource as Holder];
  const found: (string | number)[] = [];
  for (const key of keys) {
    const next = path.at(-1)![key];
    if (next === undefined) break;
    found.push(key);
    if (typeof next !== 'object' || next === null) break;
    path.push(next as Holder);
  }
  return { path, keys: found };
}

function takeOut(holder: Holder, key: string | number): void {
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key];
}

/** Leaves no empty object or list behind: FHIR knows neither. */
function prune(value: JsonValue): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const holder = value as Holder;
  for (const key of Array.isArray(value) ? [...value.keys()].reverse() : Object.keys(value))
    if (prune(holder[key]!)) takeOut(holder, key);
  return Object.keys(value).length === 0;
}

/** The copy without one element that leaves the fewest faults, if any leaves fewer: children of the place first, then it and what holds it. */
function lighter(resource: JsonObject, expression: string, faults: number): JsonObject | undefined {
  const { keys } = placeOf(resource, keysOf(expression));
  for (let depth = keys.length; depth >= 0; depth -= 1) {
    const { path } = placeOf(resource, keys.slice(0, depth));
    const holder = path.length > depth ? path[depth]! : {};
    let best: JsonObject | undefined;
    let fewest = faults;
    for (const child of Object.keys(holder)) {
      if (child === 'resourceType' || child === 'id') continue;
      const copy = structuredClone(resource);
      const inside = placeOf(copy, keys.slice(0, depth)).path[depth]!;
      takeOut(inside, Array.isArray(inside) ? Number(child) : child);
      prune(copy);
      const left = faultsOf(copy).length;
      if (left < fewest) [best, fewest] = [copy, left];
    }
    if (best !== undefined) return best;
  }
  return undefined;
}

const coded = (system: string, code: string): JsonObject => ({
  coding: [{ system: `http://terminology.hl7.org/CodeSystem/${system}`, code }],
});

/** A value that FHIR wants beside others, where taking elements away mends nothing. */
const instead: Readonly<Record<string, JsonObject>> = {
  Linkage: {
    item: [
      { type: 'source', resource: { reference: 'Patient/one' } },
      { type: 'alternate', resource: { reference: 'Patient/two' } },
    ],
  },
  MolecularSequence: { coordinateSystem: 0 },
  AllergyIntolerance: {
    clinicalStatus: coded('allergyintolerance-clinical', 'active'),
    verificationStatus: coded('allergyintolerance-verification', 'confirmed'),
  },
  StructureDefinition: {
    kind: 'resource',
    abstract: false,
    type: 'Patient',
    baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
    derivation: 'constraint',
    snapshot: {
      element: [
        {
          id: 'Patient',
          path: 'Patient',
          definition: 'seen in clinic',
          min: 0,
          max: '*',
          base: { path: 'Patient', min: 0, max: '*' },
        },
      ],
    },
    differential: { element: [{ id: 'Patient', path: 'Patient', definition: 'seen in clinic' }] },
  },
};

/** Mends by what the validator says until it accepts: a reference to an allowed type, else one element fewer. */
export function mended(broken: JsonObject): JsonObject | undefined {
  let resource = broken;
  for (let step = 0; step < maxSteps; step += 1) {
    const faults = faultsOf(resource);
    if (faults.length === 0) return resource;
    if (faults.filter((fault) => pointElsewhere(resource, fault)).length > 0) continue;
    const next = lighter(resource, faults[0]!.expression?.[0] ?? '', faults.length);
    if (next === undefined) return undefined;
    resource = next;
  }
  return undefined;
}

function pointElsewhere(resource: JsonObject, { diagnostics, expression }: OperationOutcomeIssue): boolean {
  const place = placeOf(resource, keysOf(expression?.[0] ?? '')).path.at(-1)!;
  const allowed = /type that is not allowed here. Allowed are: (\w+)/.exec(diagnostics)?.[1];
  if (allowed === undefined || typeof place.reference !== 'string') return false;
  Object.assign(place, { reference: `${allowed}/one-2.3`, type: allowed });
  return true;
}

const sendable = new Map<string, JsonObject | undefined>();

/** A resource with as many of its elements as a valid one can have: searched for once, given as a copy. */
export function sendableResource(type: string, variant: number): JsonObject | undefined {
  const name = `${type} ${variant}`;
  if (!sendable.has(name))
    sendable.set(name, mended(Object.assign(buildResource(type, variant).resource, structuredClone(instead[type]))));
  return structuredClone(sendable.get(name));
}
