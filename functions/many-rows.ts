import type { SqlValue, StateTransaction } from '../adapters/ports/state-database';

/** How many rows one statement takes: a few sizes, so that a database meets the same texts again and keeps them prepared. */
const sizes = [64, 16, 4, 1];

/** Items in their order, in portions of those sizes. */
export function portions<Item>(items: readonly Item[]): (readonly Item[])[] {
  const found: (readonly Item[])[] = [];
  let from = 0;
  for (const size of sizes)
    for (; items.length - from >= size; from += size) found.push(items.slice(from, from + size));
  return found;
}

/** So many `?`, parted by commas. */
export const placeholders = (count: number): string => new Array<string>(count).fill('?').join(', ');

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
