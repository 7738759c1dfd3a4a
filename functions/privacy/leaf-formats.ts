import { hasNhsCheckDigit, looksLikeNhsNumber } from './nhs-number';

/**
 * Tests that a string leaf is what its type says and cannot carry prose. Each is stricter than FHIR where FHIR lets text
 * through. They hold on their own: the split does not lean on the validation before it.
 */
export type LeafTest = (text: string) => boolean;

/** Codes that ICU has a name for. Made at the first use: every start of a process would wait for ICU's names. */
export function codesWithName(type: 'language' | 'region'): LeafTest {
  let names: Intl.DisplayNames | undefined;
  return (text) => {
    names ??= new Intl.DisplayNames('en', { type, fallback: 'none' });
    return names.of(text) !== undefined;
  };
}

const isLanguageName = codesWithName('language');
const datePart = '[0-9]{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?)?';
const clock = '(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\\.[0-9]{1,9})?';
const zone = '(?:Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])';

const date = new RegExp(`^${datePart}$`);
const dateTime = new RegExp(`^${datePart}(?:T${clock}${zone})?$`);
const time = new RegExp(`^${clock}$`);
const language = /^[a-z]{2,3}(?:-[A-Z]{2})?$/;
const currencies = new Set(Intl.supportedValuesOf('currency'));
const mimeTypes = new Set(
  'application/dicom application/fhir+json application/fhir+xml application/gzip application/hl7-v3+xml application/json application/msword application/octet-stream application/pdf application/rtf application/vnd.openxmlformats-officedocument.wordprocessingml.document application/xml application/zip audio/mpeg audio/ogg audio/wav audio/x-wav image/bmp image/gif image/jpeg image/jpg image/png image/svg+xml image/tiff image/webp text/csv text/html text/plain text/rtf text/xml video/mp4 video/mpeg video/quicktime'.split(
    ' ',
  ),
);

// datatypes.html#SampledData: decimals, E (error), U (above), L (below), apart by one space.
const sample = /^(?:[+-]?[0-9]{1,7}(?:\.[0-9]{1,6})?|E|U|L)$/;

/** Laboratories send these as valueString where a code was meant; each is a whole result, none can be part of a sentence. */
const resultWords = new Set(
  'positive negative detected not detected present absent normal abnormal high low reactive non-reactive nonreactive equivocal indeterminate inconclusive borderline trace nil none yes no true false pending void haemolysed clotted insufficient scanty moderate profuse heavy light + ++ +++ ++++ - +/- pos neg'
    .replace('not detected', 'not_detected')
    .split(' ')
    .map((word) => word.replace('not_detected', 'not detected')),
);
const resultNumber = /^[<>]?=?\s?[0-9]{1,6}(?:\.[0-9]{1,4})?$|^1:[0-9]{1,5}$/;

const mimeBase = /^([^;\s]+)(?:;\s?charset=(?:utf-8|us-ascii|iso-8859-1))?$/i;

export const isDate: LeafTest = (text) => date.test(text);
export const isDateTime: LeafTest = (text) => dateTime.test(text);
export const isTime: LeafTest = (text) => time.test(text);
export const isCurrency: LeafTest = (text) => currencies.has(text);
export const isMimeType: LeafTest = (text) => mimeTypes.has((mimeBase.exec(text)?.[1] ?? '').toLowerCase());
/** Ten digits with a point among them may be an NHS number all the same. */
export const isResultWord: LeafTest = (text) =>
  (resultNumber.test(text) && !looksLikeNhsNumber(text)) || resultWords.has(text.toLowerCase());
/** `1`, `2.4.1`: how questionnaires number their items; a longer linkId is tokenised instead. */
export const isItemNumber: LeafTest = (text) =>
  /^[0-9]{1,3}(?:\.[0-9]{1,3}){0,5}$/.test(text) && !looksLikeNhsNumber(text);
/** A handful of numbers could be an NHS number written 3-3-4; a real series is longer and cannot be searched for one by chance. */
export const isSamples: LeafTest = (text) => {
  const parts = text.split(' ');
  return parts.every((part) => sample.test(part)) && (parts.length > 9 || !holdsSpacedNhsNumber(parts));
};

function holdsSpacedNhsNumber(parts: readonly string[]): boolean {
  return parts.some((_part, at) => looksLikeNhsNumber(parts.slice(at, at + 3).join('')));
}

/** BCP 47 as health records use it: a language that ICU knows, with or without a country. */
export const isLanguage: LeafTest = (text) =>
  language.test(text) && isLanguageName(text.slice(0, text.length > 3 ? text.indexOf('-') : 3));

// Versions of code systems: releases, dates, and SNOMED CT editions by module and date (SNOMED CT URI standard).
const version =
  /^(?:v?[0-9]{1,4}(?:[.-][0-9]{1,3}){0,3}|(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01]))$/;
const snomedVersion = /^http:\/\/snomed\.info\/sct\/([0-9]{6,18})(?:\/version\/20[0-9]{6})?$/;

export const isSystemVersion: LeafTest = (text) =>
  (version.test(text) && text.replace(/[^0-9]/g, '').length < 10) ||
  isSnomedConcept(snomedVersion.exec(text)?.[1] ?? '');

const verhoeffTimes = [
  '0123456789',
  '1234067895',
  '2340178956',
  '3401289567',
  '4012395678',
  '5987604321',
  '6598710432',
  '7659821043',
  '8765932104',
  '9876543210',
].map((row) => [...row].map(Number));
const verhoeffTurns = [
  '0123456789',
  '1576283094',
  '5803796142',
  '8916043527',
  '9453126870',
  '4286573901',
  '2793806415',
  '7046913258',
].map((row) => [...row].map(Number));

/** Verhoeff's dihedral check (J. Verhoeff, Error detecting decimal codes, 1969), as SNOMED CT identifiers carry it. */
export function hasVerhoeffCheckDigit(digits: string): boolean {
  let check = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - index) - 48;
    check = verhoeffTimes[check]![verhoeffTurns[index % 8]![digit]!]!;
  }
  return check === 0;
}

const conceptId = /^[1-9][0-9]{3,15}[01]0[0-9]$/;

/** A SNOMED CT concept (partition 00 or 10, release file specification section 6); never ten digits that could be an NHS number. */
export const isSnomedConcept: LeafTest = (text) =>
  conceptId.test(text) && hasVerhoeffCheckDigit(text) && !looksLikeNhsNumber(text);

const loincTerm = /^[0-9]{1,7}-[0-9]$/;
// Answers, answer lists, parts and groups: their last digit follows another scheme (LA6576-8), the form alone must do.
const loincPart = /^L[ALPG][0-9]{1,6}-[0-9]$/;

/** LOINC terms end in a mod 10 (Luhn) check digit (LOINC users' guide, appendix B). */
export function isLoincCode(text: string): boolean {
  if (loincPart.test(text)) return true;
  if (!loincTerm.test(text)) return false;
  const digits = text.replace(/[^0-9]/g, '');
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - index) - 48;
    const doubled = index % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** A number that is ten digits with an NHS check digit is no measurement anybody takes; it is dropped as an identifier. */
export function isIdentifyingNumber(value: number): boolean {
  return value >= 1e9 && value < 1e10 && Number.isInteger(value) && hasNhsCheckDigit(String(value));
}
