import { codesOf, definitionOf, type PropertyDefinition, propertyOf } from '../../../functions/fhir/definitions';
import type { JsonObject, JsonValue } from '../../../functions/fhir/json';

/** A string-like leaf of a built resource: where it stands and what type FHIR gives it. */
interface Leaf {
  readonly parent: JsonObject | JsonValue[];
  readonly key: string | number;
  readonly type: string;
  /** Names of the definition, for messages: `Observation.code.coding.display`. */
  readonly path: string;
  /** The same element within its own type: `Coding.display`. */
  readonly element: string;
}

export interface BuiltResource {
  readonly resource: JsonObject;
  readonly leaves: readonly Leaf[];
}

const maxDepth = 9;

const values: Readonly<Record<string, JsonValue>> = {
  string: 'seen in clinic',
  markdown: 'seen in *clinic*',
  uri: 'http://example.org/thing',
  url: 'http://example.org/thing',
  canonical: 'http://example.org/Thing/one',
  oid: 'urn:oid:2.16.840.1.113883.2.1',
  uuid: 'urn:uuid:0d5f3f3e-3d2c-4b4e-9d4f-3f3e0d5f3f3e',
  id: 'one-2.3',
  base64Binary: 'c2VlbiBpbiBjbGluaWM=',
  xhtml: '<div xmlns="http://www.w3.org/1999/xhtml">seen in clinic</div>',
  date: '2021-03-04',
  dateTime: '2021-03-04T10:11:12Z',
  instant: '2021-03-04T10:11:12.345Z',
  time: '10:11:12',
  boolean: true,
  integer: 3,
  decimal: 1.5,
  positiveInt: 2,
  unsignedInt: 4,
};

const openSets: Readonly<Record<string, string>> = {
  'http://hl7.org/fhir/ValueSet/mimetypes': 'text/plain',
  'http://hl7.org/fhir/ValueSet/currencies': 'GBP',
  'http://hl7.org/fhir/ValueSet/languages': 'en',
};

function codeOf(property: PropertyDefinition): string {
  const valueSet = property.element.binding?.valueSet ?? '';
  return openSets[valueSet] ?? codesOf(valueSet)?.[0]?.[1][0] ?? 'en';
}

/** Values that need to agree inside one object. */
const agreeing: Readonly<Record<string, JsonObject>> = {
  Coding: {
    system: 'http://snomed.info/sct',
    version: 'http://snomed.info/sct/83821000000107/version/20230412',
    code: '195967001',
    display: 'Asthma',
  },
  Quantity: { unit: 'mg', system: 'http://unitsofmeasure.org', code: 'mg', comparator: '<' },
  Identifier: { system: 'https://fhir.nhs.uk/Id/prescription-order-number', value: '36DA34-A99968-4CBB4E' },
  Reference: { reference: 'Observation/one-2.3', type: 'Observation', display: 'seen in clinic' },
  Address: { postalCode: 'BS1 4ND', country: 'GB' },
  SampledData: { data: '1 2 E 3.5' },
};
const quantityKinds = new Set(['Age', 'Count', 'Distance', 'Duration', 'MoneyQuantity', 'SimpleQuantity']);

/** Builds a resource of a type with every element filled, each `x` element by the variant's choice; all values are valid. */
export function buildResource(type: string, variant: number): BuiltResource {
  const leaves: Leaf[] = [];
  const put = (
    parent: JsonObject | JsonValue[],
    key: string | number,
    value: JsonValue,
    typeCode: string,
    path: string,
    element: string,
  ): void => {
    (parent as Record<string | number, JsonValue>)[key] = value;
    if (typeof value === 'string') leaves.push({ parent, key, type: typeCode, path, element });
  };
  const fill = (target: JsonObject, typeName: string, path: string, seen: readonly string[]): void => {
    const agreed = agreeing[quantityKinds.has(typeName) ? 'Quantity' : typeName];
    for (const element of definitionOf(typeName)?.elements.values() ?? []) {
      const { name } = element;
      if (['extension', 'modifierExtension', 'contained', 'implicitRules'].includes(name)) continue;
      const choice = element.types[variant % element.types.length]!;
      const key = element.choice ? `${name}${choice.code.charAt(0).toUpperCase()}${choice.code.slice(1)}` : name;
      const property = propertyOf(typeName, key)!;
      const at = `${path}.${name}`;
      let value: JsonValue | undefined;
      if (definitionOf(choice.code)?.kind === 'primitive') {
        value = agreed?.[name] ?? (choice.code === 'code' ? codeOf(property) : values[choice.code]);
      } else if (
        choice.code !== 'Resource' &&
        choice.code !== 'Extension' &&
        seen.length < maxDepth &&
        seen.filter((one) => one === choice.code).length < 2
      ) {
        const inner: JsonObject = {};
        fill(inner, choice.code, at, [...seen, choice.code]);
        if (Object.keys(inner).length > 0) value = inner;
      }
      if (value === undefined) continue;
      if (element.max > 1) {
        const list: JsonValue[] = [];
        target[key] = list;
        put(list, 0, value, choice.code, at, `${typeName}.${key}`);
      } else put(target, key, value, choice.code, at, `${typeName}.${key}`);
    }
  };
  const resource: JsonObject = { resourceType: type };
  fill(resource, type, type, [type]);
  return { resource, leaves };
}

/** Variants needed so that each `x` element has taken each of its types once; the widest is `Extension.value[x]` with 50. */
export function variantsOf(type: string): number {
  const seen = new Set<string>();
  const widest = (typeName: string): number => {
    if (seen.has(typeName)) return 1;
    seen.add(typeName);
    let most = 1;
    for (const element of definitionOf(typeName)?.elements.values() ?? []) {
      if (['extension', 'modifierExtension', 'contained'].includes(element.name)) continue;
      most = Math.max(most, element.types.length, ...element.types.map((choice) => widest(choice.code)));
    }
    return most;
  };
  return widest(type);
}
