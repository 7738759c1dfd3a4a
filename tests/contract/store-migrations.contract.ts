import assert from 'node:assert/strict';
import type { SqlValue, StateDatabase } from '../../adapters/ports/state-database';
import { migrationsOf } from '../../functions/hosts/state-stores';
import type { StateDatabaseHarness } from './state-database.contract';

interface Column {
  readonly table: string;
  readonly column: string;
  readonly type: string;
}

/** By id: `<store>-<4 digits>-…`. Each store counts by itself. */
const numberOf = (id: string): number => Number(/-(\d{4})-/.exec(id)?.[1]);

/** Some value of a column: what it is called, so that a migration that moves it elsewhere is seen. */
function valueFor({ column, type }: Column): SqlValue {
  if (/int/i.test(type)) return 1;
  if (/real|double/i.test(type)) return 0.5;
  return /blob|bytea/i.test(type) ? Uint8Array.of(1, 2) : column;
}

/**
 * The lake's own tables, as any release before left them, with a row in each: what `up` finds at an upgrade.
 *
 * @param columnsSql asks this database for `table`, `column` and `type` of each column of its own tables, in their order
 */
export function storeMigrationsContract(
  name: string,
  fresh: () => Promise<StateDatabaseHarness>,
  columnsSql: string,
): void {
  describe(`StateDatabase: ${name}`, () =>
    describe('migrations', () => {
      const tablesOf = async (database: StateDatabase): Promise<ReadonlyMap<string, readonly Column[]>> => {
        const columns = await database.snapshot((look) => look.query<Column>(columnsSql));
        return Map.groupBy(
          columns.filter(({ table }) => table !== 'schema_migration'),
          ({ table }) => table,
        );
      };
      const listOf = (columns: readonly Column[]): string => columns.map(({ column }) => `"${column}"`).join(', ');

      for (const called of ['lake', 'identity'] as const) {
        const newest = migrationsOf(called);
        const last = Math.max(...newest.map(({ id }) => numberOf(id)));
        for (let from = 1; from <= last; from += 1)
          it(`of the ${called} database keep every row there was, from number ${from} of each store`, async () => {
            const { open, drop } = await fresh();
            const database = await open();
            try {
              await database.migrate(newest.filter(({ id }) => numberOf(id) <= from));
              const before = await tablesOf(database);
              assert.ok(before.size > 5);
              await database.transaction(async (transaction) => {
                for (const [table, columns] of before)
                  await transaction.run(
                    `INSERT INTO "${table}" (${listOf(columns)}) VALUES (${columns.map(() => '?').join(', ')})`,
                    columns.map(valueFor),
                  );
              });
              await database.migrate(newest);
              await database.migrate(newest);
              const after = await tablesOf(database);
              assert.ok(after.size >= before.size);
              for (const [table, columns] of before) {
                const sql = `SELECT ${listOf(columns)} FROM "${table}"`;
                const rows = await database.snapshot((look) => look.query(sql));
                const row = Object.fromEntries(columns.map((column) => [column.column, valueFor(column)]));
                assert.ok(
                  rows.some((one) => JSON.stringify(one) === JSON.stringify(row)),
                  `the row of ${table} is gone or another`,
                );
              }
            } finally {
              await database.close();
              await drop();
            }
          });
      }
    }));
}
