import { definitionOf, type ElementDefinition } from '../../fhir/definitions';
import type { Expression } from './expression';
import { concrete, fault, nothing, type Scope, scalar, variable } from './scope';
import { Shape } from './shape';
import { familyOf } from './value-family';

const capitalised = (code: string): string => code.charAt(0).toUpperCase() + code.slice(1);

/** A field of a complex value, or of each value of a list. */
function field(of: Expression, key: string, typeName: string, many: boolean, scope: Scope): Expression {
  if (typeName === 'decimal') scope.demands.decimalKeys.add(key);
  const shape = of.shape.need(key, typeName, many);
  // Which resource a contained or nested resource is, its own resourceType says: it stays JSON until ofType() asks.
  if (typeName === 'Resource') shape.asJson = true;
  return { kind: 'field', of, key, type: typeName, many: of.many || many, shape };
}

/**
 * `of.name`. A choice element stays open until `ofType`; the id and the extensions of a primitive are found in its `_name`
 * sibling (https://hl7.org/fhir/R4/json.html#primitive).
 */
export function member(of: Expression, name: string, scope: Scope, at: number): Expression {
  const parent = concrete(of, scope, at);
  if (parent.type === 'nothing') return nothing;
  const primitive = familyOf(parent.type) !== 'complex';
  const element = definitionOf(primitive ? 'Element' : parent.type)?.elements.get(name);
  if (element === undefined) {
    if (scope.lenient) return nothing;
    throw fault(scope, at, `no such element. ${allowedElements(primitive ? 'Element' : parent.type)}`);
  }
  if (!primitive) return elementField(parent, element, scope);
  if (parent.kind !== 'field') {
    throw fault(scope, at, 'extensions of a primitive are read straight after its name: birthDate.extension(...)');
  }
  const many = parent.of.shape.fields.get(parent.key)?.many === true;
  return elementField(field(parent.of, `_${parent.key}`, 'Element', many, scope), element, scope);
}

function elementField(of: Expression, element: ElementDefinition, scope: Scope): Expression {
  const many = element.max > 1;
  if (element.choice) return { kind: 'choice', of, element, type: 'choice', many: of.many || many, shape: of.shape };
  return field(of, element.name, element.types[0]!.code, many, scope);
}

function allowedElements(typeName: string): string {
  const names = [...(definitionOf(typeName)?.elements.values() ?? [])].map(
    ({ name, choice }) => `${name}${choice ? '.ofType(...)' : ''}`,
  );
  return `Elements of ${typeName}: ${names.join(', ')}.`;
}

/** `of.ofType(typeName)`. */
export function ofType(of: Expression, typeName: string, scope: Scope, at: number): Expression {
  if (of.type === 'nothing') return nothing;
  if (of.kind === 'choice') {
    const found = of.element.types.find(({ code }) => code === typeName);
    if (found === undefined) {
      const types = of.element.types.map(({ code }) => code).join(', ');
      throw fault(scope, at, `the element is never of that type. Its types are ${types}.`);
    }
    return field(of.of, `${of.element.name}${capitalised(typeName)}`, typeName, of.element.max > 1, scope);
  }
  if (of.type === typeName) return of;
  if (of.type !== 'Resource') return nothing;
  if (definitionOf(typeName)?.kind !== 'resource') throw fault(scope, at, 'not the name of a resource type of R4.');
  const shape = new Shape(typeName);
  shape.need('resourceType', 'code', false);
  const parameter = variable(scope.fresh('v'), { ...of, type: typeName, shape });
  return { kind: 'resource', of, variable: parameter, type: typeName, many: of.many, shape };
}

/** `of.exists()`; a choice element exists when one of its types does. */
export function exists(of: Expression, scope: Scope): Expression {
  if (of.kind !== 'choice') return { kind: 'exists', of, ...scalar('boolean') };
  const found = of.element.types.map(({ code }) =>
    exists(field(of.of, `${of.element.name}${capitalised(code)}`, code, of.element.max > 1, scope), scope),
  );
  return found.reduce((left, right) => ({ kind: 'logic', operator: 'or', left, right, ...scalar('boolean') }));
}
