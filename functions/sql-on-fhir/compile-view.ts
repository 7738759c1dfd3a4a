import { querySql } from './duckdb/query-sql';
import type { ViewSource } from './duckdb/source-sql';
import { planView } from './plan-view';
import { sqlTypeName } from './sql-type';
import { parseViewDefinition } from './view-definition';

export interface CompileOptions {
  readonly source: ViewSource;
  readonly dialect: 'duckdb';
}

export interface CompiledColumn {
  readonly name: string;
  /** SQL type of one value; a collection is a list of it. */
  readonly type: string;
  readonly fhirType: string;
  readonly collection: boolean;
  /** The column holds resource or reference keys, which engines write in different forms. */
  readonly key: boolean;
}

export interface CompiledView {
  /** One SELECT that gives the rows of the view. */
  readonly sql: string;
  readonly columns: readonly CompiledColumn[];
  /** The resource type the view is about. */
  readonly resource: string;
}

/**
 * Compiles the JSON of a ViewDefinition. Pure: nothing is read, nothing is run.
 *
 * Keys: `getResourceKey()` and `getReferenceKey()` give the bare id (`p1`), so that they join; spark-casts.ts says how the typed
 * keys of Pathling are brought to the same form.
 *
 * Decimals: a column without an `ansi/type` tag is text and shows the sender's letters (1.50); `DECIMAL(p, s)` is exact.
 * Up to 15 digits (and for DOUBLE) the fast reader of numbers suffices; text, more digits and boundaries make the view read
 * each resource as text first, which costs about twice the time.
 *
 * Errors: `InvalidArgument` with the place of the fault in the definition.
 */
export function compileView(view: unknown, { source }: CompileOptions): CompiledView {
  const definition = parseViewDefinition(view);
  const plan = planView(definition);
  return {
    sql: querySql(plan, source),
    columns: plan.columns.map(({ name, sqlType, fhirType, collection, key }) => ({
      name,
      type: sqlTypeName(sqlType),
      fhirType,
      collection,
      key,
    })),
    resource: definition.resource,
  };
}
