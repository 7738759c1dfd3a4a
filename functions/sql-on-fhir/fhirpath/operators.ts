import type { ComparisonOperator, Expression } from './expression';
import { type Analyse, concrete, fault, literal, nothing, type Scope, scalar, single } from './scope';
import type { BinaryOperator, Syntax } from './syntax';
import { familyOf, type ValueFamily } from './value-family';

type BinarySyntax = Extract<Syntax, { kind: 'binary' }>;

const isLogic = (operator: BinaryOperator): operator is 'and' | 'or' => operator === 'and' || operator === 'or';
const isComparison = (operator: BinaryOperator): operator is ComparisonOperator => /[=<>]/.test(operator);
const isNumber = (family: ValueFamily): boolean => family === 'integer' || family === 'decimal';

/** A Boolean operand; anything else can only be a mistake of the author. */
export function condition(expression: Expression, scope: Scope, at: number): Expression {
  const value = concrete(expression, scope, at);
  if (value.type === 'nothing') return nothing;
  if (value.type !== 'boolean') throw fault(scope, at, 'must be Boolean. Compare it, or ask exists() or empty().');
  return single(value);
}

export function binary(syntax: BinarySyntax, scope: Scope, analyse: Analyse): Expression {
  const { operator, at } = syntax;
  const [first, second] = [analyse(syntax.left, scope), analyse(syntax.right, scope)];
  if (isLogic(operator)) {
    const left = condition(first, scope, syntax.left.at);
    const right = condition(second, scope, syntax.right.at);
    return { kind: 'logic', operator, left, right, ...scalar('boolean') };
  }
  const left = concrete(first, scope, syntax.left.at);
  const right = concrete(second, scope, syntax.right.at);
  if (left.type === 'nothing' || right.type === 'nothing') return nothing;
  return isComparison(operator)
    ? comparison(operator, left, right, scope, at)
    : arithmetic(operator, single(left), single(right), scope, at);
}

function comparison(
  operator: ComparisonOperator,
  left: Expression,
  right: Expression,
  scope: Scope,
  at: number,
): Expression {
  const [a, b] = [familyOf(left.type), familyOf(right.type)];
  if (a === 'complex' || b === 'complex') {
    throw fault(
      scope,
      at,
      `${left.type} and ${right.type} cannot be compared here. Compare elements that are primitive.`,
    );
  }
  if (a !== b && !(isNumber(a) && isNumber(b))) {
    const hint = a === 'date' || b === 'date' ? ' Write a date as @2020-01-31 or as a constant with valueDate.' : '';
    throw fault(scope, at, `${left.type} and ${right.type} are never equal.${hint}`);
  }
  const equality = operator === '=' || operator === '!=';
  if (!equality && a === 'boolean') throw fault(scope, at, 'Booleans have no order. Use = or !=.');
  // Equality is defined on whole collections (FHIRPath 2.0.0, section 6.1), order on single values only.
  const operands = equality ? { left, right } : { left: single(left), right: single(right) };
  return { kind: 'comparison', operator, ...operands, ...scalar('boolean') };
}

function arithmetic(
  operator: '+' | '-' | '*' | '/',
  left: Expression,
  right: Expression,
  scope: Scope,
  at: number,
): Expression {
  const [a, b] = [familyOf(left.type), familyOf(right.type)];
  if (operator === '+' && a === 'text' && b === 'text') {
    return { kind: 'arithmetic', operator, left, right, ...scalar('string') };
  }
  if (!isNumber(a) || !isNumber(b)) {
    throw fault(scope, at, 'needs two numbers (or two strings for +).');
  }
  const integer = operator !== '/' && a === 'integer' && b === 'integer';
  return { kind: 'arithmetic', operator, left, right, ...scalar(integer ? 'integer' : 'decimal') };
}

/** `-x`. */
export function negative(of: Expression, scope: Scope, at: number): Expression {
  if (of.kind === 'literal' && isNumber(familyOf(of.type)))
    // Two signs in a row begin a comment in SQL.
    return { ...of, text: of.text.startsWith('-') ? of.text.slice(1) : `-${of.text}` };
  if (of.type === 'nothing') return nothing;
  return arithmetic('-', literal({ type: 'integer', text: '0' }), single(concrete(of, scope, at)), scope, at);
}
