import type { SqlRow, SqlValue, StateDatabase } from '../../adapters/ports/state-database';

/** A row as NDJSON carries it: texts and whole numbers; no table of the lake holds bytes. */
export type DumpedRow = Readonly<Record<string, string | number | null>>;

export interface StateDump {
  /** All rows of all tables as of one moment, table by table. */
  dump(write: (table: string, rows: readonly DumpedRow[]) => Promise<void>): Promise<void>;
  /** Takes out the rows that the migrations of a new database write: the restored ones stand for them. */
  clear(): Promise<void>;
  /** Puts rows into an empty table. */
  restore(table: string, rows: readonly DumpedRow[]): Promise<void>;
}

const rowsAtOnce = 5000;

/** Tables by the migrations that make them: the same list whatever database holds them. */
export function tablesIn(statements: readonly string[]): readonly string[] {
  return statements.flatMap((statement) => /^\s*CREATE TABLE (?:IF NOT EXISTS )?(\w+)/i.exec(statement)?.[1] ?? []);
}

const plain = (row: SqlRow): DumpedRow =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, typeof value === 'bigint' ? Number(value) : (value as string)]),
  );

/** Reads a whole database out and in again, for moving a lake; the role of no function may. */
export function stateDump(database: StateDatabase, tables: readonly string[]): StateDump {
  const known = (table: string): string => {
    if (!tables.includes(table)) throw new RangeError('The table is none of this version.');
    return `"${table}"`;
  };
  return {
    dump: (write) =>
      database.snapshot(async (tx) => {
        for (const table of tables) {
          for (let offset = 0; ; offset += rowsAtOnce) {
            // Within one snapshot the order without ORDER BY is not promised: order by every column.
            const [first] = await tx.query(`SELECT * FROM ${known(table)} LIMIT 1`);
            if (first === undefined) break;
            const order = Object.keys(first).map((_, index) => index + 1);
            const rows = await tx.query(
              `SELECT * FROM ${known(table)} ORDER BY ${order.join(', ')} LIMIT ${rowsAtOnce} OFFSET ${offset}`,
            );
            if (rows.length > 0) await write(table, rows.map(plain));
            if (rows.length < rowsAtOnce) break;
          }
        }
      }),
    clear: () =>
      database.transaction(async (tx) => {
        for (const table of tables) await tx.run(`DELETE FROM ${known(table)}`);
      }),
    restore: (table, rows) =>
      database.transaction(async (tx) => {
        for (const row of rows) {
          const names = Object.keys(row);
          const columns = names.map((name) => `"${name.replaceAll('"', '')}"`).join(', ');
          const values: SqlValue[] = names.map((name) => row[name] ?? null);
          await tx.run(
            `INSERT INTO ${known(table)} (${columns}) VALUES (${names.map(() => '?').join(', ')}) ON CONFLICT DO NOTHING`,
            values,
          );
        }
      }),
  };
}
