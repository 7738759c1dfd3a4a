import { isJsonObject, type JsonObject, textOf } from '../json';
import { numberOf } from '../primitives';
import { mayBeOrdered } from './date-order';
import { has, hasChoice, objectAt, objectsAt } from './element-access';

export type NativeInvariant = (value: JsonObject) => boolean;

const ucum = 'http://unitsofmeasure.org';

/** A code wherever there is a value, in UCUM where a system is named: what Age, Count and Distance share. */
const unitIsUcum = (value: JsonObject): boolean =>
  (has(value, 'code') || !has(value, 'value')) && (!has(value, 'system') || value.system === ucum);

const numberText = (value: unknown): string =>
  JSON.isRawJSON(value) ? (value as { rawJSON: string }).rawJSON : typeof value === 'number' ? String(value) : '';

const together = (value: JsonObject, one: string, other: string): boolean => !has(value, one) || has(value, other);

const notNegative = (value: JsonObject, name: string): boolean => (numberOf(value[name]) ?? 0) >= 0;

const exactlyOne = (left: boolean, right: boolean): boolean => left !== right;

/** Invariants of the R4 data types, each the meaning of the published FHIRPath of its key. */
export const dataTypeInvariants: Readonly<Record<string, NativeInvariant>> = {
  'per-1': ({ start, end }) => mayBeOrdered(start, end),
  'qty-3': (value) => together(value, 'code', 'system'),
  'sqty-1': (value) => !has(value, 'comparator'),
  'age-1': (value) => unitIsUcum(value) && (value.value === undefined || (numberOf(value.value) ?? 1) > 0),
  'dis-1': unitIsUcum,
  'cnt-3': (value) =>
    unitIsUcum(value) &&
    (!has(value, 'code') || value.code === '1') &&
    (value.value === undefined || !numberText(value.value).includes('.')),
  'drt-1': (value) => !has(value, 'code') || (value.system === ucum && has(value, 'value')),
  // Amounts in different units are not compared: without a unit service nothing can be said of them.
  'rng-2': (value) => {
    const [low, high] = [objectAt(value, 'low'), objectAt(value, 'high')];
    if (low === undefined || high === undefined) return true;
    if (low.system !== high.system || low.code !== high.code || low.unit !== high.unit) return true;
    return (numberOf(low.value) ?? Number.NEGATIVE_INFINITY) <= (numberOf(high.value) ?? Number.POSITIVE_INFINITY);
  },
  'rat-1': (value) =>
    has(value, 'numerator') === has(value, 'denominator') && (has(value, 'numerator') || has(value, 'extension')),
  'cpt-2': (value) => together(value, 'value', 'system'),
  'att-1': (value) => together(value, 'data', 'contentType'),
  'exp-1': (value) => has(value, 'expression', 'reference'),
  'drq-1': (value) => exactlyOne(has(value, 'path'), has(value, 'searchParam')),
  'drq-2': (value) => exactlyOne(has(value, 'path'), has(value, 'searchParam')),
  'tim-1': (value) => together(value, 'duration', 'durationUnit'),
  'tim-2': (value) => together(value, 'period', 'periodUnit'),
  'tim-4': (value) => notNegative(value, 'duration'),
  'tim-5': (value) => notNegative(value, 'period'),
  'tim-6': (value) => together(value, 'periodMax', 'period'),
  'tim-7': (value) => together(value, 'durationMax', 'duration'),
  'tim-8': (value) => together(value, 'countMax', 'count'),
  'tim-9': (value) =>
    !has(value, 'offset') ||
    (has(value, 'when') &&
      !(Array.isArray(value.when) ? value.when : []).some((code) => ['C', 'CM', 'CD', 'CV'].includes(textOf(code)))),
  'tim-10': (value) => !has(value, 'timeOfDay') || !has(value, 'when'),
  'trd-1': (value) => !has(value, 'data') || !hasChoice(value, 'timing'),
  'trd-2': (value) => together(value, 'condition', 'data'),
  'trd-3': (value) => {
    const type = textOf(value.type);
    return (
      (type !== 'named-event' || has(value, 'name')) &&
      (type !== 'periodic' || hasChoice(value, 'timing')) &&
      (!type.startsWith('data-') || has(value, 'data'))
    );
  },
  'org-2': (value) => value.use !== 'home',
  'org-3': (value) => value.use !== 'home',
  'ras-1': (value) =>
    ['low', 'high'].every((name) => {
      const bound = objectAt(value, name);
      return bound === undefined || (bound.code === '%' && bound.system === ucum);
    }),
  'inv-1@Parameters.parameter': (value) => {
    const content = exactlyOne(hasChoice(value, 'value'), has(value, 'resource'));
    return has(value, 'part') ? !hasChoice(value, 'value') && !has(value, 'resource') : content;
  },
  // R4 asks for UCUM per cent; a bare decimal is a fraction or a per cent up to 100.
  'ras-2': (value) => (numberOf(value.probabilityDecimal) ?? 0) <= 100,
  'gol-1': (value) => !hasChoice(value, 'detail') || has(value, 'measure'),
  'obs-3': (value) => has(value, 'low', 'high', 'text'),
  'md-1': ({ max }) => max === undefined || max === '*' || Number(max) > 0,
  'lnk-1': (value) => objectsAt(value, 'item').length > 1,
  'ctm-1': (value) => {
    // Only a member whose type can be read from the reference can be told to be no Practitioner.
    const member = value.member;
    const type = isJsonObject(member)
      ? (member.type ?? /^([A-Z][A-Za-z]+)\//.exec(textOf(member.reference))?.[1])
      : undefined;
    return !has(value, 'onBehalfOf') || type === undefined || type === 'Practitioner';
  },
};
