import type { LiteralType } from './syntax';

/** Lexical forms of literals: those of the FHIR primitives (https://hl7.org/fhir/R4/datatypes.html). */
const forms: Readonly<Record<Exclude<LiteralType, 'string'>, RegExp>> = {
  boolean: /^(?:true|false)$/,
  integer: /^-?[0-9]{1,18}$/,
  decimal: /^-?[0-9]{1,18}(?:\.[0-9]{1,18})?$/,
  date: /^[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?$/,
  dateTime:
    /^[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2}))?)?)?$/,
  time: /^[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?$/,
};

export function isLexical(type: LiteralType, text: string): boolean {
  if (type === 'string') return !text.includes('\u0000');
  if (!forms[type].test(text)) return false;
  const [, month = '01', day = '01'] = /^[0-9]{4}(?:-([0-9]{2}))?(?:-([0-9]{2}))?/.exec(text) ?? [];
  return type !== 'date' && type !== 'dateTime' ? true : Number(month) <= 12 && Number(month) > 0 && Number(day) <= 31;
}
