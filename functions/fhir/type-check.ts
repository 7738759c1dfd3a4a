import {
  type Binding,
  boundTypes,
  definitionOf,
  type ElementDefinition,
  type ElementType,
  isPrimitiveCode,
} from './definitions';
import { nativeInvariant } from './invariants/native-invariants';
import type { JsonObject } from './json';
import { type PrimitiveRule, primitiveRules } from './primitives';
import type { ConstraintRow } from './table-format';

/** An invariant of the definitions: written out when it is met often, else FHIRPath. */
export interface Constraint {
  readonly key: string;
  readonly severity: 'error' | 'warning';
  readonly human: string;
  readonly expression: string;
  /** The type the expression is evaluated on. */
  readonly base: string;
  readonly check?: (value: JsonObject) => boolean;
  /** The profile that asks for it, when it is not R4 itself. */
  readonly profile?: string;
}

/** One JSON name of a type, resolved: what its value must be. */
export interface PropertyCheck {
  readonly element: ElementDefinition;
  readonly type: ElementType;
  /** FHIRPath step: `value.ofType(Quantity)` for `valueQuantity`. */
  readonly step: string;
  /** The JSON name of the other half of a primitive: `_birthDate` for `birthDate` and back. */
  readonly other: string;
  readonly kind: 'primitive' | 'sibling' | 'resource' | 'object';
  readonly rule: PrimitiveRule | undefined;
  readonly many: boolean;
  readonly isUri: boolean;
  readonly requiredBit: number;
  /** Number of the choice element among those of the type; -1 when it is none. */
  readonly choice: number;
  /** Undefined for examples, which bind nothing. */
  readonly binding: Binding | undefined;
  readonly targets: ReadonlySet<string> | undefined;
  readonly constraints: readonly Constraint[];
}

/** A type compiled for checking; made at its first use and kept. */
export interface TypeCheck {
  readonly name: string;
  readonly isResource: boolean;
  /** Domain resources may hold contained resources (dom-2 to dom-6). */
  readonly isDomainResource: boolean;
  readonly properties: ReadonlyMap<string, PropertyCheck>;
  readonly required: readonly ElementDefinition[];
  readonly choices: number;
  readonly constraints: readonly Constraint[];
  readonly allowed: string;
}

/** Checked by the walk itself: by structure, by the rules for contained resources and Bundles, by the narrative check. */
const byTheWalk = /^(?:ele-1|ext-1|dom-[2-6]|ref-1|txt-[12]|bdl-\d+)$/;

const checks = new Map<string, TypeCheck>();

export function typeCheckOf(name: string): TypeCheck {
  const known = checks.get(name);
  if (known !== undefined) return known;
  const made = compile(name);
  checks.set(name, made);
  return made;
}

function compile(name: string): TypeCheck {
  const definition = definitionOf(name);
  if (definition === undefined) throw new Error(`The R4 tables hold no type ${name}.`);
  const elements = [...definition.elements.values()];
  const required = elements.filter(({ min }) => min > 0);
  // One bit per required element; the fullest R4 type has a dozen, and bit operations hold 31.
  if (required.length > 31) throw new Error(`${name} has more required elements than the check has bits.`);
  const choices = elements.filter(({ choice }) => choice);
  const properties = new Map<string, PropertyCheck>();
  for (const element of elements) {
    const bit = required.includes(element) ? 1 << required.indexOf(element) : 0;
    for (const type of element.types) {
      const key = element.choice
        ? `${element.name}${type.code.charAt(0).toUpperCase()}${type.code.slice(1)}`
        : element.name;
      const choice = choices.indexOf(element);
      properties.set(key, propertyCheck(element, type, key, false, bit, choice));
      if (isPrimitiveCode(type.code)) properties.set(`_${key}`, propertyCheck(element, type, key, true, bit, choice));
    }
  }
  return {
    name,
    isResource: definition.kind === 'resource',
    isDomainResource: definition.elements.has('contained'),
    properties,
    required,
    choices: choices.length,
    constraints: constraintsOf(name),
    allowed: elements.map((element) => (element.choice ? `${element.name}[x]` : element.name)).join(', '),
  };
}

function propertyCheck(
  element: ElementDefinition,
  type: ElementType,
  key: string,
  sibling: boolean,
  requiredBit: number,
  choice: number,
): PropertyCheck {
  const primitive = isPrimitiveCode(type.code);
  const targets = type.code === 'Reference' ? type.targets : undefined;
  return {
    element,
    type,
    step: element.choice ? `${element.name}.ofType(${type.code})` : element.name,
    other: sibling ? key : `_${key}`,
    kind: sibling ? 'sibling' : primitive ? 'primitive' : type.code === 'Resource' ? 'resource' : 'object',
    rule: primitive && !sibling ? primitiveRules[type.code] : undefined,
    many: element.max > 1,
    isUri: type.code === 'uri' || type.code === 'url' || type.code === 'canonical',
    requiredBit,
    choice,
    binding: element.binding?.strength !== 'example' && boundTypes.has(type.code) ? element.binding : undefined,
    targets: targets === undefined || targets.includes('Resource') ? undefined : new Set(targets),
    constraints: [...element.constraints, ...referredConstraints(element, type.code)].flatMap((row) =>
      constraint(row, type.code),
    ),
  };
}

/** The rules of the element a contentReference leads to: what is nested again is held to what it is elsewhere. */
function referredConstraints(element: ElementDefinition, code: string): readonly ConstraintRow[] {
  const dot = code.lastIndexOf('.');
  const defining = dot < 0 ? undefined : definitionOf(code.slice(0, dot))?.elements.get(code.slice(dot + 1));
  return defining === undefined || defining === element ? [] : defining.constraints;
}

/** The constraints of a type and of all it is built on. */
function constraintsOf(name: string): readonly Constraint[] {
  const definition = definitionOf(name);
  if (definition === undefined) return [];
  const inherited = definition.base === undefined ? [] : constraintsOf(definition.base);
  return [
    ...inherited.map((one) => ({ ...one, base: name })),
    ...definition.constraints.flatMap((row) => constraint(row, name)),
  ];
}

function constraint([key, severity, expression, human]: ConstraintRow, base: string): Constraint[] {
  if (severity === 'guidance' || byTheWalk.test(key)) return [];
  const check = nativeInvariant(key, base);
  return [{ key, severity, human, expression, base, ...(check === undefined ? {} : { check }) }];
}
