import type { CatalogueTable } from '../../../adapters/ports/catalogue';
import { LakeError } from '../../../adapters/ports/errors';
import type { QueryResult } from '../../../adapters/ports/query-engine';
import { linkTable } from '../../identity/publish-links';
import { defineManifest, objectStore, onRequest, query } from '../../manifest';
import { CuratedTable } from '../../tables/curated-table';
import { DeltaTable } from '../../tables/delta-table';
import { quoteIdentifier } from '../../tables/sql-text';
import { tableOperations } from '../../tables/table-operations';
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

/** One statement that reads: SELECT, WITH, FROM, VALUES, DESCRIBE, SUMMARIZE. */
const reads = /^\s*(?:--[^\n]*\n\s*)*(?:select|with|from|values|describe|summarize)\b/i;

/** Read-only SQL over the catalogue's tables; curated tables show their current state. */
export async function runOperatorSql(
  parts: LakeParts,
  tables: readonly CatalogueTable[],
  text: string,
): Promise<QueryResult> {
  const statement = text.trim().replace(/;\s*$/, '');
  if (!reads.test(statement) || statement.includes(';')) {
    throw new LakeError(
      'InvalidArgument',
      'Only one reading statement is allowed: SELECT, WITH, FROM, VALUES, DESCRIBE or SUMMARIZE.',
    );
  }
  const ports = parts.ports(operatorSqlManifest);
  const { curated, marts } = parts.folder.zones;
  const session = await ports.query.session({ readableFolders: [curated, marts] });
  try {
    for (const schema of ['curated', 'marts']) await session.run(`CREATE SCHEMA ${schema}`);
    for (const { database, name } of tables) {
      // Only what the statement names is opened.
      if (!statement.toLowerCase().includes(name)) continue;
      const store = ports[database];
      const merged = database === 'curated' && name !== linkTable;
      const relation = merged
        ? await new CuratedTable(store, name, ports.query).currentState()
        : await new DeltaTable(store, name, ports.query).relation();
      await session.run(`CREATE VIEW ${database}.${quoteIdentifier(name)} AS SELECT * FROM ${relation}`);
    }
    return await session.query(statement);
  } finally {
    await session.close();
  }
}
