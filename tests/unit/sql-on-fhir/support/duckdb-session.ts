import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDbQueryEngine } from '../../../../adapters/duckdb/duckdb-query-engine';
import type { QuerySession, QueryValue } from '../../../../adapters/ports/query-engine';
import { compileView } from '../../../../functions/sql-on-fhir/compile-view';

type Rows = readonly Record<string, QueryValue>[];

/** A DuckDB session with a table `resources(resource)` that tests fill. */
export class ViewRunner {
  readonly #engine: DuckDbQueryEngine;
  readonly folder: string;
  #session: Promise<QuerySession> | undefined;

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'sql-on-fhir-'));
    this.#engine = new DuckDbQueryEngine({ spoolFolder: join(this.folder, 'spool'), threads: 1 });
  }

  session(): Promise<QuerySession> {
    this.#session ??= this.#engine.session({ readableFolders: [this.folder] }).then(async (session) => {
      await session.run('CREATE TABLE resources (resource VARCHAR)');
      return session;
    });
    return this.#session;
  }

  get engine(): DuckDbQueryEngine {
    return this.#engine;
  }

  async load(resources: readonly unknown[]): Promise<void> {
    const session = await this.session();
    await session.run('TRUNCATE resources');
    const text = JSON.stringify(resources.map((resource) => JSON.stringify(resource)));
    await session.run('INSERT INTO resources SELECT unnest(from_json($text, \'["VARCHAR"]\'))', { text });
  }

  async rows(view: unknown): Promise<Rows> {
    const { sql } = compileView(view, { source: { kind: 'relation', name: ['resources'] }, dialect: 'duckdb' });
    return (await (await this.session()).query(sql)).rows;
  }

  async close(): Promise<void> {
    await this.#engine.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
