import { isJsonObject, type JsonObject, type JsonValue } from '../json';

/** FHIRPath's `exists()` of children: a primitive exists also when only its `_` half is there. */
export function has(value: JsonObject, ...names: readonly string[]): boolean {
  return names.some((name) => value[name] !== undefined || value[`_${name}`] !== undefined);
}

/** `exists()` of a choice element: `value[x]` is any `valueQuantity`, `_valueString` and so on. */
export function hasChoice(value: JsonObject, name: string): boolean {
  const { length } = name;
  return Object.keys(value).some((key) => {
    const at = key.charCodeAt(0) === 95 ? 1 : 0;
    const next = key.charCodeAt(at + length);
    return next >= 65 && next <= 90 && key.startsWith(name, at);
  });
}

export const objectAt = (value: JsonObject, name: string): JsonObject | undefined => {
  const found = value[name];
  return isJsonObject(found) ? found : undefined;
};

export const objectsAt = (value: JsonObject, name: string): readonly JsonObject[] => {
  const found = value[name];
  return Array.isArray(found) ? found.filter(isJsonObject) : isJsonObject(found) ? [found] : [];
};

/** Number of children by a name, `null` in a list counted, since its `_` half is a value. */
export const countAt = (value: JsonObject, name: string): number => {
  const found = value[name] ?? value[`_${name}`];
  return Array.isArray(found) ? found.length : found === undefined ? 0 : 1;
};

export const codingsAt = (value: JsonObject, name: string): readonly JsonObject[] =>
  objectsAt(value, name).flatMap((concept) => objectsAt(concept, 'coding'));

/** Is one of the codings of a concept this code of this system? */
export const hasCoding = (value: JsonObject, name: string, system: string, codes: readonly JsonValue[]): boolean =>
  codingsAt(value, name).some((coding) => coding.system === system && codes.includes(coding.code ?? null));
