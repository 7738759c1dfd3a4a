import type { ElementDefinition } from '../../fhir/definitions';
import type { Shape } from './shape';
import type { BinaryOperator } from './syntax';

/**
 * FHIRPath after analysis: every node knows its FHIR type and whether it can give more than one value. No dialect is in
 * here; functions/sql-on-fhir/duckdb turns it into SQL. `many: false` stands for an empty or single value (NULL or the
 * value), `many: true` for a list (NULL and the empty list are both empty).
 */
interface Typed {
  /** FHIR type code, or the path of a backbone element; `nothing` for what is always empty. */
  readonly type: string;
  readonly many: boolean;
  /** What is read of a complex value. */
  readonly shape: Shape;
}

export type ComparisonOperator = Extract<BinaryOperator, '=' | '!=' | '<' | '<=' | '>' | '>='>;
export type ArithmeticOperator = Extract<BinaryOperator, '+' | '-' | '*' | '/'>;

/** A name that SQL binds: the resource, an element of an iteration, the parameter of a lambda. */
export interface Variable extends Typed {
  readonly kind: 'variable';
  readonly name: string;
}

export type Expression = Typed &
  (
    | Variable
    | { readonly kind: 'nothing' }
    | { readonly kind: 'literal'; readonly text: string }
    | { readonly kind: 'field'; readonly of: Expression; readonly key: string }
    /** A choice element (`value[x]`) before `ofType` decides; never left in a finished expression. */
    | { readonly kind: 'choice'; readonly of: Expression; readonly element: ElementDefinition }
    /** The only item of a list; more than one is an error when the SQL runs. */
    | { readonly kind: 'single'; readonly of: Expression }
    /** JSON text read as the resource that `variable` describes, where its resourceType says so. */
    | { readonly kind: 'resource'; readonly of: Expression; readonly variable: Variable }
    | { readonly kind: 'filter'; readonly of: Expression; readonly variable: Variable; readonly criteria: Expression }
    /** `position` counts from 0. */
    | { readonly kind: 'index'; readonly of: Expression; readonly position: Expression }
    | { readonly kind: 'exists'; readonly of: Expression }
    | { readonly kind: 'not'; readonly of: Expression }
    | { readonly kind: 'logic'; readonly operator: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
    | {
        readonly kind: 'comparison';
        readonly operator: ComparisonOperator;
        readonly left: Expression;
        readonly right: Expression;
      }
    | {
        readonly kind: 'arithmetic';
        readonly operator: ArithmeticOperator;
        readonly left: Expression;
        readonly right: Expression;
      }
    | { readonly kind: 'join'; readonly of: Expression; readonly separator: Expression }
    | { readonly kind: 'boundary'; readonly of: Expression; readonly side: 'low' | 'high' }
    | { readonly kind: 'resourceKey'; readonly of: Expression }
    | { readonly kind: 'referenceKey'; readonly of: Expression; readonly target?: string }
    | { readonly kind: 'rowIndex'; readonly name: string }
  );

export type ExpressionOf<Kind extends Expression['kind']> = Extract<Expression, { kind: Kind }>;
