import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDbQueryEngine } from '../../adapters/duckdb/duckdb-query-engine';
import { FileObjectStore } from '../../adapters/local/file-object-store';
import type { QuerySession } from '../../adapters/ports/query-engine';
import { CuratedTable } from '../../functions/tables/curated-table';
import { DeltaTable } from '../../functions/tables/delta-table';
import type { TableOptions } from '../../functions/tables/table-schema';
import type { Question } from './table-reader';

/** Two rows of values at the edges of every allowed type, and one of NULLs. */
const typeZoo = `
  SELECT * FROM (VALUES (1), (2), (3)) AS i(id), LATERAL (SELECT
    CASE id WHEN 1 THEN true WHEN 2 THEN false END AS boolean,
    CASE id WHEN 1 THEN -128 WHEN 2 THEN 127 END::TINYINT AS tiny,
    CASE id WHEN 1 THEN -32768 WHEN 2 THEN 32767 END::SMALLINT AS small,
    CASE id WHEN 1 THEN -2147483648 WHEN 2 THEN 2147483647 END::INTEGER AS int,
    CASE id WHEN 1 THEN -9223372036854775808 WHEN 2 THEN 9223372036854775807 END::BIGINT AS big,
    CASE id WHEN 1 THEN '1.1' WHEN 2 THEN 'nan' END::FLOAT AS float,
    CASE id WHEN 1 THEN '-0.1' WHEN 2 THEN 'inf' END::DOUBLE AS double,
    CASE id WHEN 1 THEN 1.20 WHEN 2 THEN -99.99 END::DECIMAL(4,2) AS decimal4,
    CASE id WHEN 1 THEN 12.345678 WHEN 2 THEN -0.000001 END::DECIMAL(18,6) AS decimal18,
    CASE id WHEN 1 THEN '12345678901234567890123456789.123456789' WHEN 2 THEN '-1' END::DECIMAL(38,9) AS decimal38,
    CASE id WHEN 1 THEN 'ä€😀 "''\\' || chr(10) || repeat('long ', 40) WHEN 2 THEN '' END AS text,
    CASE id WHEN 1 THEN '\\x00\\xFF\\x5Ca'::BLOB WHEN 2 THEN ''::BLOB END AS bytes,
    CASE id WHEN 1 THEN DATE '1900-02-28' WHEN 2 THEN DATE '9999-12-31' END AS day,
    CASE id WHEN 1 THEN TIMESTAMPTZ '1850-01-01 00:00:00.000001Z' WHEN 2 THEN TIMESTAMPTZ '2262-04-12 23:59:59.999999Z' END AS moment,
    CASE id WHEN 1 THEN ['a', NULL, ''] WHEN 2 THEN []::VARCHAR[] END AS list,
    CASE id WHEN 1 THEN {'code': 'x', 'inner': {'n': 1::BIGINT, 'days': [DATE '2026-01-01']}} WHEN 2 THEN {'code': NULL, 'inner': NULL} END AS struct,
    CASE id WHEN 1 THEN MAP {'k': 1.5::DECIMAL(4,2), 'ü': NULL} WHEN 2 THEN MAP([]::VARCHAR[], []::DECIMAL(4,2)[]) END AS map,
    CASE id WHEN 1 THEN [{'a': [1::SMALLINT]}] END AS deep,
    id AS "mixedCase")`;

/** The lake's tables in a folder, through all that may happen to them. */
export class SampleTables {
  readonly root = mkdtempSync(join(tmpdir(), 'lake-readers-'));
  readonly engine = new DuckDbQueryEngine({ spoolFolder: join(this.root, '.spool') });
  readonly store = new FileObjectStore(this.root);
  session!: QuerySession;

  async open(): Promise<this> {
    this.session = await this.engine.session({ readableFolders: [this.root] });
    return this;
  }

  async close(): Promise<void> {
    await this.engine.close();
    rmSync(this.root, { recursive: true, force: true });
  }

  table(name: string, options?: TableOptions): DeltaTable {
    return new DeltaTable(this.store, name, this.engine, options);
  }

  folder(name: string): string {
    return join(this.root, name);
  }

  async question(name: string, more: Partial<Question> = {}, table = name): Promise<Question> {
    const schema = (await this.table(table).schema())!;
    return { name, folder: this.folder(table), schema, ...more };
  }

  /** Makes every table and gives the questions to ask about them. */
  async make(): Promise<Question[]> {
    const { session } = this;
    await this.table('zoo').append(session, typeZoo);
    for (let n = 0; n < 12; n += 1)
      await this.table('zoo_checkpointed').append(session, `SELECT * FROM (${typeZoo}) WHERE id = ${n % 3} + 1`);
    for (let version = 0; version < 10; version += 1)
      await this.store.delete(`zoo_checkpointed/_delta_log/${String(version).padStart(20, '0')}.json`);
    await this.#partitioned();
    await this.#curated('encounter');
    const compacted = await this.#curated('observation');
    await compacted.compact(session);
    const folded = await this.#curated('condition');
    await folded.compact(session, false);
    const erased = await this.#curated('patient');
    await erased.erase(session, ['r-1']);
    const evolved = await this.#curated('specimen');
    await evolved.delta.append(
      session,
      `SELECT id, version + 100 AS version, last_updated, provider, patient_ref, deleted, resource, 2026 AS year, {'a': 1} AS more FROM ${await evolved.delta.relation()}`,
    );
    await evolved.delta.compact(session, { targetBytes: 3000 });
    await this.table('deleted').append(session, 'SELECT n, n % 7 AS k FROM range(1000) AS r(n)');
    await this.table('deleted').deleteWhere(session, { column: 'k', in: [3, 5] });

    const divided = await this.#curated('procedure');
    await divided.partition(session, 0);
    await this.#curated('procedure', 13, divided);
    await divided.compact(session, false);
    await divided.erase(session, ['r-0']);
    const dividedAtRest = await this.#curated('immunization');
    await dividedAtRest.partition(session, 0);

    const names = [
      'procedure',
      'immunization',
      'zoo',
      'zoo_checkpointed',
      'partitioned',
      'encounter',
      'observation',
      'condition',
      'patient',
      'specimen',
      'deleted',
    ];
    return [
      ...(await Promise.all(names.map((name) => this.question(name)))),
      await this.question('encounter at version 5', { version: 5 }, 'encounter'),
      await this.question(
        'immunization before it was divided',
        { version: 11, schema: (await this.table('encounter').schema())! },
        'immunization',
      ),
      await this.question('immunization of one clinical year', { where: () => 'clinical_year = 2015' }, 'immunization'),
      await this.question('deleted before it was', { version: 0 }, 'deleted'),
      await this.question('encounter by id', { where: () => "id >= 'r-1' AND id < 'r-2'" }, 'encounter'),
      await this.question(
        'encounter by moment',
        {
          where: (moment) =>
            `last_updated >= ${moment('2026-01-03T00:00:00.000Z')} AND last_updated < ${moment('2026-01-05T00:00:00.001Z')}`,
        },
        'encounter',
      ),
      await this.question(
        'zoo by moment',
        { where: (moment) => `moment > ${moment('2262-04-12T23:59:59.999500Z')}` },
        'zoo',
      ),
      await this.question('zoo by number', { where: () => 'big > 9223372036854775806 AND decimal38 < 0' }, 'zoo'),
      await this.question('zoo by text', { where: () => "text >= 'ä€'" }, 'zoo'),
      await this.#currentState('encounter'),
      await this.question('partitioned by partition', { where: () => "kind = 'a b/c=%ü'" }, 'partitioned'),
    ];
  }

  /** The statement that docs/tables.md gives to other engines. */
  async #currentState(type: string): Promise<Question> {
    const [, sql = ''] =
      /```sql\n([\s\S]*?)```/.exec(readFileSync(join(__dirname, '../../docs/tables.md'), 'utf8')) ?? [];
    assert.ok(sql.includes('curated.encounter'));
    const asked = await this.question(
      `current state of ${type}`,
      { statement: (table) => sql.replace('curated.encounter', table) },
      type,
    );
    const fields = asked.schema.fields.filter(({ name }) => name !== 'deleted');
    return { ...asked, schema: { ...asked.schema, fields } };
  }

  /** The rows of a question as the lake reads them. */
  async expected({ folder, schema, version, where, statement }: Question): Promise<unknown[][]> {
    const table = this.table(folder.slice(this.root.length + 1));
    const relation = await table.relation(await table.snapshot(version));
    const condition = where === undefined ? '' : ` WHERE ${where((iso) => `TIMESTAMPTZ '${iso}'`)}`;
    const asked =
      statement === undefined ? relation : await new CuratedTable(this.store, table.name, this.engine).currentState();
    const { rows } = await this.session.query(`SELECT * FROM ${asked}${condition}`);
    return rows.map((row) => schema.fields.map(({ name }) => row[name]));
  }

  async #partitioned(): Promise<void> {
    const table = this.table('partitioned', { partitionBy: ['day', 'kind', 'number', 'flag'] });
    await table.append(
      this.session,
      `SELECT * FROM (VALUES (1, DATE '2026-01-01', 'a b/c=%ü', 1::BIGINT, true), (2, DATE '2026-01-02', NULL, -5, false), (3, NULL, '__x', NULL, NULL)) AS v(n, day, kind, number, flag)`,
    );
    await table.append(
      this.session,
      "SELECT 4 AS n, DATE '2026-01-02' AS day, NULL::VARCHAR AS kind, -5::BIGINT AS number, false AS flag",
    );
    await table.compact(this.session);
  }

  /** Twelve batches: versions out of order, tombstones, resources with their exact text. */
  async #curated(
    type: string,
    first = 1,
    table = new CuratedTable(this.store, type, this.engine),
  ): Promise<CuratedTable> {
    const file = join(this.root, '.spool', 'batch.ndjson');
    for (let batch = first; batch < first + 12; batch += 1) {
      const rows = [0, 1, 2].map((n) => ({
        id: `r-${n}`,
        version: batch > 12 ? batch : 13 - batch,
        last_updated: `2026-01-0${(batch % 9) + 1}T12:00:00.${batch}Z`,
        provider: 'RXX',
        patient_ref: n === 2 ? null : `p-${n}`,
        deleted: n === 2 && batch === 1,
        resource: `{"id":"r-${n}","value":1.50,"text":"ä ${batch}","performedDateTime":"${2010 + batch}-01","occurrenceDateTime":"201${n === 1 ? 5 : batch % 10}"}`,
      }));
      writeFileSync(file, rows.map((row) => JSON.stringify(row)).join('\n'));
      await table.appendBatch(this.session, batch, file);
    }
    return table;
  }
}
