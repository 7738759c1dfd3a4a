import { isJsonObject, type JsonObject, type JsonValue } from '../../../functions/fhir/json';
import type { Pick } from '../../unit/fhir/sample-builder';

/** A resource changed somewhere, for better or worse: nobody says beforehand whether it is valid still. */
export interface BlindEdit {
  readonly kind: string;
  readonly path: string;
  readonly resource: JsonObject;
}

interface Place {
  readonly owner: JsonObject;
  readonly key: string;
  readonly path: string;
}

function placesOf(object: JsonObject, path: string): Place[] {
  return Object.entries(object).flatMap(([key, value]) => {
    if (key === 'resourceType' || key === 'div' || key === 'meta') return [];
    const here = `${path}.${key}`;
    const items = Array.isArray(value) ? value : [value];
    return [
      { owner: object, key, path: here },
      ...items.flatMap((item) => (isJsonObject(item) ? placesOf(item, here) : [])),
    ];
  });
}

/** Changes the value, or gives undefined where this kind of edit does not apply. */
type Edit = (value: JsonValue, place: Place) => JsonValue | undefined;

const only = (value: JsonValue, change: (one: JsonValue) => JsonValue | undefined): JsonValue | undefined => {
  if (!Array.isArray(value)) return change(value);
  const changed = value[0] === undefined ? undefined : change(value[0]);
  return changed === undefined ? undefined : [changed, ...value.slice(1)];
};

const edits: Readonly<Record<string, Edit>> = {
  'left out': (_, { owner, key }) => {
    delete owner[key];
    return owner[key] ?? null;
  },
  'given twice': (value) => (Array.isArray(value) && value.length > 0 ? [...value, value[0]!] : undefined),
  'another word': (value) => only(value, (one) => (typeof one === 'string' ? 'another' : undefined)),
  'another address': (value) =>
    only(value, (one) =>
      typeof one === 'string' && /^(?:https?|urn):/.test(one) ? 'https://example.org/another' : undefined,
    ),
  'another number': (value) => only(value, (one) => (typeof one === 'number' ? one * 2 + 1 : undefined)),
  'only its first part': (value) =>
    only(value, (one) => {
      if (!isJsonObject(one)) return undefined;
      const [first] = Object.entries(one);
      return first === undefined || Object.keys(one).length < 2 ? undefined : { [first[0]]: first[1] };
    }),
};

/** Each kind of edit at one picked place of a resource, each in a copy of its own. */
export function blindEditsOf(resource: JsonObject, pick: Pick): BlindEdit[] {
  const count = placesOf(resource, '').length;
  return Object.entries(edits).flatMap(([kind, edit]) => {
    for (let tries = 0; tries < 20; tries += 1) {
      const copy = structuredClone(resource);
      const place = placesOf(copy, String(resource.resourceType))[pick(count)]!;
      const changed = edit(place.owner[place.key]!, place);
      if (changed === undefined) continue;
      if (kind !== 'left out') place.owner[place.key] = changed;
      return [{ kind, path: place.path, resource: copy }];
    }
    return [];
  });
}
