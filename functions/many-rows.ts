import type { SqlRow, SqlValue, StateTransaction } from '../adapters/ports/state-database';

/** How many rows one statement takes: a few sizes, so that a database meets the same texts again and keeps them prepared. */
const sizes = [64, 32, 16, 8, 4, 2, 1];

/** Items in their order, in portions of those sizes. */
export function portions<Item>(items: readonly Item[]): (readonly Item[])[] {
  const found: (readonly Item[])[] = [];
  let from = 0;
  for (const size of sizes)
    for (; items.length - from >= size; from += size) found.push(items.slice(from, from + size));
  return found;
}

/** So many `?`, parted by commas. */
const placeholders = (count: number): string => new Array<string>(count).fill('?').join(', ');

/** Where rows lie that are looked for by a key: `where`, with placeholders, and the key make a unique index. */
interface Place {
  readonly table: string;
  readonly where?: string;
  readonly key: string;
  /** The first is never null. */
  readonly columns: readonly string[];
}

/**
 * Begins to look up the rows of keys, many with one statement; a key without a row is not in the answer.
 *
 * Each key is asked for by itself. Of a list (`IN`), PostgreSQL reads all that `where` leaves while it knows nothing of a table
 * that was empty a minute ago (seen: 840 rows for each create), and a serialisable transaction then meets every other.
 *
 * @param parameters of `where`
 */
export async function rowsByKey<Row extends SqlRow>(
  transaction: StateTransaction,
  { table, where, key, columns }: Place,
  parameters: readonly SqlValue[],
  keys: readonly string[],
): Promise<ReadonlyMap<string, Row>> {
  const condition = `${where === undefined ? '' : `${where} AND `}${key} = asked.one`;
  const values = columns.map((column) => `(SELECT ${column} FROM ${table} WHERE ${condition}) AS ${column}`).join(', ');
  const found: Promise<(Row & { readonly one: string })[]>[] = [];
  for (let from = 0; from < keys.length; from += sizes[0]!) {
    const some = keys.slice(from, from + sizes[0]!);
    const size = sizes.findLast((one) => one >= some.length)!;
    // The last one again and again, up to one of the sizes.
    const filled = [...some, ...new Array<string>(size - some.length).fill(some.at(-1)!)];
    const asked = new Array<string>(size).fill('(?)').join(', ');
    found.push(
      transaction.query(`WITH asked (one) AS (VALUES ${asked}) SELECT one, ${values} FROM asked`, [
        ...filled,
        ...columns.flatMap(() => parameters),
      ]),
    );
  }
  const rows = (await Promise.all(found)).flat().filter((row) => row[columns[0]!] !== null);
  return new Map(rows.map((row) => [row.one, row]));
}

/**
 * Begins to insert rows, many with one statement.
 *
 * @param insert up to the columns: `INSERT INTO name (column, …)`
 * @param ending what follows the rows, for example `ON CONFLICT DO NOTHING`
 */
export function insertRows(
  transaction: StateTransaction,
  insert: string,
  rows: readonly (readonly SqlValue[])[],
  ending = '',
): Promise<unknown> {
  return Promise.all(
    portions(rows).map((portion) => {
      const row = `(${placeholders(portion[0]!.length)})`;
      const values = new Array<string>(portion.length).fill(row).join(', ');
      return transaction.run(`${insert} VALUES ${values} ${ending}`, portion.flat());
    }),
  );
}
