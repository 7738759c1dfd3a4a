import type { Migration, StateDatabase } from '../adapters/ports/state-database';

/** The two databases of the lake: no role reads both (design section 5). */
export type DatabaseName = 'lake' | 'identity';

/** What one operation may do to one table; `columns` narrows a SELECT or an UPDATE. */
export interface TableGrant {
  readonly table: string;
  readonly privilege: 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE';
  readonly columns?: readonly string[];
}

/** Every member of a store is an asynchronous operation: the unit of least privilege. */
export type StoreOperations = object;

/**
 * A named set of operations over a few tables. A manifest names the operations a function uses; the grants of its
 * PostgreSQL role are computed from them, nothing else in the code writes a grant.
 */
export interface StateStore<Operations extends StoreOperations> {
  readonly name: string;
  readonly database: DatabaseName;
  readonly migrations: readonly Migration[];
  readonly grants: { readonly [Operation in keyof Operations]: readonly TableGrant[] };
  open(database: StateDatabase): Operations;
}

export function defineStateStore<Operations extends StoreOperations>(
  store: StateStore<Operations>,
): StateStore<Operations> {
  return store;
}
