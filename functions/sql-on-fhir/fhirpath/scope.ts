import { viewFault } from '../view-fault';
import type { Expression, ExpressionOf, Variable } from './expression';
import { Shape } from './shape';
import type { LiteralType, Syntax } from './syntax';

/** A literal value: a constant of the view or one written in an expression. */
export interface Literal {
  readonly type: LiteralType;
  readonly text: string;
}

export interface Demands {
  /** JSON keys of the decimals that are read. */
  readonly decimalKeys: Set<string>;
  /** The letters of decimals are needed, not only their value. */
  decimalText: boolean;
}

/** What an expression is analysed against. */
export interface Scope {
  /** The resource of the row, `%resource`. */
  readonly resource: Expression;
  /** `$this`, and the start of every path. */
  readonly focus: Expression;
  readonly constants: ReadonlyMap<string, Literal>;
  /** The variable that holds the position of the current iteration, counted from 0; undefined outside of any. */
  readonly rowIndex: { readonly name: string; used: boolean } | undefined;
  /** Paths that name no element are empty instead of refused: `repeat` applies one path to several types. */
  readonly lenient: boolean;
  /** What the view turns out to need while it is analysed. */
  readonly demands: Demands;
  /** Gives names that are unique in the view. */
  readonly fresh: (prefix: string) => string;
  /** The place of the expression in the definition, for messages. */
  readonly location: string;
}

export type Analyse = (syntax: Syntax, scope: Scope) => Expression;

export const noShape = new Shape('nothing');

export const nothing: Expression = { kind: 'nothing', type: 'nothing', many: false, shape: noShape };

export function literal({ type, text }: Literal): ExpressionOf<'literal'> {
  return { kind: 'literal', type, text, many: false, shape: noShape };
}

export function variable(name: string, like: Expression): Variable {
  return { kind: 'variable', name, type: like.type, many: false, shape: like.shape };
}

/** A Boolean, integer or string result that is never a list. */
export const scalar = <Type extends string>(type: Type) => ({ type, many: false, shape: noShape }) as const;

export function fault(scope: Scope, at: number, what: string): Error {
  return viewFault(scope.location, what, at);
}

/** An empty or single value; of a list, the SQL will refuse more than one item. */
export function single(expression: Expression): Expression {
  if (!expression.many) return expression;
  return { kind: 'single', of: expression, type: expression.type, many: false, shape: expression.shape };
}

/** Refuses a choice element of which nobody said which type is meant. */
export function concrete(expression: Expression, scope: Scope, at: number): Expression {
  if (expression.kind !== 'choice') return expression;
  const types = expression.element.types.map(({ code }) => code).join(', ');
  throw fault(scope, at, `a choice element: say which type with ofType(). Its types are ${types}.`);
}
