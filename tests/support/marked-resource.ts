import { definitionOf, propertyOf } from '../../functions/fhir/definitions';
import type { JsonObject, JsonValue } from '../../functions/fhir/json';
import { quantityKinds, textTypes, wholes } from './kept-elements';
import { digits, marker, markerBase64, markerHex } from './markers';

/** The marker in the shape each primitive type asks for, so that the validator has nothing against it. */
const shaped: Readonly<Record<string, string>> = {
  string: `${marker} 943 476 5919`,
  markdown: `*${marker}* ${digits} ${markerHex} ${markerBase64}`,
  uri: `http://example.org/${marker}/${digits}`,
  url: `https://example.org/${marker}?n=${digits}`,
  canonical: `http://example.org/Thing/${marker}`,
  oid: `urn:oid:1.2.${digits}`,
  uuid: `urn:uuid:${markerHex.slice(0, 8)}-${markerHex.slice(8, 12)}-${markerHex.slice(12, 16)}-${markerHex.slice(16, 20)}-${markerHex.slice(20)}0000`,
  id: marker,
  base64Binary: Buffer.from(`Dear ${marker}, your number is ${digits}.`).toString('base64'),
  xhtml: `<div xmlns="http://www.w3.org/1999/xhtml"><p>${marker}</p> ${digits}</div>`,
  code: marker,
};

/** Which strings carry the marker. */
export type Marking =
  /** Those the rules do not keep: what they keep can be counted afterwards. */
  | 'not-kept'
  /** Each that its type allows to say anything. */
  | 'free'
  /** Each, valid or not: codes, dates, times, ids. */
  | 'every';

function mark(value: JsonValue, typeName: string, marking: Marking): JsonValue {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => mark(item, typeName, marking));
  const whole = wholes[typeName] ?? (quantityKinds.has(typeName) ? ['unit', 'system', 'code'] : []);
  const marked: JsonObject = {};
  for (const [key, inner] of Object.entries(value)) {
    if (inner === undefined) continue;
    const property = propertyOf(typeName, key);
    marked[key] = inner;
    if (property === undefined || property.sibling) continue;
    const { code } = property.type;
    if (definitionOf(code)?.kind !== 'primitive') {
      marked[key] = mark(inner, code, marking);
      continue;
    }
    if (typeName === 'Reference' && key === 'reference' && marking === 'free') {
      marked[key] = `${String(inner).split('/')[0]}/${marker}`;
      continue;
    }
    const text = shaped[code] ?? (marking === 'every' ? marker : undefined);
    const free = textTypes.has(code) || (code === 'code' && property.element.binding?.strength !== 'required');
    const spared = marking === 'not-kept' && (whole.includes(key) || !textTypes.has(code));
    if (text === undefined || spared || (marking !== 'every' && !free)) continue;
    if (typeof inner === 'string') marked[key] = text;
    else if (Array.isArray(inner)) marked[key] = inner.map((item) => (typeof item === 'string' ? text : item));
  }
  return marked;
}

/** A copy of a resource with the marker in its strings, its own id left as it is unless every string is meant. */
export function markedResource(resource: JsonObject, marking: Marking): JsonObject {
  const copy = mark(resource, String(resource.resourceType), marking) as JsonObject;
  return marking === 'every' ? copy : { ...copy, id: resource.id ?? 'one' };
}
