/**
 * Catalogue: which tables there are, with which columns, since when; query engines and people find tables by it.
 *
 * Guarantees (tests/contract/catalogue.contract.ts):
 * - the last publication of a table is what `tables` tells of it;
 * - the version of a schema begins with 1 and counts up by one whenever columns or partition columns differ from what was
 *   published before, and only then, also when several publish one table at once;
 * - a change is an event: `announce` has returned for every change of a schema before `publish` returns. What a crash or a
 *   failure of `announce` leaves untold, the next publication of the table tells: at least once.
 *
 * It describes data and holds none: a table that is published again after its catalogue was lost is whole.
 *
 * Errors: `InvalidArgument` (a name or a type the catalogue cannot hold), `PermissionDenied`, `Unavailable`.
 */
export const catalogueDatabases = ['curated', 'marts'] as const;
export type CatalogueDatabase = (typeof catalogueDatabases)[number];

export interface CatalogueColumn {
  readonly name: string;
  /** Delta type as it stands in the schema of the table; JSON for structs, lists and maps. */
  readonly type: string;
}

export interface PublishedTable {
  readonly database: CatalogueDatabase;
  /** Lower case letters, digits and underscores: what every engine takes unquoted. Its folder in the zone of its database. */
  readonly name: string;
  readonly columns: readonly CatalogueColumn[];
  /** In their order; none as a rule (design section 13). Their values stand in the log of the table. */
  readonly partitionColumns: readonly string[];
  /** Version of the Delta table. */
  readonly tableVersion: number;
  /** RFC 3339 in UTC. */
  readonly updated: string;
}

export interface CatalogueTable extends PublishedTable {
  readonly schemaVersion: number;
}

/** What is told of a change: names and counts, no content. */
export type CatalogueChange = Pick<CatalogueTable, 'database' | 'name' | 'schemaVersion'>;

export type Announce = (change: CatalogueChange) => Promise<void>;

export interface Catalogue {
  publish(table: PublishedTable, announce: Announce): Promise<void>;
  /** Every table, by database and name. */
  tables(): Promise<readonly CatalogueTable[]>;
}
