import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDbQueryEngine } from '../../../adapters/duckdb/duckdb-query-engine';
import { FileObjectStore } from '../../../adapters/local/file-object-store';
import type { QueryResult, QuerySession } from '../../../adapters/ports/query-engine';
import { buildMart } from '../../../functions/marts/build-mart';
import { compileMart } from '../../../functions/marts/compile-mart';
import { FlatRows } from '../../../functions/marts/flat-rows';
import { type MartDefinition, readMarts } from '../../../functions/marts/mart-library';
import { compileView } from '../../../functions/sql-on-fhir/compile-view';
import { CuratedTable } from '../../../functions/tables/curated-table';
import { DeltaTable, type TableStore } from '../../../functions/tables/delta-table';

export interface Version {
  readonly type: string;
  readonly id: string;
  readonly version: number;
  readonly deleted: boolean;
  readonly resource: object;
}

export const martDefinitions: ReadonlyMap<string, MartDefinition> = new Map(
  readMarts(join(__dirname, '../../../functions/marts/library')).map((mart) => [mart.name, mart]),
);

/** Curated tables and marts in a folder of their own, beside a model in memory of what they should hold. */
export class MartLake {
  readonly root = mkdtempSync(join(tmpdir(), 'lake-marts-'));
  readonly engine = new DuckDbQueryEngine({ spoolFolder: join(this.root, 'spool'), threads: 1 });
  readonly curated: TableStore;
  readonly marts: TableStore;
  readonly #model = new Map<string, Version>();
  #links: readonly (readonly [string, string])[] = [];
  #session: Promise<QuerySession> | undefined;
  #batch = 0;

  constructor(
    stores = (root: string): TableStore[] => ['curated', 'marts'].map((zone) => new FileObjectStore(join(root, zone))),
  ) {
    const [curated, marts] = stores(this.root);
    this.curated = curated!;
    this.marts = marts!;
  }

  session(): Promise<QuerySession> {
    this.#session ??= this.engine.session({ readableFolders: [this.root] });
    return this.#session;
  }

  async close(): Promise<void> {
    await this.engine.close();
    rmSync(this.root, { recursive: true, force: true });
  }

  /** One batch, as curate appends it; `again` tells every table the same batch a second time. */
  async append(versions: readonly Version[], again = false): Promise<void> {
    this.#batch += 1;
    for (const type of new Set(versions.map((one) => one.type))) {
      const rows = versions.filter((one) => one.type === type);
      const file = join(this.root, 'batch.ndjson');
      writeFileSync(file, rows.map((one) => `${JSON.stringify(rowOf(one))}\n`).join(''));
      for (let times = again ? 2 : 1; times > 0; times -= 1)
        await this.#table(type).appendBatch(await this.session(), this.#batch, file);
    }
    for (const one of versions) {
      const key = `${one.type}/${one.id}`;
      if ((this.#model.get(key)?.version ?? 0) < one.version) this.#model.set(key, one);
    }
  }

  /** As an erasure does it: out of the table, and out of what was flattened. */
  async erase(type: string, ids: readonly string[]): Promise<void> {
    await this.#table(type).erase(await this.session(), ids);
    await new FlatRows(await this.#services()).prune(type);
    for (const id of ids) this.#model.delete(`${type}/${id}`);
  }

  async compact(type: string, keepHistory: boolean): Promise<void> {
    if ((await this.#table(type).delta.snapshot()).version < 0) return;
    await this.#table(type).compact(await this.session(), keepHistory);
  }

  async link(links: readonly (readonly [string, string])[]): Promise<void> {
    this.#links = links;
    const table = new DeltaTable(this.curated, 'person_link', this.engine);
    await table.overwrite(await this.session(), linkRows(links));
  }

  async build(mart: string, full = false): Promise<QueryResult['rows']> {
    await buildMart(await this.#services(), martDefinitions.get(mart)!, full);
    return this.read(mart);
  }

  /** Observations of SQL alone, quickly many. */
  async manyObservations(count: number): Promise<void> {
    const text = `'{"resourceType":"Observation","id":"' || md5(i::VARCHAR) || '","status":"final","subject":{"reference":"Patient/p' || i || '"},'
      || '"code":{"coding":[{"system":"http://loinc.org","code":"8867-4"}]},"effectiveDateTime":"2026-01-01"}'`;
    await this.#table('Observation').delta.append(
      await this.session(),
      `SELECT md5(i::VARCHAR) AS id, 1::BIGINT AS version, TIMESTAMPTZ '2026-01-01' AS last_updated, 'A' AS provider,
         'p' || i AS patient_ref, false AS deleted, ${text} AS resource FROM range(${count}) AS r(i)`,
    );
  }

  /** Builds a mart in a session of its own with so much memory; gives how many rows it has. */
  async buildWithin(memoryLimit: number, mart: string): Promise<number> {
    const session = await this.engine.session({ readableFolders: [this.root], memoryLimit });
    return (await buildMart({ ...(await this.#services()), session }, martDefinitions.get(mart)!)).rows;
  }

  async read(mart: string): Promise<QueryResult['rows']> {
    const table = new DeltaTable(this.marts, mart, this.engine);
    return (await (await this.session()).query(`SELECT * FROM ${await table.relation()} ORDER BY ALL`)).rows;
  }

  /** The rows by the model alone: no table of the lake, no flattened row is read. */
  async expected(mart: string): Promise<QueryResult['rows']> {
    const session = await this.session();
    const texts = [...this.#model.values()]
      .filter(({ deleted }) => !deleted)
      .map(({ resource }) => JSON.stringify(resource));
    await session.run(
      'CREATE OR REPLACE TEMP TABLE model AS SELECT unnest(from_json($texts, \'["VARCHAR"]\')) AS resource',
      {
        texts: JSON.stringify(texts),
      },
    );
    const sql = compileMart(martDefinitions.get(mart)!, {
      view: (view) => compileView(view, { source: { kind: 'relation', name: ['model'] }, dialect: 'duckdb' }).sql,
      links: linkRows(this.#links),
    });
    return (await session.query(`SELECT * FROM (${sql}) ORDER BY ALL`)).rows;
  }

  async flatKeys(type = ''): Promise<string[]> {
    const keys: string[] = [];
    for await (const { key } of this.curated.list(`_flat/${type}`)) keys.push(key);
    return keys;
  }

  #table(type: string): CuratedTable {
    return new CuratedTable(this.curated, type, this.engine);
  }

  async #services() {
    return { curated: this.curated, marts: this.marts, engine: this.engine, session: await this.session() };
  }
}

const rowOf = ({ id, version, deleted, resource }: Version) => ({
  id,
  version,
  last_updated: new Date(Date.UTC(2026, 0, 1, 0, 0, version)).toISOString(),
  provider: 'A81001',
  patient_ref: null,
  deleted,
  resource: deleted ? '' : JSON.stringify(resource),
});

const linkRows = (links: readonly (readonly [string, string])[]): string =>
  `SELECT * FROM (VALUES ${[['', ''], ...links].map(([patient, person]) => `('${patient}', '${person}', 'verified')`).join(', ')}) ` +
  "t(patient_ref, person_id, basis) WHERE patient_ref <> ''";
