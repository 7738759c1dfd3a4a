import { codesOf, definitionOf, type ElementDefinition, isPrimitiveCode, resourceTypes } from '../../fhir/definitions';

/** A Schema Object, or any other object of an OpenAPI document. */
export type Schema = Readonly<Record<string, unknown>>;

/** A reference to a component of the same document. */
export const ref = (kind: 'schemas' | 'responses', name: string): Schema => ({ $ref: `#/components/${kind}/${name}` });

const numberPrimitives = new Set(['decimal', 'integer', 'positiveInt', 'unsignedInt']);

function primitiveSchema(code: string): Schema {
  if (code === 'boolean') return { type: 'boolean' };
  if (code === 'decimal') return { type: 'number' };
  if (numberPrimitives.has(code))
    return {
      type: 'integer',
      ...(code === 'positiveInt' ? { minimum: 1 } : code === 'unsignedInt' ? { minimum: 0 } : {}),
    };
  const formats: Readonly<Record<string, string>> = { base64Binary: 'byte' };
  return { type: 'string', minLength: 1, ...(formats[code] === undefined ? {} : { format: formats[code] }) };
}

/** Names of components are letters, digits, dots, hyphens and underscores (OpenAPI 3.0.3, Components Object): types fit. */
function elementSchema(element: ElementDefinition, code: string): Schema {
  if (isPrimitiveCode(code)) {
    const codes =
      element.binding?.strength === 'required' && code === 'code' ? codesOf(element.binding.valueSet) : undefined;
    const allowed = [...new Set((codes ?? []).flatMap(([, list]) => list))];
    // A long list is the validator's work: a gateway that reads the document has a limit for it.
    return allowed.length > 0 && allowed.length <= 60 ? { type: 'string', enum: allowed } : primitiveSchema(code);
  }
  return code === 'Resource' ? ref('schemas', 'AnyResource') : ref('schemas', code);
}

function typeSchema(name: string, found: (type: string) => void): Schema {
  const definition = definitionOf(name);
  const properties: Record<string, Schema> = {};
  const required: string[] = [];
  if (definition?.kind === 'resource') {
    properties.resourceType = { type: 'string', enum: [name] };
    required.push('resourceType');
  }
  for (const element of definition?.elements.values() ?? []) {
    for (const { code } of element.types) {
      const key = element.choice ? `${element.name}${code.charAt(0).toUpperCase()}${code.slice(1)}` : element.name;
      if (!isPrimitiveCode(code) && code !== 'Resource') found(code);
      const schema = elementSchema(element, code);
      // A primitive in a list may be null where only its extension is given.
      const item = isPrimitiveCode(code) && element.max > 1 ? { ...schema, nullable: true } : schema;
      properties[key] = element.max > 1 ? { type: 'array', minItems: 1, items: item } : schema;
      if (isPrimitiveCode(code)) {
        found('Element');
        // `nullable` counts only beside `type` (OpenAPI 3.0.3, Schema Object), so the list has a schema of its own.
        properties[`_${key}`] =
          element.max > 1 ? { type: 'array', items: ref('schemas', 'ElementOrNull') } : ref('schemas', 'Element');
      }
    }
    // A required primitive may be given by its extension alone, so that only other elements can be demanded here.
    const [only] = element.types;
    if (element.min > 0 && !element.choice && only !== undefined && !isPrimitiveCode(only.code))
      required.push(element.name);
  }
  return {
    type: 'object',
    properties,
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  };
}

/** One schema for each type of FHIR R4 that a message may hold, from the element tables that the validator runs on. */
export function schemas(): Record<string, Schema> {
  const made: Record<string, Schema> = {};
  const waiting = [...resourceTypes, 'Element'];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (name in made) continue;
    made[name] = typeSchema(name, (type) => {
      if (!(type in made)) waiting.push(type);
    });
  }
  made.ElementOrNull = { ...made.Element, nullable: true };
  // The value of `resourceType` is the name of the schema (OpenAPI 3.0.3, Discriminator Object).
  made.AnyResource = {
    oneOf: resourceTypes.map((type) => ref('schemas', type)),
    discriminator: { propertyName: 'resourceType' },
  };
  return Object.fromEntries(Object.entries(made).sort(([a], [b]) => (a < b ? -1 : 1)));
}
