import { isLexical } from './fhirpath/lexical-form';
import type { Literal } from './fhirpath/scope';
import type { LiteralType } from './fhirpath/syntax';
import { viewFault } from './view-fault';

/** The types a constant may have (ViewDefinition.constant.value[x]), and what each is in FHIRPath. */
const valueTypes: Readonly<Record<string, LiteralType>> = {
  valueBase64Binary: 'string',
  valueBoolean: 'boolean',
  valueCanonical: 'string',
  valueCode: 'string',
  valueDate: 'date',
  valueDateTime: 'dateTime',
  valueDecimal: 'decimal',
  valueId: 'string',
  valueInstant: 'dateTime',
  valueInteger: 'integer',
  valueInteger64: 'integer',
  valueMarkdown: 'string',
  valueOid: 'string',
  valuePositiveInt: 'integer',
  valueString: 'string',
  valueTime: 'time',
  valueUnsignedInt: 'integer',
  valueUri: 'string',
  valueUrl: 'string',
  valueUuid: 'string',
};

const jsonTypes: Readonly<Partial<Record<LiteralType, string>>> = {
  boolean: 'boolean',
  integer: 'number',
  decimal: 'number',
};

/** The text of a JSON number without an exponent, as SQL and FHIRPath write it. */
function plainNumber(value: number): string {
  const text = String(value);
  return text.includes('e') ? value.toFixed(18).replace(/\.?0+$/, '') : text;
}

/** Reads the `value[x]` of one constant. */
export function constantValue(constant: Readonly<Record<string, unknown>>, location: string): Literal {
  const keys = Object.keys(constant).filter((key) => key.startsWith('value'));
  const key = keys[0];
  if (key === undefined || keys.length > 1 || !Object.hasOwn(valueTypes, key)) {
    throw viewFault(location, `needs exactly one value. Allowed are ${Object.keys(valueTypes).join(', ')}.`);
  }
  const type = valueTypes[key]!;
  const value = constant[key];
  // integer64 is a JSON string in FHIR R5 (https://hl7.org/fhir/R5/json.html#primitive).
  const expected = key === 'valueInteger64' && typeof value === 'string' ? 'string' : (jsonTypes[type] ?? 'string');
  const text = typeof value === 'number' ? plainNumber(value) : String(value);
  const positive = !/Positive|Unsigned/.test(key) || Number(text) >= (key === 'valuePositiveInt' ? 1 : 0);
  if (typeof value !== expected || !isLexical(type, text) || !positive) {
    throw viewFault(`${location}.${key}`, `not a valid ${key.slice('value'.length)}.`);
  }
  return { type, text };
}
