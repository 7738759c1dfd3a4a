import type { QuerySession } from '../../adapters/ports/query-engine';
import type { DeltaSchema } from './column-types';
import { quoteIdentifier, quoteText } from './sql-text';

/** DuckDB's own default. */
const usualRowsPerGroup = 122_880;
/** Rows that DuckDB hands on together: a group of fewer is written only when they come in smaller portions. */
export const portion = 2048;
/** Bytes of a wide column that stand together: whoever reads or writes a file has a few of these in memory for each thread. */
const wideBytes = 8 * 1024 * 1024;

/** How rows with a column as wide as a FHIR resource are written in bounded memory. */
export interface WideRows {
  readonly rowsPerGroup: number;
  /** How many portions rows are taken in, each a reading of its own. */
  readonly portions: number;
}

export const usualRows: WideRows = { rowsPerGroup: usualRowsPerGroup, portions: 1 };

/** @param bytes of the wide column in a row, on average. */
export function wideRows(bytes: number): WideRows {
  const most = wideBytes / Math.max(1, bytes);
  if (most < portion) return { rowsPerGroup: Math.max(1, Math.floor(most)), portions: Math.ceil(portion / most) };
  return { rowsPerGroup: Math.min(usualRowsPerGroup, Math.floor(most / portion) * portion), portions: 1 };
}

/** Bytes of a column in a row, on average, of a query (its first rows) or of files (all rows; nothing is read but their ends). */
export async function bytesOfRow(
  session: QuerySession,
  column: string,
  from: string | readonly string[],
): Promise<number> {
  const sql =
    typeof from === 'string'
      ? `SELECT avg(strlen(wide)) AS bytes FROM (SELECT ${quoteIdentifier(column)} AS wide FROM (${from}) LIMIT ${portion})`
      : `SELECT sum(total_uncompressed_size) / sum(num_values) AS bytes FROM parquet_metadata([${from.map(quoteText).join(', ')}]) WHERE path_in_schema = ${quoteText(column)}`;
  const { rows } = await session.query(sql);
  return Number(rows[0]?.bytes ?? 1);
}

/** SQL text of the same rows in portions, which are told apart by the columns that are not wide. */
export function portionsOf(select: string, { fields }: DeltaSchema, wide: string, portions: number): string {
  const columns = fields.filter(({ name }) => name !== wide).map(({ name }) => quoteIdentifier(name));
  return Array.from(
    { length: portions },
    (_, index) => `SELECT * FROM (${select}) WHERE hash(${columns.join(', ')}) % ${portions} = ${index}`,
  ).join(' UNION ALL ');
}
