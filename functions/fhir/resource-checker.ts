import { checkBinding } from './binding-rules';
import { bundleTypes, checkBundle } from './bundle-rules';
import { checkContainedRules, containedTypes, noContained } from './contained-rules';
import { resourceTypes } from './definitions';
import { isJsonObject, type JsonObject, type JsonValue, textOf } from './json';
import { narrativeFault } from './narrative';
import { isAbsolute, primitiveText } from './primitives';
import { checkReference } from './reference-rules';
import { type Constraint, type PropertyCheck, type TypeCheck, typeCheckOf } from './type-check';
import { maxDepth, type ValidationRun } from './validation-run';
import type { ValueSets } from './value-sets';

/** What is checked on top of R4: the caller knows the packages and the lake's own rules. */
export interface ExtraChecks {
  readonly extension: (extension: JsonObject, modifier: boolean, run: ValidationRun) => void;
  /** After a resource (also a contained one) was walked. */
  readonly resource?: (resource: JsonObject, contained: boolean, run: ValidationRun) => void;
}

const resources: ReadonlySet<string> = new Set(resourceTypes);

/** Walks a resource once and reports what the R4 definitions do not allow, in the order of its elements. */
export class ResourceChecker {
  readonly #valueSets: ValueSets;
  readonly #extra: ExtraChecks;

  constructor(valueSets: ValueSets, extra: ExtraChecks) {
    this.#valueSets = valueSets;
    this.#extra = extra;
  }

  /** A resource that stands for itself: the root, an entry of a Bundle, a parameter. */
  checkResource(value: JsonValue, run: ValidationRun): void {
    const type = this.#resourceType(value, run);
    if (type === undefined) return;
    const resource = value as JsonObject;
    const { scope, resource: outer, bundle, resourceDepth } = run;
    const contained = type.isDomainResource ? containedTypes(resource) : noContained;
    run.scope = { root: resource, contained, referred: new Set(), pointsBack: false };
    run.resource = resource;
    run.resourceDepth = run.depth;
    if (type.name === 'Bundle') run.bundle = bundleTypes(resource);
    this.#checkObject(resource, type, run);
    if (contained !== noContained || resource.contained !== undefined) checkContainedRules(resource, run);
    if (type.name === 'Bundle') checkBundle(resource, run);
    this.#extra.resource?.(resource, false, run);
    run.scope = scope;
    run.resource = outer;
    run.bundle = bundle;
    run.resourceDepth = resourceDepth;
  }

  #checkContained(value: JsonValue, run: ValidationRun): void {
    const type = this.#resourceType(value, run);
    if (type === undefined) return;
    const { resource: outer, scope, resourceDepth } = run;
    run.resource = value as JsonObject;
    run.resourceDepth = run.depth;
    scope.pointsBack = false;
    this.#checkObject(run.resource, type, run);
    if (scope.pointsBack) scope.referred.add(textOf(run.resource.id));
    this.#extra.resource?.(run.resource, true, run);
    run.resource = outer;
    run.resourceDepth = resourceDepth;
  }

  #resourceType(value: JsonValue, run: ValidationRun): TypeCheck | undefined {
    if (!isJsonObject(value)) {
      run.error('structure', 'A resource is a JSON object.');
      return undefined;
    }
    const name = value.resourceType;
    if (typeof name === 'string' && resources.has(name)) return typeCheckOf(name);
    run.error('structure', 'resourceType must be one of the FHIR R4 (4.0.1) resource types.');
    return undefined;
  }

  #checkObject(object: JsonObject, type: TypeCheck, run: ValidationRun): void {
    if (run.depth > maxDepth) return run.error('too-costly', `A resource is nested at most ${maxDepth} levels deep.`);
    const keys = Object.keys(object);
    if (keys.length === 0) return run.error('structure', 'An object must not be empty; leave the element out.');
    let seen = 0;
    let content = false;
    let chosen: (string | undefined)[] | undefined;
    for (const key of keys) {
      const property = type.properties.get(key);
      if (property === undefined) {
        if (type.isResource && key === 'resourceType') continue;
        // The unknown name itself may be a submitted value: the issue names its parent and what is allowed there.
        run.error('structure', `There is an element that ${type.name} does not have. Allowed are: ${type.allowed}.`);
        continue;
      }
      if (key !== 'id' && key !== '_id') content = true;
      seen |= property.requiredBit;
      if (property.choice >= 0) {
        chosen ??= [];
        const before = chosen[property.choice];
        chosen[property.choice] = property.type.code;
        if (before !== undefined && before !== property.type.code) {
          const { name } = property.element;
          run.error('structure', `Only one type of ${name}[x] may be given; choose one.`, name);
        }
      }
      run.enter(property.step);
      this.#checkProperty(object, object[key], property, run);
      run.leave();
    }
    if (!content && !type.isResource)
      run.error('invariant', 'An element must hold a value or children, not only an id (ele-1).');
    for (let index = 0; index < type.required.length; index += 1) {
      if ((seen & (1 << index)) === 0) {
        const { name, types, max } = type.required[index]!;
        const codes = types.map(({ code }) => code).join(' or ');
        run.error('required', `The element is required here. Give ${max > 1 ? 'a list of ' : ''}${codes}.`, name);
      }
    }
    if (type.constraints.length > 0) checkConstraints(type.constraints, object, run);
  }

  #checkProperty(object: JsonObject, value: JsonValue | undefined, property: PropertyCheck, run: ValidationRun): void {
    if (!property.many) {
      if (Array.isArray(value)) return run.error('structure', 'The element holds one value, not a list.');
      return this.#checkValue(value, property, run, property.kind === 'sibling' ? object[property.other] : undefined);
    }
    if (!Array.isArray(value))
      return run.error('structure', 'The element is a list: put its value in square brackets.');
    if (value.length === 0) return run.error('structure', 'A list must not be empty; leave the element out.');
    if (value.length > property.element.max)
      run.error('structure', `The list holds more than the ${property.element.max} entries allowed.`);
    const other = property.rule !== undefined || property.kind === 'sibling' ? object[property.other] : undefined;
    const others = Array.isArray(other) ? other : undefined;
    if (property.kind === 'sibling' && others !== undefined && others.length !== value.length)
      run.error('structure', 'A list and its _ sibling must be of the same length, with null in the gaps.');
    for (let index = 0; index < value.length; index += 1) {
      run.enter(index);
      const item = value[index];
      if (item === null && isFilled(others?.[index])) {
        if (property.kind === 'primitive' && !isExtended(others?.[index]))
          run.error('structure', 'null stands in a list of primitives only where the _ sibling holds extensions.');
      } else this.#checkValue(item, property, run, others?.[index]);
      run.leave();
    }
  }

  #checkValue(
    value: JsonValue | undefined,
    property: PropertyCheck,
    run: ValidationRun,
    other: JsonValue | undefined,
  ): void {
    if (value === null || value === undefined)
      return run.error('structure', 'null stands only in a list of primitives, where the _ sibling has the content.');
    if (property.rule !== undefined) return this.#checkPrimitive(value, property, run);
    if (property.kind === 'resource') {
      if (property.element.name === 'contained') this.#checkContained(value, run);
      else this.checkResource(value, run);
      return;
    }
    if (!isJsonObject(value))
      return run.error(
        'structure',
        `The value must be a JSON object: ${property.kind === 'sibling' ? 'Element' : property.type.code}.`,
      );
    if (property.kind === 'sibling') return this.#checkSibling(value, run, isFilled(other));
    this.#checkObject(value, typeCheckOf(property.type.code), run);
    this.#checkDataType(value, property, run);
    if (property.constraints.length > 0) checkConstraints(property.constraints, value, run);
  }

  /** The `_` half of a primitive: an id and extensions. An id alone is content only beside a value (ele-1). */
  #checkSibling(value: JsonObject, run: ValidationRun, hasValue: boolean): void {
    if (hasValue && value.id !== undefined && Object.keys(value).length === 1) {
      if (typeof value.id !== 'string' || value.id === '')
        run.error('value', 'An element id is text that is not empty.', 'id');
      return;
    }
    this.#checkObject(value, typeCheckOf('Element'), run);
  }

  #checkPrimitive(value: JsonValue, property: PropertyCheck, run: ValidationRun): void {
    const rule = property.rule!;
    const text = primitiveText(value, rule);
    if (text === undefined) return run.error('structure', `The value must be a JSON ${rule.json}: ${rule.allowed}.`);
    if (typeof value === 'object') run.exactNumbers = true;
    const { code } = property.type;
    if (!rule.test(text))
      return run.error('value', `The value is not in the format of ${code}. Allowed is ${rule.allowed}.`);
    if (code === 'xhtml') {
      const fault = narrativeFault(text);
      if (fault !== undefined) run.error('invalid', fault);
    }
    if (property.isUri && text.charCodeAt(0) === 35) run.scope.referred.add(text.slice(1));
    if (property.binding !== undefined) checkBinding(text, property.binding, this.#valueSets, run);
    if (property.constraints.length > 0) checkConstraints(property.constraints, value, run);
  }

  #checkDataType(value: JsonObject, property: PropertyCheck, run: ValidationRun): void {
    const { code } = property.type;
    if (code === 'Reference') checkReference(value, property.targets, run);
    else if (code === 'Extension') {
      const hasValue = Object.keys(value).some((key) => key.startsWith('value') || key.startsWith('_value'));
      if (hasValue === (value.extension !== undefined))
        run.error('invariant', 'An extension holds either a value or extensions, one of them and not both (ext-1).');
      // Extension.url is that of a StructureDefinition; only a part of an extension goes by its bare name.
      if (typeof value.url === 'string' && !isAbsolute(value.url) && !isPartOfExtension(property))
        run.error('value', 'The url of an extension must be absolute, unless the extension is part of another.', 'url');
      this.#extra.extension(value, property.element.isModifier, run);
    } else if (property.binding !== undefined) checkBinding(value, property.binding, this.#valueSets, run);
  }
}

/** What a rule over children sees of a primitive, for a choice such as probability[x]. */
const noChildren: JsonObject = {};

const isPartOfExtension = (property: PropertyCheck): boolean =>
  typeCheckOf('Extension').properties.get('extension') === property;

const isFilled = (value: JsonValue | undefined): boolean => value !== null && value !== undefined;
const isExtended = (value: JsonValue | undefined): boolean => isJsonObject(value) && value.extension !== undefined;

function checkConstraints(constraints: readonly Constraint[], value: JsonValue, run: ValidationRun): void {
  for (const constraint of constraints) {
    const { check } = constraint;
    if (check === undefined) {
      run.deferred.push({
        constraint,
        value,
        resource: run.resource,
        rootResource: run.scope.root,
        expression: run.expression(),
      });
    } else if (!check(isJsonObject(value) ? value : noChildren)) {
      run.add(constraint.severity, 'invariant', ruleText(constraint));
    }
  }
}

/** The published sentence of a rule, with its key so that it can be looked up. */
export const ruleText = ({ key, human, profile }: Constraint): string =>
  `${human.trim().replace(/\.$/, '')} (rule ${key} of ${profile === undefined ? 'FHIR R4' : `profile ${profile}`}).`;
