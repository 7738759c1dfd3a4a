import type { CatalogueTable } from '../../../adapters/ports/catalogue';
import { systemClock } from '../../../adapters/ports/clock';
import { isLakeError, LakeError } from '../../../adapters/ports/errors';
import type { QueryResult } from '../../../adapters/ports/query-engine';
import { linkTable } from '../../identity/publish-links';
import type { PortsOf } from '../../manifest';
import { answersDesk } from '../../operator/desk-request';
import { martSqlManifest } from '../../operator/manifest';
import { inputOf } from '../../operator/operator-input';
import { CuratedTable } from '../../tables/curated-table';
import { DeltaTable, type TableEngine, type TableStore } from '../../tables/delta-table';
import { readableFoldersOf } from '../../tables/place-file';
import { readOnlyStore } from '../../tables/read-only-store';
import { quoteIdentifier } from '../../tables/sql-text';

/** One statement that reads: SELECT, WITH, FROM, VALUES, DESCRIBE, SUMMARIZE. */
const reads = /^\s*(?:--[^\n]*\n\s*)*(?:select|with|from|values|describe|summarize)\b/i;

/** Read-only SQL over the catalogue's tables of these stores; curated tables show their current state. */
export async function runSql(
  engine: TableEngine,
  stores: { readonly curated?: TableStore; readonly marts: TableStore },
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
  const given = Object.values(stores);
  const session = await engine.session({ readableFolders: given.flatMap((store) => readableFoldersOf(store)) });
  try {
    for (const schema of Object.keys(stores)) await session.run(`CREATE SCHEMA ${schema}`);
    for (const { database, name } of tables) {
      const store = stores[database];
      // Only what the statement names is opened.
      if (store === undefined || !statement.toLowerCase().includes(name)) continue;
      const merged = database === 'curated' && name !== linkTable;
      const relation = merged
        ? await new CuratedTable(store, name, engine).currentState()
        : await new DeltaTable(store, name, engine).relation();
      await session.run(`CREATE VIEW ${database}.${quoteIdentifier(name)} AS SELECT * FROM ${relation}`);
    }
    return await session.query(statement);
  } catch (error) {
    throw isLakeError(error) && /Catalog Error: Table /.test(error.message)
      ? new LakeError(error.code, `${error.message} ${tablesText(tables, stores)}`, { cause: error })
      : error;
  } finally {
    await session.close();
  }
}

function tablesText(tables: readonly CatalogueTable[], stores: object): string {
  const names = tables.filter(({ database }) => database in stores).map(({ database, name }) => `${database}.${name}`);
  return names.length === 0
    ? 'There are no tables yet: `lake curate` and `lake marts build` make them.'
    : `There are: ${names.sort().join(', ')}. A mart is there once it was built: \`lake marts build\`.`;
}

/** Rows of one answer: a look, not a way to take a table out. */
const mostRows = 10_000;

/**
 * Read-only SQL over the marts for the lake's desk, in a process that can read marts and nothing else.
 *
 * @public loaded by name when a process serves this function
 */
export function martSqlFunction(ports: Omit<PortsOf<typeof martSqlManifest>, 'callers'>) {
  const { marts, query, catalogue, records } = ports;
  return answersDesk(
    martSqlManifest,
    (audit) => records.append({ recorded: systemClock.now().toISOString(), ...audit, purpose: 'HOPERAT' }),
    async (request) => {
      const { text } = inputOf(request, { text: 'text' });
      const result = await runSql(query, { marts: readOnlyStore(marts) }, await catalogue.tables(), text);
      if (result.rows.length > mostRows)
        throw new LakeError(
          'InvalidArgument',
          `A deployed lake answers with at most ${mostRows} rows. Count, group, or add LIMIT; an extract is for more.`,
        );
      return result;
    },
  );
}
