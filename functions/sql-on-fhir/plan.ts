import type { Expression, Variable } from './fhirpath/expression';
import type { SqlType } from './sql-type';

/**
 * The relational plan of a view, free of any dialect. It starts from one row per resource and applies `steps` in order;
 * each step may multiply or drop rows and binds a variable. `unionAll` is a `branch` step that gives each row once per
 * branch: steps and columns of a branch are guarded by it, so that the source is read once, whatever the view looks like.
 */
export interface ViewPlan {
  readonly resource: Variable;
  readonly steps: readonly PlanStep[];
  readonly where: readonly Expression[];
  readonly columns: readonly PlanColumn[];
  /** The JSON keys of decimals whose letters are needed, not only their value; mostly none (see compile-view.ts). */
  readonly decimalKeys: readonly string[];
}

/**
 * Where a step or a column applies; several guards hold together. `branch`: in one branch of a union. `present`: not in the
 * row that a forEachOrNull gives for an empty list, in which every column below is NULL and every list below counts as one
 * (SQL on FHIR, "Processing Algorithm", step 3).
 */
export type Guard =
  | { readonly kind: 'branch'; readonly branch: string; readonly value: number }
  | { readonly kind: 'present'; readonly element: string };

export type PlanStep =
  | { readonly kind: 'branch'; readonly name: string; readonly count: number; readonly guards: readonly Guard[] }
  | {
      readonly kind: 'each';
      readonly element: Variable;
      readonly list: Expression;
      /** forEachOrNull: a row with an empty element when the list is empty. */
      readonly outer: boolean;
      readonly index: RowIndex;
      readonly guards: readonly Guard[];
    }
  | {
      readonly kind: 'repeat';
      readonly element: Variable;
      /** Where the walk begins. */
      readonly seeds: readonly Expression[];
      /** A node of the walk, and the paths from it to the next ones. */
      readonly node: Variable;
      readonly paths: readonly Expression[];
      readonly index: RowIndex;
      readonly guards: readonly Guard[];
    };

/** The variable of `%rowIndex` in an iteration; made only when something reads it. */
export interface RowIndex {
  readonly name: string;
  used: boolean;
}

export interface PlanColumn {
  readonly name: string;
  readonly fhirType: string;
  readonly sqlType: SqlType;
  readonly collection: boolean;
  /** The column holds resource or reference keys. */
  readonly key: boolean;
  /** One case for each branch of the unions around the column; outside of any union there is one. */
  readonly cases: readonly { readonly guards: readonly Guard[]; readonly value: Expression }[];
}
