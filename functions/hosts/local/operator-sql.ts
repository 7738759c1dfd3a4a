import type { CatalogueTable } from '../../../adapters/ports/catalogue';
import type { QueryResult } from '../../../adapters/ports/query-engine';
import { defineManifest, objectStore, onRequest, query } from '../../manifest';
import { tableOperations } from '../../tables/table-operations';
import { runSql } from '../compose/sql-function';
import type { LakeParts } from './lake-parts';

export const operatorSqlManifest = defineManifest({
  name: 'operator-sql',
  trigger: onRequest(),
  uses: {
    curated: objectStore('curated', tableOperations),
    marts: objectStore('marts', tableOperations),
    query: query(),
  },
});

/** Read-only SQL over everything in the catalogue, for the operator of the machine. */
export function runOperatorSql(
  parts: LakeParts,
  tables: readonly CatalogueTable[],
  text: string,
): Promise<QueryResult> {
  const { query: engine, ...stores } = parts.ports(operatorSqlManifest);
  return runSql(engine, stores, tables, text);
}
