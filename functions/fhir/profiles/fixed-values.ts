import { isJsonObject, type JsonValue } from '../json';

const plain = (value: JsonValue | undefined): unknown =>
  value !== null && typeof value === 'object' && JSON.isRawJSON(value)
    ? Number((value as unknown as { rawJSON: string }).rawJSON)
    : value;

/** fixed[x]: the value must be exactly this, nothing more. */
export function isFixed(value: JsonValue | undefined, fixed: JsonValue): boolean {
  if (Array.isArray(fixed))
    return (
      Array.isArray(value) && value.length === fixed.length && fixed.every((item, index) => isFixed(value[index], item))
    );
  if (isJsonObject(fixed)) {
    const keys = Object.keys(fixed);
    return (
      isJsonObject(value) &&
      Object.keys(value).length === keys.length &&
      keys.every((key) => isFixed(value[key], fixed[key]!))
    );
  }
  return plain(value) === plain(fixed);
}

/** pattern[x]: the value must hold at least this; every item of a pattern's list is found in the value's. */
export function hasPattern(value: JsonValue | undefined, pattern: JsonValue): boolean {
  if (Array.isArray(pattern))
    return Array.isArray(value) && pattern.every((wanted) => value.some((item) => hasPattern(item, wanted)));
  if (isJsonObject(pattern))
    return isJsonObject(value) && Object.keys(pattern).every((key) => hasPattern(value[key], pattern[key]!));
  return plain(value) === plain(pattern);
}
