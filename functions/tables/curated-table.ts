import { isLakeError } from '../../adapters/ports/errors';
import type { QuerySession } from '../../adapters/ports/query-engine';
import { type Deletion, DeltaTable, type TableEngine, type TableStore } from './delta-table';
import { quoteText } from './sql-text';

const columns =
  "{id: 'VARCHAR', version: 'BIGINT', last_updated: 'TIMESTAMPTZ', provider: 'VARCHAR', patient_ref: 'VARCHAR', deleted: 'BOOLEAN', resource: 'VARCHAR'}";
const foldAttempts = 5;

/**
 * The curated table of one resource type: every version that landed, `resource` as its exact JSON text. What is current is
 * decided when it is read (merge on read): the highest version of each id that is not a tombstone.
 */
export class CuratedTable {
  readonly delta: DeltaTable;

  /** @param type FHIR resource type; the table is called by it in lower case. */
  constructor(store: TableStore, type: string, engine: TableEngine) {
    this.delta = new DeltaTable(store, type.toLowerCase(), engine, {
      // Not of `resource`: the log would carry the beginning of a person's record.
      configuration: { 'delta.dataSkippingStatsColumns': 'id,version,last_updated,provider,patient_ref,deleted' },
    });
  }

  /** Appends rows from an NDJSON file as one batch, once: a batch at or below the last one is in the table already. */
  appendBatch(session: QuerySession, batch: number, ndjsonFile: string): Promise<number | undefined> {
    const select = `SELECT * FROM read_json(${quoteText(ndjsonFile)}, format = 'newline_delimited', maximum_object_size = 33554432, columns = ${columns})`;
    return this.delta.append(session, select, { transaction: { appId: 'curate', version: batch } });
  }

  /** SQL text of the current state: one row per id, without what was deleted. */
  async currentState(): Promise<string> {
    return `(SELECT * FROM ${await this.delta.relation()} QUALIFY ${isNewest} AND NOT deleted)`;
  }

  /**
   * Merges the small files of the table. Without history it also folds it to the newest version of each id; tombstones stay,
   * or a version that arrives late would bring a deleted resource back. Gives the new version.
   */
  async compact(session: QuerySession, keepHistory = true): Promise<number | undefined> {
    if (keepHistory) return this.delta.compact(session, { orderBy: ['id', 'version'] });
    for (let attempt = 1; ; attempt += 1) {
      const snapshot = await this.delta.snapshot();
      if (snapshot.version < 0) return undefined;
      const newest = `SELECT * FROM ${await this.delta.relation(snapshot)} QUALIFY ${isNewest} ORDER BY id`;
      try {
        return await this.delta.replaceFiles(session, [...snapshot.files.keys()], newest);
      } catch (error) {
        if (!isLakeError(error, 'PreconditionFailed') || attempt === foldAttempts) throw error;
      }
    }
  }

  /** Takes every version of some resources out of the table, its files, log, statistics and past versions. */
  erase(session: QuerySession, ids: readonly string[]): Promise<Deletion> {
    return this.delta.erase(session, { column: 'id', in: ids });
  }
}

const isNewest = 'row_number() OVER (PARTITION BY id ORDER BY version DESC, last_updated DESC) = 1';
