/** Formats of the R4 primitive types (https://hl7.org/fhir/R4/datatypes.html), with real calendar days. */
export interface PrimitiveRule {
  readonly json: 'string' | 'number' | 'boolean';
  /** True when the text is right. */
  readonly test: (text: string) => boolean;
  /** What is allowed, for the sender. */
  readonly allowed: string;
}

const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function isDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return day <= (month === 2 && leap ? 29 : monthDays[month - 1]!);
}

const datePattern = /^([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?$/;
const dateTimePattern =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})T([01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)$/;

function isDate(text: string): boolean {
  const parts = datePattern.exec(text);
  return parts !== null && parts[1] !== '0000' && isDay(Number(parts[1]), Number(parts[2] ?? 1), Number(parts[3] ?? 1));
}

function isInstant(text: string): boolean {
  const parts = dateTimePattern.exec(text);
  return parts !== null && parts[1] !== '0000' && isDay(Number(parts[1]), Number(parts[2]), Number(parts[3]));
}

function inRange(text: string, least: number): boolean {
  return /^-?(?:0|[1-9][0-9]*)$/.test(text) && Number(text) >= least && Number(text) <= 2147483647;
}

const isText = (text: string): boolean => /\S/.test(text) && text.length <= 1_048_576;
const isUri = (text: string): boolean => /^\S+$/.test(text);
const string = (test: (text: string) => boolean, allowed: string): PrimitiveRule => ({ json: 'string', test, allowed });
const number = (test: (text: string) => boolean, allowed: string): PrimitiveRule => ({ json: 'number', test, allowed });

export const primitiveRules: Readonly<Record<string, PrimitiveRule>> = {
  boolean: { json: 'boolean', test: () => true, allowed: 'true or false' },
  integer: number((text) => inRange(text, -2147483648), 'a whole number of 32 bits'),
  unsignedInt: number((text) => inRange(text, 0), 'a whole number from 0 to 2147483647'),
  positiveInt: number((text) => inRange(text, 1), 'a whole number from 1 to 2147483647'),
  decimal: number((text) => /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/.test(text), 'a decimal number'),
  string: string(isText, 'text that is not empty, at most 1 MB'),
  markdown: string(isText, 'text that is not empty, at most 1 MB'),
  xhtml: string(isText, 'XHTML'),
  code: string((text) => /^\S+(?: \S+)*$/.test(text), 'a code: no leading, trailing or double spaces'),
  id: string((text) => /^[A-Za-z0-9\-.]{1,64}$/.test(text), '1 to 64 letters, digits, hyphens and dots'),
  uri: string(isUri, 'a URI without spaces'),
  url: string(isUri, 'a URL without spaces'),
  canonical: string(isUri, 'a canonical URL without spaces'),
  oid: string((text) => /^urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+$/.test(text), 'an OID as urn:oid:…'),
  uuid: string((text) => /^urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text), 'a UUID as urn:uuid:…'),
  date: string(isDate, 'a date that exists: YYYY, YYYY-MM or YYYY-MM-DD'),
  dateTime: string(
    (text) => isDate(text) || isInstant(text),
    'a date, or a date and time with seconds and a zone: YYYY-MM-DDThh:mm:ss+zz:zz',
  ),
  instant: string(isInstant, 'a date and time with seconds and a zone: YYYY-MM-DDThh:mm:ss+zz:zz'),
  time: string(
    (text) => /^(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?$/.test(text),
    'a time hh:mm:ss',
  ),
  base64Binary: string(
    (text) => /^(?:\s*[A-Za-z0-9+/]){0,4}[A-Za-z0-9+/=\s]*$/.test(text) && text.replace(/\s/g, '').length % 4 === 0,
    'base64 (RFC 4648)',
  ),
};
