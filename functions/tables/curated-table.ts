import type { QueryEngine, QuerySession } from '../../adapters/ports/query-engine';
import { DeltaTable, type TableStore } from './delta-table';
import { quoteText } from './sql-text';

const columns =
  "{id: 'VARCHAR', version: 'BIGINT', last_updated: 'TIMESTAMPTZ', provider: 'VARCHAR', patient_ref: 'VARCHAR', deleted: 'BOOLEAN', resource: 'VARCHAR'}";

/**
 * The curated table of one resource type: every version that landed, `resource` as its exact JSON text. What is current is
 * decided when it is read (merge on read): the highest version of each id that is not a tombstone.
 */
export class CuratedTable {
  readonly delta: DeltaTable;

  /** @param type FHIR resource type; the table is called by it in lower case. */
  constructor(store: TableStore, type: string, engine: Pick<QueryEngine, 'spoolFolder'>) {
    this.delta = new DeltaTable(store, type.toLowerCase(), engine);
  }

  /** Appends rows from an NDJSON file as one batch, once: a batch at or below the last one is in the table already. */
  appendBatch(session: QuerySession, batch: number, ndjsonFile: string): Promise<number | undefined> {
    const select = `SELECT * FROM read_json(${quoteText(ndjsonFile)}, format = 'newline_delimited', maximum_object_size = 33554432, columns = ${columns})`;
    return this.delta.append(session, select, { transaction: { appId: 'curate', version: batch } });
  }

  /** SQL text of the current state: one row per id, without what was deleted. */
  async currentState(): Promise<string> {
    return `(SELECT * FROM ${await this.delta.relation()} QUALIFY row_number() OVER (PARTITION BY id ORDER BY version DESC, last_updated DESC) = 1 AND NOT deleted)`;
  }

  /** Folds the files of the table into one; superseded versions go unless history is kept. Gives the new version. */
  async compact(session: QuerySession, keepHistory = true): Promise<number | undefined> {
    const snapshot = await this.delta.snapshot();
    if (snapshot.files.size < 2 && keepHistory) return undefined;
    const rows = keepHistory ? await this.delta.relation(snapshot) : await this.currentState();
    return this.delta.replaceFiles(session, [...snapshot.files.keys()], `SELECT * FROM ${rows} ORDER BY id, version`);
  }

  /** Takes every version of some resources out, and the files that held them; gives how many rows went. */
  async erase(session: QuerySession, ids: readonly string[]): Promise<number> {
    const snapshot = await this.delta.snapshot();
    if (ids.length === 0 || snapshot.metaData === undefined) return 0;
    const list = ids.map(quoteText).join(', ');
    const all = await this.delta.relation(snapshot);
    const { rows } = await session.query(`SELECT count(*) AS hits FROM ${all} WHERE id IN (${list})`);
    const hits = Number(rows[0]?.hits ?? 0);
    if (hits > 0) {
      await this.delta.replaceFiles(
        session,
        [...snapshot.files.keys()],
        `SELECT * FROM ${all} WHERE id NOT IN (${list})`,
      );
    }
    // Also without a hit: an erasure that was cut off here left the files that it had replaced already.
    // No safety age: what was erased must not be readable a minute longer, also not by time travel.
    await this.delta.vacuum(new Date(Date.now() + 1000));
    return hits;
  }
}
