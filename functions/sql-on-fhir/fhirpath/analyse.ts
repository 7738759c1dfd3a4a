import type { Expression } from './expression';
import { call, index } from './functions';
import { isLexical } from './lexical-form';
import { binary, condition, negative } from './operators';
import { parseFhirPath } from './parser';
import { member } from './path';
import { concrete, fault, literal, nothing, type Scope, scalar } from './scope';
import type { Syntax } from './syntax';

/** Parses and types a FHIRPath expression that must be Boolean, such as a `where`. */
export function analyseCondition(expression: string, scope: Scope): Expression {
  return condition(analysePath(expression, scope), scope, 0);
}

/** Parses and types one FHIRPath expression; faults name `scope.location` and the character. */
export function analysePath(expression: string, scope: Scope): Expression {
  const value = analyse(parseFhirPath(expression, scope.location), scope);
  return concrete(value, scope, 0);
}

function analyse(syntax: Syntax, scope: Scope): Expression {
  switch (syntax.kind) {
    case 'literal':
      if (!isLexical(syntax.type, syntax.text)) throw fault(scope, syntax.at, `not a valid ${syntax.type}.`);
      return literal(syntax);
    case 'empty':
      return nothing;
    case 'this':
      return scope.focus;
    case 'constant':
      return constant(syntax.name, syntax.at, scope);
    case 'member':
      return path(syntax, scope);
    case 'call':
      return call(syntax, syntax.of === undefined ? scope.focus : analyse(syntax.of, scope), scope, analyse);
    case 'index':
      return index(analyse(syntax.of, scope), analyse(syntax.position, scope), scope, syntax.at);
    case 'negative':
      return negative(analyse(syntax.of, scope), scope, syntax.at);
    case 'binary':
      return binary(syntax, scope, analyse);
  }
}

function path({ of, name, at }: Extract<Syntax, { kind: 'member' }>, scope: Scope): Expression {
  if (of !== undefined) return member(analyse(of, scope), name, scope, at);
  // A path may begin with the type of what it starts from: Patient.name (FHIRPath 2.0.0, section 3).
  if (name === scope.focus.type) return scope.focus;
  return member(scope.focus, name, scope, at);
}

function constant(name: string, at: number, scope: Scope): Expression {
  const found = scope.constants.get(name);
  if (found !== undefined) return literal(found);
  if (name === 'resource') return scope.resource;
  if (name !== 'rowIndex') throw fault(scope, at, 'no such constant. Define it in ViewDefinition.constant.');
  if (scope.rowIndex === undefined) return literal({ type: 'integer', text: '0' });
  scope.rowIndex.used = true;
  return { kind: 'rowIndex', name: scope.rowIndex.name, ...scalar('integer') };
}
