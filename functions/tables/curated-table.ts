import type { QuerySession } from '../../adapters/ports/query-engine';
import { clinicalYear, clinicalYearSql } from './clinical-year';
import { binsOf } from './compaction';
import { curatedColumns } from './curated-columns';
import { type Deletion, DeltaTable, type TableEngine, type TableStore } from './delta-table';
import { quoteIdentifier, quoteText } from './sql-text';

/** How far back curated tables can be read by time travel; landing keeps every version. */
export const curatedHistoryMilliseconds = 7 * 24 * 3_600_000;
/** So many small files are merged as soon as they are there, instead of at the next compaction. */
const manySmallFiles = 100;

const columns = `{${curatedColumns.map(({ name, duckDb }) => `${name}: '${duckDb}'`).join(', ')}}`;
/** Bytes from which on a table is divided by the clinical year (design section 13): less reads faster whole. */
const manyBytes = 10_000_000_000;
/** The file of a row, while files are weighed. */
const fileColumn = 'file_of_table';

const curatedRows = (ndjsonFile: string): string =>
  `SELECT * FROM read_json(${quoteText(ndjsonFile)}, format = 'newline_delimited', maximum_object_size = 33554432, columns = ${columns})`;

/**
 * The curated table of one resource type: every version that landed, `resource` as its exact JSON text. What is current is
 * decided when it is read (merge on read): the highest version of each id that is not a tombstone.
 */
export class CuratedTable {
  readonly delta: DeltaTable;
  readonly #year: string;

  /** @param type FHIR resource type; the table is called by it in lower case. */
  constructor(store: TableStore, type: string, engine: TableEngine) {
    this.#year = clinicalYearSql(type.toLowerCase());
    this.delta = new DeltaTable(store, type.toLowerCase(), engine, {
      // Not of `resource`: the log would carry the beginning of a person's record.
      // With DuckDB's 122,880 rows together one page of a file is 100 MB and more, which nobody reads in the 256 MB that a function has:
      // the compaction of half a million Observations ended for lack of memory.
      wideColumn: 'resource',
      configuration: { 'delta.dataSkippingStatsColumns': 'id,version,last_updated,provider,patient_ref,deleted' },
    });
  }

  /**
   * Appends rows from an NDJSON file as one batch, once: a batch at or below the last one is in the table already.
   *
   * @param generation the oldest version of the pseudonym key in the rows. `Unavailable` when the table was made over since.
   */
  async appendBatch(
    session: QuerySession,
    batch: number,
    ndjsonFile: string,
    generation?: number,
  ): Promise<number | undefined> {
    const isDivided = await this.#isDivided();
    const options = { transaction: { appId: 'curate', version: batch }, generation };
    try {
      return await this.delta.append(session, await this.rowsOf(ndjsonFile), options);
    } catch (error) {
      // The table was divided while these rows were made.
      if (isDivided || !(await this.#isDivided())) throw error;
      return this.delta.append(session, await this.rowsOf(ndjsonFile), options);
    }
  }

  /** SQL text of the rows in an NDJSON file, as the table holds them. */
  async rowsOf(ndjsonFile: string): Promise<string> {
    const rows = curatedRows(ndjsonFile);
    return (await this.#isDivided()) ? `SELECT *, ${this.#year} AS ${clinicalYear} FROM (${rows})` : rows;
  }

  /**
   * Divides a table of more than `bytes` by the clinical year of its rows, once: readers get a column more and the same rows.
   * Gives the new version, or undefined when there was nothing to do.
   */
  async partition(session: QuerySession, bytes = manyBytes): Promise<number | undefined> {
    const { files } = await this.delta.snapshot();
    if ([...files.values()].reduce((sum, { size }) => sum + size, 0) <= bytes) return undefined;
    return this.delta.repartition(session, { name: clinicalYear, type: 'integer', sql: this.#year });
  }

  /** SQL text of the current state: one row per id, without what was deleted. */
  async currentState(): Promise<string> {
    return `(SELECT * FROM ${await this.delta.relation()} QUALIFY ${isNewest} AND NOT deleted)`;
  }

  /**
   * Merges the small files of the table. Without history it also folds what it writes to the newest version of each id: small
   * files, and those of which a fifth or more is superseded. Tombstones stay, or a version that arrives late would bring a deleted
   * resource back. Gives the new version, or undefined when there was nothing to do.
   *
   * @param options `staleShare`: superseded rows of a file, of all its rows, from which on it is written anew.
   */
  async compact(
    session: QuerySession,
    keepHistory = true,
    { staleShare = 0.2, ...layout }: { readonly staleShare?: number; readonly targetBytes?: number } = {},
  ): Promise<number | undefined> {
    if (keepHistory) return this.delta.compact(session, layout);
    const snapshot = await this.delta.snapshot();
    if (snapshot.version < 0) return undefined;
    const newest = quoteIdentifier(`_newest_${this.delta.name}`);
    const ofFiles = quoteIdentifier(`_newest_of_files_${this.delta.name}`);
    // What is superseded stays so whatever is appended meanwhile: the fold of a file and an append do not conflict.
    await session.run(
      `CREATE OR REPLACE TEMP TABLE ${newest} AS SELECT id, version, ${fileColumn} FROM ${await this.delta.relation(snapshot, undefined, fileColumn)} QUALIFY ${isNewest}`,
    );
    try {
      const { rows } = await session.query(
        `SELECT ${fileColumn} AS file FROM ${await this.delta.relation(snapshot, undefined, fileColumn)} LEFT JOIN (SELECT ${fileColumn}, count(*) AS newest FROM ${newest} GROUP BY ALL) USING (${fileColumn}) GROUP BY ALL HAVING count(*) - coalesce(any_value(newest), 0) >= greatest(1, ${staleShare} * count(*))`,
      );
      const files = new Set(rows.map(({ file }) => String(file)));
      // Of these files alone: the smaller side of a join is kept in memory, and that must never be the resources.
      const keep = async (paths: readonly string[]): Promise<string> => {
        await session.run(
          `CREATE OR REPLACE TEMP TABLE ${ofFiles} AS SELECT id, version FROM ${newest} WHERE ${fileColumn} IN (${paths.map(quoteText).join(', ')})`,
        );
        return `(id, version) IN (SELECT (id, version) FROM ${ofFiles})`;
      };
      return await this.delta.compact(session, { ...layout, without: { keep, files, of: snapshot } });
    } finally {
      await session.run(`DROP TABLE ${newest}; DROP TABLE IF EXISTS ${ofFiles}`);
    }
  }

  /**
   * For a committer that appends without an end: merges small files when there are many, and then deletes the past beyond its
   * history, so that a table stays quick to open and to read. True when there were.
   */
  async tidy(session: QuerySession, many = manySmallFiles): Promise<boolean> {
    const { files } = await this.delta.snapshot();
    if (!binsOf(files.values()).some(({ length }) => length >= many)) return false;
    await this.compact(session);
    await this.delta.vacuum(new Date(Date.now() - curatedHistoryMilliseconds));
    return true;
  }

  async #isDivided(): Promise<boolean> {
    return (await this.delta.snapshot()).metaData?.partitionColumns.includes(clinicalYear) === true;
  }

  /** Takes every version of some resources out of the table, its files, log, statistics and past versions. */
  erase(session: QuerySession, ids: readonly string[]): Promise<Deletion> {
    return this.delta.erase(session, { column: 'id', in: ids });
  }
}

const isNewest = 'row_number() OVER (PARTITION BY id ORDER BY version DESC, last_updated DESC) = 1';
