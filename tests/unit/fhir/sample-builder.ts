import { codesOf, definitionOf, type ElementDefinition, isPrimitiveCode } from '../../../functions/fhir/definitions';
import type { JsonObject, JsonValue } from '../../../functions/fhir/json';

/** Picks a whole number from 0 to below the bound; the same seed gives the same picks. */
export type Pick = (bound: number) => number;

export function seededPick(seed: number): Pick {
  let state = seed >>> 0 || 1;
  return (bound) => {
    // xorshift32 (Marsaglia 2003): small, and good enough to vary samples.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}

const primitives: Readonly<Record<string, readonly JsonValue[]>> = {
  boolean: [true, false],
  integer: [1, 0, 7],
  unsignedInt: [1, 0, 7],
  positiveInt: [1, 2],
  decimal: [1, 2, 0, 3.5],
  string: ['word', 'two words'],
  markdown: ['word'],
  code: ['word'],
  id: ['a-1'],
  uri: ['http://example.org/a'],
  url: ['http://example.org/a'],
  canonical: ['http://example.org/a'],
  oid: ['urn:oid:1.2.3'],
  uuid: ['urn:uuid:0c3d6a2e-8a5f-4a0e-9a3f-1f6f0e0d9b11'],
  date: ['2024-02-29', '2023-05-01'],
  dateTime: ['2024-02-29T10:00:00Z', '2023-05-01T08:30:00+01:00'],
  instant: ['2024-02-29T10:00:00Z'],
  time: ['10:00:00'],
  base64Binary: ['aGVsbG8='],
  xhtml: ['<div xmlns="http://www.w3.org/1999/xhtml">word</div>'],
};

const openCodes: Readonly<Record<string, readonly [system: string, code: string]>> = {
  'http://hl7.org/fhir/ValueSet/mimetypes': ['urn:ietf:bcp:13', 'text/plain'],
  'http://hl7.org/fhir/ValueSet/currencies': ['urn:iso:std:iso:4217', 'GBP'],
  'http://hl7.org/fhir/ValueSet/ucum-units': ['http://unitsofmeasure.org', 'mg'],
  'http://hl7.org/fhir/ValueSet/languages': ['urn:ietf:bcp:47', 'en'],
};

function boundCode({ binding }: ElementDefinition, pick: Pick): readonly [system: string, code: string] | undefined {
  const open = openCodes[binding?.valueSet ?? ''];
  if (open !== undefined) return open;
  if (binding?.strength !== 'required') return undefined;
  const row = codesOf(binding.valueSet)?.[0];
  return row === undefined ? undefined : [row[0], row[1][pick(row[1].length)]!];
}

/** One value of an element's type, with its required children (and, by `extra`, some others) filled. */
export function sampleValue(
  element: ElementDefinition,
  code: string,
  targets: readonly string[] | undefined,
  pick: Pick,
  extra: number,
  depth = 0,
): JsonValue {
  const bound = boundCode(element, pick);
  if (isPrimitiveCode(code)) {
    if (bound !== undefined) return bound[1];
    const values = primitives[code]!;
    return values[pick(values.length)]!;
  }
  if (code === 'Reference')
    return { reference: `${targets?.find((target) => target !== 'Resource') ?? 'Patient'}/a-1` };
  if (code === 'Ratio') return { numerator: { value: 1 }, denominator: { value: 2 } };
  if (code === 'Extension') return { url: 'http://example.org/extension', valueString: 'word' };
  if (code === 'Resource') return { resourceType: 'Basic', id: 'a-1', code: { text: 'word' } };
  if (code === 'Coding') return bound === undefined ? { code: 'word' } : { system: bound[0], code: bound[1] };
  if (code === 'CodeableConcept')
    return bound === undefined ? { text: 'word' } : { coding: [{ system: bound[0], code: bound[1] }] };
  return sampleObject(code, pick, depth > 4 ? 0 : extra, depth + 1);
}

export function keyOf(element: ElementDefinition, code: string): string {
  return element.choice ? `${element.name}${code.charAt(0).toUpperCase()}${code.slice(1)}` : element.name;
}

export function sampleProperty(
  element: ElementDefinition,
  type: number,
  pick: Pick,
  extra: number,
  depth = 0,
): readonly [key: string, value: JsonValue] {
  const { code, targets } = element.types[type % element.types.length]!;
  const value = sampleValue(element, code, targets, pick, extra, depth);
  return [keyOf(element, code), element.max > 1 ? [value] : value];
}

const plumbing = new Set(['id', 'extension', 'modifierExtension', 'contained', 'meta', 'text', 'implicitRules']);

/** An object of a type with its required elements; each optional one comes with a chance of `extra` in a hundred. */
export function sampleObject(type: string, pick: Pick, extra = 0, depth = 0): JsonObject {
  const elements = [...definitionOf(type)!.elements.values()].filter(({ types }) => types.length > 0);
  const object: JsonObject = {};
  const add = (element: ElementDefinition): void => {
    const [key, value] = sampleProperty(element, pick(16), pick, extra, depth);
    object[key] = value;
  };
  for (const element of elements) {
    if (element.min > 0 || (!plumbing.has(element.name) && pick(100) < extra)) add(element);
  }
  // An object holds something: the first element that is the type's own.
  const own = elements.find(({ name }) => !plumbing.has(name));
  if (Object.keys(object).length === 0 && own !== undefined) add(own);
  return object;
}

export function sampleResource(type: string, pick: Pick, extra = 0): JsonObject {
  return { resourceType: type, ...sampleObject(type, pick, extra) };
}
