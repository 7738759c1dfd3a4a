import { isJsonObject, type JsonObject, type JsonValue, parseJsonText } from '../../functions/fhir/json';
import type { Pick } from '../unit/fhir/sample-builder';

/** What must come back in no answer. */
export const marker = 'MARKER7731';

/** JSON text of values that no element has, or not there; `1.00` is kept as its text and is an object without a prototype. */
const junk: readonly string[] = [
  'null',
  '{}',
  '[]',
  '[[]]',
  '[null]',
  '""',
  `"${marker}"`,
  `"2020-${marker}"`,
  `"${marker}   "`,
  '"\\u0000"',
  'true',
  '"constructor"',
  '"__proto__"',
  '"PUT"',
  '"Patient?identifier=http://example.org/a|b"',
  '-1',
  '1.00',
  '[1.00]',
  '1e400',
  '{"system":1.00,"code":{}}',
  '{"coding":[{"system":1.00,"code":1.00}]}',
  '{"start":{},"end":[]}',
  '{"resourceType":1.00}',
  `{"resourceType":"${marker}"}`,
  `{"reference":"${marker}/1"}`,
  `{"extension":[{"url":"http://example.org/${marker}","valueString":1.00}]}`,
  `{"${marker}":"${marker}"}`,
  '[{"id":{}},{"id":1.00}]',
];

function placesOf(value: JsonValue, found: [owner: JsonObject | JsonValue[], key: string | number][] = []) {
  if (Array.isArray(value))
    for (const [index, item] of value.entries()) {
      found.push([value, index]);
      placesOf(item, found);
    }
  else if (isJsonObject(value))
    for (const [key, item] of Object.entries(value)) {
      found.push([value, key]);
      placesOf(item as JsonValue, found);
    }
  return found;
}

/** Puts something that does not belong at one or two places of a resource: a value, a `_` half, an unknown name. */
export function spoil(resource: JsonObject, pick: Pick): void {
  for (let count = 0; count <= pick(2); count += 1) {
    const places = placesOf(resource);
    const [owner, key] = places[pick(places.length)]!;
    const value = parseJsonText(junk[pick(junk.length)]!);
    if (Array.isArray(owner)) owner[key as number] = value;
    else owner[['', '_', marker][Math.max(0, pick(6) - 3)] + String(key)] = value;
  }
}
