import type { QuerySession } from '../../adapters/ports/query-engine';
import type { DataFiles } from './data-files';
import type { AddFile } from './delta-actions';
import { filterSql, mayHold, type RowFilter } from './row-filter';
import { type Snapshot, schemaOf } from './snapshot';

interface Examined {
  /** Rows of the filter in the file. */
  readonly rows: number;
  /** The file without them; none when nothing is left. */
  readonly rest: readonly AddFile[];
}

/** What the removal does to a version. */
export interface Removal {
  readonly rows: number;
  readonly removed: readonly string[];
  readonly added: readonly AddFile[];
}

const fileColumn = 'file_of_table';

/**
 * Takes the rows of a filter out of a table, file by file. Each file is examined once, however many versions the removal
 * meets before it lands: files never change, so a version that another writer made first costs only its new files.
 */
export class RowRemoval {
  readonly #session: QuerySession;
  readonly #files: DataFiles;
  readonly #filter: RowFilter;
  readonly #examined = new Map<string, Examined>();

  constructor(session: QuerySession, files: DataFiles, filter: RowFilter) {
    this.#session = session;
    this.#files = files;
    this.#filter = filter;
  }

  async from(snapshot: Snapshot): Promise<Removal> {
    await this.#examine(snapshot);
    const hits = [...this.#examined].filter(([path, { rows }]) => rows > 0 && snapshot.files.has(path));
    return {
      rows: hits.reduce((sum, [, { rows }]) => sum + rows, 0),
      removed: hits.map(([path]) => path),
      added: hits.flatMap(([, { rest }]) => rest),
    };
  }

  /** All that was written, also for files that another writer has replaced since. */
  written(): readonly AddFile[] {
    return [...this.#examined.values()].flatMap(({ rest }) => rest);
  }

  async #examine(snapshot: Snapshot): Promise<void> {
    const schema = schemaOf(snapshot);
    if (schema === undefined || snapshot.metaData === undefined) return;
    const condition = filterSql(this.#filter, schema);
    const candidates = [...snapshot.files.values()].filter(
      (file) => !this.#examined.has(file.path) && mayHold(this.#filter, file, schema),
    );
    if (candidates.length === 0) return;
    const relation = await this.#files.relation(candidates, schema, fileColumn);
    const { rows } = await this.#session.query(
      `SELECT ${fileColumn} AS path, count(*) AS hits FROM ${relation} WHERE ${condition} GROUP BY ALL`,
    );
    const hits = new Map(rows.map((row) => [String(row.path), Number(row.hits)]));
    for (const file of candidates) {
      const found = hits.get(file.path) ?? 0;
      // IS NOT TRUE: a row whose column is NULL is not of the filter and stays.
      const left = (rows: string): string => `SELECT * FROM ${rows} WHERE (${condition}) IS NOT TRUE`;
      const rest = found === 0 ? [] : await this.#files.rewrite(this.#session, [file], left, schema, snapshot.metaData);
      this.#examined.set(file.path, { rows: found, rest });
    }
  }
}

/** SQL text that counts rows outside of a filter. */
export const countOutside = (relation: string, condition: string): string =>
  `SELECT count(*) AS rows FROM ${relation} WHERE (${condition}) IS NOT TRUE`;
