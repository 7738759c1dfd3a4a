/**
 * The syntax tree of the FHIRPath subset that SQL on FHIR allows (http://hl7.org/fhirpath, normative release 2.0.0;
 * https://sql-on-fhir.org, "Supported FHIRPath"). `at` is the offset of a node in its expression, for messages.
 */
export const binaryOperators = ['and', 'or', '=', '!=', '<', '<=', '>', '>=', '+', '-', '*', '/'] as const;
export type BinaryOperator = (typeof binaryOperators)[number];

export type LiteralType = 'string' | 'integer' | 'decimal' | 'boolean' | 'date' | 'dateTime' | 'time';

export type Syntax =
  | { readonly kind: 'literal'; readonly at: number; readonly type: LiteralType; readonly text: string }
  | { readonly kind: 'empty'; readonly at: number }
  | { readonly kind: 'this'; readonly at: number }
  | { readonly kind: 'constant'; readonly at: number; readonly name: string }
  | { readonly kind: 'member'; readonly at: number; readonly of?: Syntax; readonly name: string }
  | {
      readonly kind: 'call';
      readonly at: number;
      readonly of?: Syntax;
      readonly name: string;
      readonly parameters: readonly Syntax[];
    }
  | { readonly kind: 'index'; readonly at: number; readonly of: Syntax; readonly position: Syntax }
  | { readonly kind: 'negative'; readonly at: number; readonly of: Syntax }
  | {
      readonly kind: 'binary';
      readonly at: number;
      readonly operator: BinaryOperator;
      readonly left: Syntax;
      readonly right: Syntax;
    };
