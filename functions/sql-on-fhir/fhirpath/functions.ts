import { definitionOf } from '../../fhir/definitions';
import type { Expression } from './expression';
import { condition } from './operators';
import { exists, member, ofType } from './path';
import { type Analyse, concrete, fault, literal, nothing, type Scope, scalar, single, variable } from './scope';
import type { Syntax } from './syntax';
import { familyOf } from './value-family';

interface Call {
  readonly of: Expression;
  readonly parameters: readonly Syntax[];
  readonly scope: Scope;
  readonly at: number;
  readonly analyse: Analyse;
}

interface FunctionDefinition {
  readonly minimum: number;
  readonly maximum: number;
  readonly analyse: (call: Call) => Expression;
}

const fn = (minimum: number, maximum: number, analyse: FunctionDefinition['analyse']): FunctionDefinition => ({
  minimum,
  maximum,
  analyse,
});

/** The functions of the shareable subset, and the experimental ones (https://sql-on-fhir.org, "Supported FHIRPath"). */
const functions: ReadonlyMap<string, FunctionDefinition> = new Map([
  ['where', fn(1, 1, filter)],
  ['exists', fn(0, 1, (call) => exists(call.parameters.length === 0 ? call.of : filter(call), call.scope))],
  ['empty', fn(0, 0, ({ of, scope }) => negation(exists(of, scope)))],
  ['not', fn(0, 0, ({ of, scope, at }) => negation(condition(of, scope, at)))],
  ['first', fn(0, 0, first)],
  ['ofType', fn(1, 1, (call) => ofType(call.of, typeSpecifier(call), call.scope, call.at))],
  ['extension', fn(1, 1, extension)],
  ['join', fn(0, 1, join)],
  ['lowBoundary', fn(0, 0, (call) => boundary(call, 'low'))],
  ['highBoundary', fn(0, 0, (call) => boundary(call, 'high'))],
  ['getResourceKey', fn(0, 0, resourceKey)],
  ['getReferenceKey', fn(0, 1, referenceKey)],
]);

export function call(
  syntax: Extract<Syntax, { kind: 'call' }>,
  of: Expression,
  scope: Scope,
  analyse: Analyse,
): Expression {
  const { name, parameters, at } = syntax;
  const definition = functions.get(name);
  if (definition === undefined) {
    throw fault(scope, at, `no such function here. Functions: ${[...functions.keys()].join(', ')}.`);
  }
  const { minimum, maximum } = definition;
  if (parameters.length < minimum || parameters.length > maximum) {
    throw fault(scope, at, `takes ${minimum === maximum ? minimum : `${minimum} to ${maximum}`} parameter(s).`);
  }
  return definition.analyse({ of, parameters, scope, at, analyse });
}

const negation = (of: Expression): Expression => ({ kind: 'not', of, ...scalar('boolean') });

function filter({ of: given, parameters, scope, at, analyse }: Call): Expression {
  const of = concrete(given, scope, at);
  if (of.type === 'nothing') return nothing;
  const parameter = variable(scope.fresh('v'), of);
  const criteria = parameters[0]!;
  const inner = { ...scope, focus: parameter };
  return {
    kind: 'filter',
    of,
    variable: parameter,
    criteria: condition(analyse(criteria, inner), inner, criteria.at),
    type: of.type,
    many: of.many,
    shape: of.shape,
  };
}

function first({ of, scope, at }: Call): Expression {
  // A choice element under a single parent is one value at most: first() changes nothing.
  if (of.kind === 'choice' && !of.many) return of;
  return index(of, literal({ type: 'integer', text: '0' }), scope, at);
}

/** `of[position]`, counted from 0. */
export function index(of: Expression, position: Expression, scope: Scope, at: number): Expression {
  const value = concrete(of, scope, at);
  if (value.type === 'nothing' || position.type === 'nothing') return nothing;
  if (familyOf(position.type) !== 'integer') throw fault(scope, at, 'a position is an integer, counted from 0.');
  return { kind: 'index', of: value, position: single(position), type: value.type, many: false, shape: value.shape };
}

function typeSpecifier({ parameters, scope, at }: Call): string {
  const given = parameters[0]!;
  if (given.kind === 'member') {
    const qualified = given.of?.kind === 'member' && given.of.of === undefined && given.of.name === 'FHIR';
    if ((given.of === undefined || qualified) && definitionOf(given.name) !== undefined) return given.name;
  }
  throw fault(scope, at, 'takes the name of a FHIR R4 type, such as Quantity, string or FHIR.Patient.');
}

function extension({ of, parameters, scope, at, analyse }: Call): Expression {
  const url = analyse(parameters[0]!, scope);
  if (familyOf(url.type) !== 'text') throw fault(scope, at, 'takes the url of an extension as a string.');
  const extensions = member(of, 'extension', scope, at);
  if (extensions.type === 'nothing') return nothing;
  const parameter = variable(scope.fresh('v'), extensions);
  const left = member(parameter, 'url', scope, at);
  const criteria: Expression = { kind: 'comparison', operator: '=', left, right: single(url), ...scalar('boolean') };
  return { ...extensions, kind: 'filter', of: extensions, variable: parameter, criteria };
}

function join({ of: given, parameters, scope, at, analyse }: Call): Expression {
  const of = concrete(given, scope, at);
  if (of.type !== 'nothing' && familyOf(of.type) !== 'text') throw fault(scope, at, 'joins strings only.');
  const separator = parameters[0] === undefined ? literal({ type: 'string', text: '' }) : analyse(parameters[0], scope);
  if (familyOf(separator.type) !== 'text') throw fault(scope, at, 'the separator is a string.');
  return { kind: 'join', of, separator: single(separator), ...scalar('string') };
}

function boundary({ of: given, scope, at }: Call, side: 'low' | 'high'): Expression {
  const of = single(concrete(given, scope, at));
  if (of.type === 'nothing') return nothing;
  const family = familyOf(of.type);
  if (family !== 'decimal' && family !== 'integer' && family !== 'date' && family !== 'time') {
    throw fault(scope, at, 'has boundaries for decimal, date, dateTime, instant and time only.');
  }
  if (family === 'decimal') scope.demands.decimalText = true;
  return { kind: 'boundary', of, side, ...scalar(family === 'integer' ? 'decimal' : of.type) };
}

function resourceKey({ of, scope, at }: Call): Expression {
  if (definitionOf(of.type)?.kind !== 'resource') {
    throw fault(scope, at, 'is a function of a resource: use it outside of forEach, or on %resource.');
  }
  const id = member(of, 'id', scope, at);
  return { kind: 'resourceKey', of: id, type: 'string', many: id.many, shape: id.shape };
}

function referenceKey(given: Call): Expression {
  const { parameters, scope, at } = given;
  const target = parameters.length === 0 ? undefined : typeSpecifier(given);
  if (target !== undefined && definitionOf(target)?.kind !== 'resource') {
    throw fault(scope, at, 'takes the name of a resource type.');
  }
  const of = concrete(given.of, scope, at);
  if (of.type === 'nothing') return nothing;
  if (of.type !== 'Reference') throw fault(scope, at, 'is a function of a Reference.');
  const reference = member(of, 'reference', scope, at);
  return {
    kind: 'referenceKey',
    of: reference,
    ...(target === undefined ? {} : { target }),
    type: 'string',
    many: reference.many,
    shape: reference.shape,
  };
}
