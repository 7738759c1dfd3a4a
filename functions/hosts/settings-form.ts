import { LakeError } from '../../adapters/ports/errors';
import { isJsonObject } from '../fhir/json';

type Is = (value: unknown) => boolean;

/** What a field of settings must be, and how that is said to whoever wrote them. */
export type Form = readonly [is: Is, words: string];

export const isText: Is = (value) => typeof value === 'string' && value !== '';
export const isNumber: Is = (value) => Number.isSafeInteger(value);
export const isList =
  (is: Is = () => true): Is =>
  (value) =>
    Array.isArray(value) && value.every(is);
export const isMap =
  (is: Is): Is =>
  (value) =>
    isJsonObject(value) && Object.values(value).every(is);
export const orNone =
  (is: Is): Is =>
  (value) =>
    value === undefined || is(value);
/** An object that has at least these. */
export const has =
  (fields: Readonly<Record<string, Is>>): Is =>
  (value) =>
    isJsonObject(value) && Object.entries(fields).every(([name, is]) => is(value[name]));

/**
 * Whether settings are of the form that a program goes by.
 *
 * @param place where they stand, for whoever has to mend them
 * @throws LakeError `InvalidArgument` with each field that is not right and what it must be; it repeats no value.
 */
export function checkSettings(place: string, value: unknown, fields: Readonly<Record<string, Form>>): void {
  if (!isJsonObject(value))
    throw new LakeError('InvalidArgument', `${place}: a JSON object of ${Object.keys(fields).join(', ')}.`);
  const problems = Object.entries(fields).flatMap(([name, [is, words]]) =>
    is(value[name]) ? [] : [`\n - ${name}: ${words}`],
  );
  if (problems.length > 0) throw new LakeError('InvalidArgument', `${place} is not right:${problems.join('')}`);
}
