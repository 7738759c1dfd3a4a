import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDbQueryEngine } from '../../../adapters/duckdb/duckdb-query-engine';
import { MemoryObjectStore } from '../../../adapters/local/memory-object-store';
import type { QuerySession, QueryValue } from '../../../adapters/ports/query-engine';
import type { CuratedTable } from '../../../functions/tables/curated-table';
import { DeltaTable, type TableStore } from '../../../functions/tables/delta-table';
import type { TableOptions } from '../../../functions/tables/table-schema';

export interface CuratedRow {
  readonly id: string;
  readonly version: number;
  readonly deleted?: boolean;
  readonly text?: string;
}

/** Tables in a store (in memory unless told), with an engine and a session of their own. */
export class TableLake {
  readonly root = mkdtempSync(join(tmpdir(), 'lake-tables-'));
  readonly engine = new DuckDbQueryEngine({ spoolFolder: join(this.root, 'spool'), threads: 1 });
  readonly store: TableStore;
  session!: QuerySession;
  #files = 0;

  constructor(store: (root: string) => TableStore = () => new MemoryObjectStore()) {
    this.store = store(this.root);
  }

  async open(): Promise<this> {
    this.session = await this.engine.session({ readableFolders: [this.root] });
    return this;
  }

  async close(): Promise<void> {
    await this.engine.close();
    rmSync(this.root, { recursive: true, force: true });
  }

  /** As another process would see it: nothing is known of the table yet. */
  table(name: string, options: TableOptions = {}, store = this.store): DeltaTable {
    return new DeltaTable(store, name, this.engine, options);
  }

  async rows(table: DeltaTable, point?: number | Date): Promise<readonly Record<string, QueryValue>[]> {
    const relation = await table.relation(await table.snapshot(point));
    return (await this.session.query(`SELECT * FROM ${relation} ORDER BY ALL`)).rows;
  }

  async column(table: DeltaTable, point?: number | Date): Promise<QueryValue[]> {
    return (await this.rows(table, point)).map((row) => Object.values(row)[0]!);
  }

  async keys(prefix: string): Promise<string[]> {
    const keys: string[] = [];
    for await (const { key } of this.store.list(prefix)) keys.push(key);
    return keys;
  }

  async logText(table: string, version: number): Promise<string> {
    return this.text(`${table}/_delta_log/${String(version).padStart(20, '0')}.json`);
  }

  async text(key: string): Promise<string> {
    return Buffer.from(await this.store.read(key)).toString('utf8');
  }

  /** A table as another writer would begin it: its log, line by line. */
  async putLog(table: string, version: number, actions: readonly object[]): Promise<void> {
    const text = actions.map((action) => `${JSON.stringify(action)}\n`).join('');
    await this.store.putIfAbsent(
      `${table}/_delta_log/${String(version).padStart(20, '0')}.json`,
      Buffer.from(text, 'utf8'),
    );
  }

  /** Rows of curated resources as one batch. */
  async appendBatch(table: CuratedTable, batch: number, rows: readonly CuratedRow[]): Promise<number | undefined> {
    this.#files += 1;
    const file = join(this.root, `batch-${this.#files}.ndjson`);
    const lines = rows.map(({ id, version, deleted = false, text = '' }) =>
      JSON.stringify({
        id,
        version,
        last_updated: '2026-01-01T00:00:00.000Z',
        provider: 'A',
        patient_ref: id,
        deleted,
        resource: JSON.stringify({ id, version, text }),
      }),
    );
    writeFileSync(file, lines.join('\n'));
    try {
      return await table.appendBatch(this.session, batch, file);
    } finally {
      rmSync(file);
    }
  }

  /** Objects under a prefix that hold a text: in their bytes, or in a value of a Parquet file. */
  async objectsHolding(prefix: string, marker: string, store = this.store): Promise<string[]> {
    const found: string[] = [];
    for await (const { key } of store.list(prefix)) {
      const bytes = Buffer.from(await store.read(key));
      let isIn = bytes.includes(marker);
      if (!isIn && key.endsWith('.parquet')) {
        const file = join(this.root, 'searched.parquet');
        writeFileSync(file, bytes);
        const { rows } = await this.session.query(
          `SELECT count(*) AS n FROM (SELECT CAST(to_json(t) AS VARCHAR) AS line FROM read_parquet('${file}') AS t) WHERE contains(line, '${marker}')`,
        );
        isIn = Number(rows[0]?.n) > 0;
      }
      if (isIn) found.push(key);
    }
    return found;
  }
}
