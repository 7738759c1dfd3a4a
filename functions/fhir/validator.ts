import { checkBundle } from './bundle-rules';
import {
  codesOf,
  definitionOf,
  type ElementDefinition,
  type PropertyDefinition,
  propertyOf,
  resourceTypes,
} from './definitions';
import { checkInvariants } from './invariants';
import { IssueSink, type Path } from './issue-sink';
import { isJsonObject, type JsonObject, type JsonValue } from './json';
import { narrativeFault } from './narrative';
import type { OperationOutcomeIssue } from './operation-outcome';
import { primitiveRules } from './primitives';

export interface ValidatorOptions {
  /** Issues listed at most; the rest are counted. */
  readonly maxIssues?: number;
}

const resources = new Set(resourceTypes);

/** Checks resources against the R4 (4.0.1) definitions: structure, formats, required bindings, references, invariants. */
export class Validator {
  readonly #maxIssues: number;

  constructor(options: ValidatorOptions = {}) {
    this.#maxIssues = options.maxIssues ?? 100;
  }

  /** Issues in the order of the resource's elements; none of severity error means that it is valid. */
  validate(resource: unknown): readonly OperationOutcomeIssue[] {
    const sink = new IssueSink(this.#maxIssues);
    const type =
      isJsonObject(resource) && typeof resource.resourceType === 'string' && resources.has(resource.resourceType)
        ? resource.resourceType
        : 'Resource';
    checkResource(resource as JsonValue, { parent: undefined, step: type }, sink);
    return sink.finish();
  }
}

function checkResource(value: JsonValue, path: Path, sink: IssueSink): void {
  if (!isJsonObject(value)) return sink.error('structure', path, 'A resource is a JSON object.');
  const type = value.resourceType;
  if (typeof type !== 'string' || !resources.has(type)) {
    return sink.error('structure', path, 'resourceType must be one of the FHIR R4 (4.0.1) resource types.');
  }
  checkObject(value, type, path, sink, true);
  if (type === 'Bundle') checkBundle(value, path, sink);
  checkInvariants(value, type, path, sink);
}

function checkObject(object: JsonObject, typeName: string, path: Path, sink: IssueSink, isResource: boolean): void {
  const definition = definitionOf(typeName);
  if (definition === undefined) return;
  const choices = new Map<string, string>();
  let content = false;
  for (const key of Object.keys(object)) {
    if (key === 'resourceType' && isResource) continue;
    const at = { parent: path, step: key };
    const property = propertyOf(typeName, key);
    if (property === undefined) {
      sink.error(
        'structure',
        unknownAt(path),
        `There is an element that ${typeName} does not have. Allowed are: ${allowedNames(typeName)}.`,
      );
      continue;
    }
    if (key !== 'id' && key !== '_id') content = true;
    if (property.element.choice) noteChoice(choices, property, key, at, sink);
    checkProperty(object, object[key] as JsonValue, key, property, at, sink);
  }
  if (!content && !isResource)
    sink.error('invariant', path, 'An element must hold a value or children, not only an id (ele-1).');
  for (const element of definition.elements.values()) {
    if (element.min > 0 && !isPresent(object, typeName, element)) {
      sink.error(
        'required',
        { parent: path, step: element.choice ? `${element.name}[x]` : element.name },
        `The element is required here.${requiredHint(element)}`,
      );
    }
  }
}

/** The unknown name itself is a submitted value: the issue names its parent. */
const unknownAt = (path: Path): Path => path;

const allowedNames = (typeName: string): string =>
  [...(definitionOf(typeName)?.elements.values() ?? [])]
    .map(({ name, choice }) => (choice ? `${name}[x]` : name))
    .join(', ');

const requiredHint = ({ types, max }: ElementDefinition): string =>
  ` Give ${max > 1 ? 'a list of ' : ''}${types.map(({ code }) => code).join(' or ')}.`;

function isPresent(object: JsonObject, typeName: string, element: ElementDefinition): boolean {
  if (!element.choice) return object[element.name] !== undefined || object[`_${element.name}`] !== undefined;
  return Object.keys(object).some((key) => propertyOf(typeName, key)?.element === element);
}

function noteChoice(
  choices: Map<string, string>,
  { element, type }: PropertyDefinition,
  key: string,
  path: Path,
  sink: IssueSink,
): void {
  const before = choices.get(element.name);
  if (before !== undefined && before !== type.code)
    sink.error('structure', path, `Only one ${element.name}[x] may be given; choose one type.`);
  choices.set(element.name, type.code);
}

function checkProperty(
  object: JsonObject,
  value: JsonValue,
  key: string,
  property: PropertyDefinition,
  path: Path,
  sink: IssueSink,
): void {
  const { element, sibling } = property;
  if (element.max <= 1) {
    if (Array.isArray(value)) return sink.error('structure', path, 'The element holds one value, not a list.');
    return checkValue(value, property, path, sink, false);
  }
  if (!Array.isArray(value))
    return sink.error('structure', path, 'The element is a list: put its value in square brackets.');
  if (value.length === 0) return sink.error('structure', path, 'A list must not be empty; leave the element out.');
  if (value.length > element.max)
    sink.error('structure', path, `The list holds more than the ${element.max} entries allowed.`);
  const other = object[sibling ? key.slice(1) : `_${key}`];
  if (sibling && Array.isArray(other) && other.length !== value.length)
    sink.error('structure', path, 'A list and its _ sibling must be of the same length, with null in the gaps.');
  for (const [index, item] of value.entries()) {
    const filled = Array.isArray(other) && other[index] !== null && other[index] !== undefined;
    checkValue(item, property, { parent: path, step: index }, sink, filled);
  }
}

function checkValue(
  value: JsonValue,
  { element, type, sibling }: PropertyDefinition,
  path: Path,
  sink: IssueSink,
  mayBeNull: boolean,
): void {
  if (value === null) {
    if (!mayBeNull)
      sink.error('structure', path, 'null stands only in a list of primitives, where the _ sibling has the content.');
    return;
  }
  const { code } = type;
  const rule = sibling ? undefined : primitiveRules[code];
  if (rule !== undefined) {
    const text =
      typeof value === rule.json
        ? String(value)
        : rule.json === 'number' && JSON.isRawJSON(value)
          ? (value as unknown as { rawJSON: string }).rawJSON
          : undefined;
    if (text === undefined)
      return sink.error('structure', path, `The value must be a JSON ${rule.json}: ${rule.allowed}.`);
    if (!rule.test(text))
      return sink.error('value', path, `The value is not in the format of ${code}. Allowed is ${rule.allowed}.`);
    if (code === 'xhtml') {
      const fault = narrativeFault(text);
      if (fault !== undefined) sink.error('invalid', path, fault);
    }
    return checkBinding(text, undefined, element, path, sink);
  }
  if (!isJsonObject(value))
    return sink.error('structure', path, `The value must be a JSON object: ${sibling ? 'Element' : code}.`);
  if (code === 'Resource') return checkResource(value, path, sink);
  checkObject(value, sibling ? 'Element' : code, path, sink, false);
  if (!sibling) checkDataType(value, code, element, type.targets, path, sink);
}

function checkDataType(
  value: JsonObject,
  code: string,
  element: ElementDefinition,
  targets: readonly string[] | undefined,
  path: Path,
  sink: IssueSink,
): void {
  if (code === 'Coding') checkBinding(value.code, value.system, element, path, sink);
  else if (code === 'CodeableConcept') checkConcept(value, element, path, sink);
  else if (code === 'Reference') checkTarget(value, targets, path, sink);
  else if (code === 'Extension') {
    const hasValue = Object.keys(value).some((key) => key.startsWith('value') || key.startsWith('_value'));
    if (hasValue === (value.extension !== undefined))
      sink.error(
        'invariant',
        path,
        'An extension holds either a value or extensions, one of them and not both (ext-1).',
      );
  }
}

function isBound(code: JsonValue | undefined, system: JsonValue | undefined, valueSet: string): boolean | undefined {
  const systems = codesOf(valueSet);
  if (systems === undefined || typeof code !== 'string') return undefined;
  return systems.some(([name, codes]) => (system === undefined || name === system) && codes.includes(code));
}

function checkBinding(
  code: JsonValue | undefined,
  system: JsonValue | undefined,
  { binding }: ElementDefinition,
  path: Path,
  sink: IssueSink,
): void {
  if (binding?.strength !== 'required' || isBound(code, system, binding.valueSet) !== false) return;
  const codes = codesOf(binding.valueSet)!.flatMap(([, list]) => list);
  const allowed = codes.length <= 30 ? ` Allowed are: ${codes.join(', ')}.` : '';
  sink.error('code-invalid', path, `The code is not in the required value set ${binding.valueSet}.${allowed}`);
}

function checkConcept(value: JsonObject, element: ElementDefinition, path: Path, sink: IssueSink): void {
  const { binding } = element;
  const codings = Array.isArray(value.coding) ? value.coding.filter(isJsonObject) : [];
  if (binding?.strength !== 'required' || codings.length === 0) return;
  if (codings.some((coding) => isBound(coding.code, coding.system, binding.valueSet) !== false)) return;
  sink.error('code-invalid', path, `None of the codings is in the required value set ${binding.valueSet}.`);
}

/** Type of a literal reference, when it says one. */
const referencePattern =
  /^(?:https?:\/\/\S+\/)?([A-Z][A-Za-z]+)\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/;

function checkTarget(value: JsonObject, targets: readonly string[] | undefined, path: Path, sink: IssueSink): void {
  if (targets === undefined || targets.length === 0 || targets.includes('Resource')) return;
  const literal = typeof value.reference === 'string' ? referencePattern.exec(value.reference)?.[1] : undefined;
  const named =
    literal !== undefined && resources.has(literal)
      ? literal
      : typeof value.type === 'string' && resources.has(value.type)
        ? value.type
        : undefined;
  if (named !== undefined && !targets.includes(named))
    sink.error(
      'value',
      path,
      `The reference points to a type that is not allowed here. Allowed are: ${targets.join(', ')}.`,
    );
}
