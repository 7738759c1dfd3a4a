import { brotliDecompressSync } from 'node:zlib';
import { type CodeRows, type ConstraintRow, type ElementRow, type TypeTable, tableLines } from './table-format';
import { packedTables } from './tables/r4-tables';

/**
 * The R4 definitions as tables, read from the compact form the generator makes (functions/fhir/generator). Backbone
 * elements are types named by their path (`Patient.contact`), and a contentReference is such a name already.
 */
export type FhirTypeKind = 'resource' | 'complex' | 'backbone' | 'primitive';

export interface ElementType {
  readonly code: string;
  /** Resource types a Reference may point to. */
  readonly targets?: readonly string[];
}

export interface Binding {
  /** `required`, `extensible`, `preferred` or `example`. */
  readonly strength: string;
  /** Canonical URL without version. */
  readonly valueSet: string;
  /** The set outside of which no code is right, whatever the strength (extension elementdefinition-maxValueSet). */
  readonly maximum?: string;
}

/** Types a binding applies to (https://hl7.org/fhir/R4/terminologies.html#4.1); a choice may hold others. */
export const boundTypes: ReadonlySet<string> = new Set([
  'code',
  'string',
  'uri',
  'Coding',
  'CodeableConcept',
  'Quantity',
]);

export interface ElementDefinition {
  /** JSON base name without [x], for example `value`. */
  readonly name: string;
  readonly choice: boolean;
  readonly types: readonly ElementType[];
  readonly min: number;
  /** Infinity for *. */
  readonly max: number;
  readonly isModifier: boolean;
  readonly isSummary: boolean;
  readonly binding?: Binding;
  readonly constraints: readonly ConstraintRow[];
}

export interface TypeDefinition {
  readonly name: string;
  readonly kind: FhirTypeKind;
  readonly base?: string;
  readonly elements: ReadonlyMap<string, ElementDefinition>;
  readonly constraints: readonly ConstraintRow[];
  /** The published regular expression of a primitive. */
  readonly pattern?: string;
}

export interface PropertyDefinition {
  readonly element: ElementDefinition;
  readonly type: ElementType;
  /** True for the `_x` sibling of a primitive. */
  readonly sibling: boolean;
}

const strengths = { r: 'required', e: 'extensible', p: 'preferred', x: 'example' } as const;

const tables = tableLines(brotliDecompressSync(Buffer.from(packedTables, 'base64')).toString('utf8'));
const built = new Map<string, TypeDefinition>();
const codes = new Map<string, CodeRows>();
const properties = new Map<string, Map<string, PropertyDefinition>>();

function elementOf(row: ElementRow): ElementDefinition {
  return {
    name: row.n,
    choice: row.c === 1,
    types: row.t.map(([code, targets]) => (targets === undefined ? { code } : { code, targets })),
    min: row.min ?? 0,
    max: row.max === -1 ? Number.POSITIVE_INFINITY : (row.max ?? 1),
    isModifier: row.m === 1,
    isSummary: row.s === 1,
    ...(row.b === undefined ? {} : { binding: bindingOf(row.b) }),
    constraints: row.k ?? [],
  };
}

function bindingOf([strength, valueSet, maximum]: NonNullable<ElementRow['b']>): Binding {
  return { strength: strengths[strength], valueSet, ...(maximum === undefined ? {} : { maximum }) };
}

/** The definition of a resource, data type or backbone path; built at first use. */
export function definitionOf(name: string): TypeDefinition | undefined {
  const known = built.get(name);
  const row = tables.types.get(name);
  if (known !== undefined || row === undefined) return known;
  const { kind, base, elements, k, p } = JSON.parse(row) as TypeTable;
  const definition: TypeDefinition = {
    name,
    kind,
    ...(base === undefined ? {} : { base }),
    elements: new Map(elements.map((row) => [row.n, elementOf(row)])),
    constraints: k ?? [],
    ...(p === undefined ? {} : { pattern: p }),
  };
  built.set(name, definition);
  return definition;
}

/** `valueQuantity` is element `value` with type Quantity. */
export const capitalised = (code: string): string => code.charAt(0).toUpperCase() + code.slice(1);

/** R4 names primitive types in lower case and all others with a capital. */
export const isPrimitiveCode = (code: string): boolean => /^[a-z]/.test(code);

function propertiesOf(typeName: string): Map<string, PropertyDefinition> {
  const known = properties.get(typeName);
  if (known !== undefined) return known;
  const found = new Map<string, PropertyDefinition>();
  for (const element of definitionOf(typeName)?.elements.values() ?? []) {
    for (const type of element.types) {
      const key = element.choice ? `${element.name}${capitalised(type.code)}` : element.name;
      found.set(key, { element, type, sibling: false });
      if (isPrimitiveCode(type.code) && !type.code.includes('.'))
        found.set(`_${key}`, { element, type, sibling: true });
    }
  }
  properties.set(typeName, found);
  return found;
}

/** The element a JSON name stands for in a type; undefined when the type has no such element. */
export function propertyOf(typeName: string, jsonKey: string): PropertyDefinition | undefined {
  return propertiesOf(typeName).get(jsonKey);
}

/** Codes of a value set that R4 binds an element to; undefined when it cannot be decided offline. Read at first use. */
export function codesOf(valueSet: string): CodeRows | undefined {
  const known = codes.get(valueSet);
  const row = tables.valueSets.get(valueSet);
  if (known !== undefined || row === undefined) return known;
  const read = JSON.parse(row) as CodeRows;
  codes.set(valueSet, read);
  return read;
}

/** Modifier extensions that R4 itself defines. */
export const coreModifierExtensions: readonly string[] = tables.heading.modifierExtensions;

/** Every resource, data type and backbone path. */
export const typeNames: readonly string[] = [...tables.types.keys()];

/** The concrete R4 resource types in alphabetical order. */
export const { resourceTypes } = tables.heading;
