import { codesOf, type PropertyDefinition } from '../fhir/definitions';
import type { ElementRule } from './element-rules';
import { type DatePrecision, generaliseDate } from './generalise';
import {
  isCurrency,
  isDate,
  isDateTime,
  isIdentifyingNumber,
  isItemNumber,
  isLanguage,
  isMimeType,
  isResultWord,
  isSamples,
  isTime,
  type LeafTest,
} from './leaf-formats';
import { type DropReason, dropped, numberText, type ReportLine, type ValueRule } from './split-state';
import { pseudonymPrefix } from './tokens';

export interface PrimitiveOptions {
  readonly birthDate: DatePrecision;
  readonly deceased: DatePrecision;
  readonly profiles: ReadonlySet<string>;
}

const dateTests: Readonly<Record<string, LeafTest>> = {
  date: isDate,
  dateTime: isDateTime,
  instant: isDateTime,
  time: isTime,
};
const numbers: ReadonlySet<string> = new Set(['decimal', 'integer', 'positiveInt', 'unsignedInt']);

/** Required bindings to standards without a list in R4: BCP 13 and ISO 4217; language is preferred only, BCP 47 decides. */
const openBindings: Readonly<Record<string, LeafTest>> = {
  'http://hl7.org/fhir/ValueSet/mimetypes': isMimeType,
  'http://hl7.org/fhir/ValueSet/currencies': isCurrency,
  'http://hl7.org/fhir/ValueSet/languages': isLanguage,
};

function stringRule(path: string, test: LeafTest, reason: DropReason): ValueRule {
  const line = dropped(path, reason);
  return (value, state) => {
    if (typeof value !== 'string') return state.refuse('structure', path);
    return test(value) ? value : state.count(line);
  };
}

function numberRule(path: string): ValueRule {
  const line = dropped(path, 'identifying-value');
  return (value, state) => {
    const text = numberText(value);
    if (text === undefined) return state.refuse('structure', path);
    return isIdentifyingNumber(Number(text)) ? state.count(line) : value;
  };
}

function booleanRule(path: string): ValueRule {
  return (value, state) => (typeof value === 'boolean' ? value : state.refuse('structure', path));
}

function generalisedDateRule(path: string, precision: DatePrecision): ValueRule {
  const generalised: ReportLine = { path, action: 'generalised', reason: 'date' };
  const line = dropped(path, 'format');
  return (value, state) => {
    if (typeof value !== 'string') return state.refuse('structure', path);
    const coarse = isDateTime(value) ? generaliseDate(value, precision) : undefined;
    state.count(coarse === undefined ? line : generalised);
    return coarse;
  };
}

/** A text as `urn:nhs-data-lake:pseudonym:<element>:<token>`: equal texts of one element stay equal and nothing can be read. */
function tokenRule(path: string, staysAsItIs: LeafTest = () => false): ValueRule {
  const tokenised: ReportLine = { path, action: 'tokenised', reason: 'pseudonym' };
  // A questionnaire's url and what its answers call it must become the same token, so one namespace serves all canonicals.
  const namespace = /\.(?:url|questionnaire|measure)$/.test(path) ? 'canonical' : path.replace(/^.*\./, '');
  return (value, state) => {
    if (typeof value !== 'string') return state.refuse('structure', path);
    if (staysAsItIs(value)) return value;
    state.count(tokenised);
    return `${pseudonymPrefix}${namespace}:${state.tokeniser.tokenFor(pseudonymPrefix + namespace, value)}`;
  };
}

function codeTest(valueSet: string | undefined): LeafTest | undefined {
  if (valueSet === undefined) return undefined;
  const open = openBindings[valueSet];
  if (open !== undefined) return open;
  const codes = codesOf(valueSet);
  if (codes === undefined) return undefined;
  const list = new Set(codes.flatMap(([, inner]) => inner));
  return (text) => list.has(text);
}

/** Rules for a primitive that its row names. Undefined: no rule can tell its values from text, so the element is dropped. */
export function primitiveRule(
  path: string,
  property: PropertyDefinition,
  rule: ElementRule,
  options: PrimitiveOptions,
): ValueRule | undefined {
  const { code } = property.type;
  const { treatment } = rule;
  if (code === 'boolean') return booleanRule(path);
  if (numbers.has(code)) return numberRule(path);
  if (code in dateTests) {
    if (treatment === 'birthDate' || treatment === 'deceased') return generalisedDateRule(path, options[treatment]);
    return stringRule(path, dateTests[code] as LeafTest, 'format');
  }
  if (code === 'code') {
    const test = codeTest(property.element.binding?.valueSet);
    return test === undefined ? undefined : stringRule(path, test, 'not-a-code');
  }
  if (treatment === 'tokenise') return tokenRule(path);
  if (treatment === 'linkId') return tokenRule(path, isItemNumber);
  if (treatment === 'resultWord' && code === 'string') return stringRule(path, isResultWord, 'free-text');
  if (treatment === 'samples') return stringRule(path, isSamples, 'format');
  if (treatment === 'profile') return stringRule(path, profileTest(options.profiles), 'not-on-the-list');
  return undefined;
}

/** A canonical may end in |version (R4 references.html#canonical). */
const profileTest =
  (profiles: ReadonlySet<string>): LeafTest =>
  (text) => {
    const [url = '', version, ...rest] = text.split('|');
    return (
      rest.length === 0 &&
      profiles.has(url) &&
      (version === undefined || /^[0-9]{1,3}(?:\.[0-9]{1,3}){0,2}$/.test(version))
    );
  };
