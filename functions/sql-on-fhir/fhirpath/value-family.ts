/**
 * Families of FHIR primitives (https://hl7.org/fhir/R4/datatypes.html): values of one family compare with each other and
 * share a representation in SQL. Everything that is not a primitive is `complex`.
 */
export type ValueFamily = 'text' | 'boolean' | 'integer' | 'decimal' | 'date' | 'time' | 'complex';

const families: Readonly<Record<string, ValueFamily>> = {
  string: 'text',
  code: 'text',
  id: 'text',
  uri: 'text',
  url: 'text',
  canonical: 'text',
  oid: 'text',
  uuid: 'text',
  markdown: 'text',
  base64Binary: 'text',
  xhtml: 'text',
  boolean: 'boolean',
  integer: 'integer',
  positiveInt: 'integer',
  unsignedInt: 'integer',
  integer64: 'integer',
  decimal: 'decimal',
  date: 'date',
  dateTime: 'date',
  instant: 'date',
  time: 'time',
};

/** The primitive types of FHIR, by their code. */
export const primitiveTypes: readonly string[] = Object.keys(families);

export function familyOf(typeName: string): ValueFamily {
  return Object.hasOwn(families, typeName) ? families[typeName]! : 'complex';
}
