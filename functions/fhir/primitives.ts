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
  if (year < 1 || month < 1 || month > 12 || day < 1) return false;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return day <= (month === 2 && leap ? 29 : monthDays[month - 1]!);
}

/** `count` decimal digits from `at` on as a number, -1 when one of them is no digit. */
function digits(text: string, at: number, count: number): number {
  let value = 0;
  for (let index = at; index < at + count; index += 1) {
    const digit = text.charCodeAt(index) - 48;
    if (!(digit >= 0 && digit <= 9)) return -1;
    value = value * 10 + digit;
  }
  return value;
}

const hyphen = 45;

function isDate(text: string): boolean {
  const { length } = text;
  const year = digits(text, 0, 4);
  if (length === 4) return year > 0;
  if (text.charCodeAt(4) !== hyphen) return false;
  const month = digits(text, 5, 2);
  if (length === 7) return isDay(year, month, 1);
  return length === 10 && text.charCodeAt(7) === hyphen && isDay(year, month, digits(text, 8, 2));
}

const clock =
  /^T([01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)$/;

const isInstant = (text: string): boolean =>
  text.length > 10 && isDate(text.slice(0, 10)) && clock.test(text.slice(10));

function isInteger(text: string, least: number): boolean {
  const pattern = least < 0 ? /^-?(?:0|[1-9][0-9]*)$/ : /^(?:0|[1-9][0-9]*)$/;
  return pattern.test(text) && Number(text) >= least && Number(text) <= 2147483647;
}

/**
 * White space as the published patterns mean it, so that a no-break space counts as text. They leave vertical tab and form
 * feed out of a string; one of nothing but white space is only advised against (datatypes.html#string: SHOULD).
 */
const hasText = /[^ \t\n\v\f\r]/;
/** Of the characters below U+0020 a string has tab, line feed and carriage return alone (datatypes.html#string), as XML 1.0 has. */
const controls = /[^\t\n\r -\uffff]/;
const isText = (text: string): boolean => text.length > 0 && text.length <= 1_048_576 && !controls.test(text);
const isUri = (text: string): boolean => /^[!-\uffff]+$/.test(text);

/** RFC 4648 section 4; white space stands between groups of four, as in the published pattern. */
function isBase64(text: string): boolean {
  let count = 0;
  let padding = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if ((code === 32 || (code >= 9 && code <= 13)) && count % 4 === 0) continue;
    if (code === 61) padding += 1;
    else if (
      padding > 0 ||
      !((code >= 65 && code <= 90) || (code >= 97 && code <= 122) || (code >= 47 && code <= 57) || code === 43)
    ) {
      return false;
    }
    count += 1;
  }
  return count > 0 && count % 4 === 0 && padding <= 2;
}

const string = (test: (text: string) => boolean, allowed: string): PrimitiveRule => ({ json: 'string', test, allowed });
const number = (test: (text: string) => boolean, allowed: string): PrimitiveRule => ({ json: 'number', test, allowed });
const moment = 'a date and time with seconds and a zone: YYYY-MM-DDThh:mm:ss+zz:zz';

export const primitiveRules: Readonly<Record<string, PrimitiveRule>> = {
  boolean: { json: 'boolean', test: () => true, allowed: 'true or false' },
  integer: number((text) => isInteger(text, -2147483648), 'a whole number of 32 bits'),
  unsignedInt: number((text) => isInteger(text, 0), 'a whole number from 0 to 2147483647'),
  positiveInt: number((text) => isInteger(text, 1), 'a whole number from 1 to 2147483647'),
  decimal: number((text) => /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/.test(text), 'a decimal number'),
  string: string(isText, 'text that is not empty, at most 1 MB, without control characters'),
  markdown: string(isText, 'text that is not empty, at most 1 MB, without control characters'),
  xhtml: string((text) => hasText.test(text) && !controls.test(text), 'XHTML without control characters'),
  code: string(
    (text) => /^[!-\uffff]+(?:[ \t\n\r][!-\uffff]+)*$/.test(text),
    'a code: not empty, no leading, trailing or double spaces',
  ),
  id: string((text) => /^[A-Za-z0-9\-.]{1,64}$/.test(text), '1 to 64 letters, digits, hyphens and dots'),
  uri: string(isUri, 'a URI without spaces'),
  url: string(isUri, 'a URL without spaces'),
  canonical: string(isUri, 'a canonical URL without spaces'),
  oid: string((text) => /^urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+$/.test(text), 'an OID as urn:oid:…'),
  uuid: string(
    (text) => /^urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text),
    'a UUID in lower case as urn:uuid:…',
  ),
  date: string(isDate, 'a date that exists: YYYY, YYYY-MM or YYYY-MM-DD'),
  dateTime: string((text) => (text.length > 10 ? isInstant(text) : isDate(text)), `a date, or ${moment}`),
  instant: string(isInstant, moment),
  time: string(
    (text) => /^(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?$/.test(text),
    'a time hh:mm:ss',
  ),
  base64Binary: string(isBase64, 'base64 (RFC 4648)'),
};

/** Does a URI start with a scheme (RFC 3986 section 3.1)? */
export const isAbsolute = (uri: string): boolean => /^[A-Za-z][A-Za-z0-9+.-]*:/.test(uri);

/** The text of a JSON value of a primitive, a number letter for letter; undefined when its JSON type is not the rule's. */
export function primitiveText(value: unknown, { json }: PrimitiveRule): string | undefined {
  if (typeof value === json) return json === 'string' ? (value as string) : String(value);
  if (json === 'number' && typeof value === 'object' && value !== null && JSON.isRawJSON(value))
    return (value as { rawJSON: string }).rawJSON;
  return undefined;
}

/** The number a JSON value stands for, also when it is kept as its text. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'object' && value !== null && JSON.isRawJSON(value)
    ? Number((value as { rawJSON: string }).rawJSON)
    : undefined;
}
