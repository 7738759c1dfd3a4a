import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DuckDbQueryEngine } from '../../adapters/duckdb/duckdb-query-engine';
import { FileObjectStore } from '../../adapters/local/file-object-store';
import { readMarts } from '../../functions/marts/mart-library';
import { type CompiledColumn, compileView } from '../../functions/sql-on-fhir/compile-view';
import { sparkProjection } from '../../functions/sql-on-fhir/spark-casts';
import { CuratedTable } from '../../functions/tables/curated-table';
import { RunningLake } from '../support/running-lake';
import { sendSimulated } from '../support/simulated-lake';
import { runPython } from './python-reader';
import { howToGet, readerTools } from './reader-tools';

interface View {
  readonly name: string;
  readonly definition: { readonly resource: string };
}

type Cell = string | null;

/**
 * Two fields of one element side by side, three times: where Spark prunes what it reads of a nested element, Pathling gives
 * such columns shifted, without an error.
 */
const canary: View = {
  name: 'alignment canary',
  definition: {
    resource: 'Observation',
    ...{
      resourceType: 'ViewDefinition',
      select: [
        {
          column: [
            { name: 'id', path: 'getResourceKey()', type: 'string' },
            { name: 'text', path: 'code.text', type: 'string' },
            { name: 'code', path: 'code.coding.first().code', type: 'code' },
            { name: 'system', path: 'code.coding.first().system', type: 'uri' },
            { name: 'value', path: 'value.ofType(Quantity).value', type: 'decimal' },
            { name: 'unit', path: 'value.ofType(Quantity).unit', type: 'string' },
            { name: 'unit_code', path: 'value.ofType(Quantity).code', type: 'code' },
            { name: 'status', path: 'status', type: 'code' },
          ],
        },
      ],
    },
  },
};

const shipped: readonly View[] = readMarts(join(__dirname, '../../functions/marts/library')).flatMap(
  ({ name, views }) =>
    [...views].map(([url, definition]) => ({
      name: `${name}: ${url.slice(url.lastIndexOf('/') + 1)}`,
      definition: definition as View['definition'],
    })),
);
const views = [...shipped, canary];

/** One text for a value in both engines: moments as microseconds, everything else as its SQL text. */
const texts = (columns: readonly CompiledColumn[], quote: string, moments: string): string[] =>
  columns.map(({ name, type, collection }) => {
    assert.equal(collection, false, 'a shipped view has no list');
    const column = `${quote}${name}${quote}`;
    const value = type === 'TIMESTAMP WITH TIME ZONE' ? `${moments}(${column})` : column;
    return `CAST(${value} AS ${quote === '"' ? 'VARCHAR' : 'STRING'}) AS ${column}`;
  });

const bag = (rows: readonly (readonly Cell[])[]): string[] => rows.map((row) => JSON.stringify(row)).sort();

describe('Shipped views by Pathling over curated tables', function () {
  this.timeout(600_000);
  const { sparkHome, sparkScript } = readerTools;
  if (sparkHome === undefined || sparkScript === undefined) {
    it(`are compared with Spark, which is not here: ${howToGet.spark}`, function () {
      this.skip();
    });
    return;
  }

  let running: RunningLake;
  let engine: DuckDbQueryEngine;
  let pathling: Record<string, Cell[][]>;
  const compiled = (definition: View['definition'], relation = 'source') =>
    compileView(definition, { source: { kind: 'relation', name: [relation] }, dialect: 'duckdb' });

  before(async () => {
    running = await RunningLake.start();
    await sendSimulated(running, 25, 11);
    await running.operator.curate();
    const { curated } = running.folder.zones;
    engine = new DuckDbQueryEngine({ spoolFolder: join(running.folder.root, 'spool-views') });
    const job = views.map(({ name, definition }) => {
      const { columns } = compiled(definition);
      const folder = join(curated, definition.resource.toLowerCase());
      const projection = sparkProjection(columns);
      return {
        name,
        definition,
        resource: definition.resource,
        folder,
        projection,
        texts: texts(columns, '`', 'unix_micros'),
      };
    });
    pathling = await runPython(
      { command: sparkScript, environment: { SPARK_PATHLING_HOME: sparkHome }, script: 'pathling-views.py' },
      { views: job },
    );
  });
  after(async () => {
    await engine?.close();
    await running?.remove();
  });

  for (const { name, definition } of views) {
    it(`${name} gives the rows that DuckDB gives`, async () => {
      const { curated } = running.folder.zones;
      const session = await engine.session({ readableFolders: [curated] });
      const table = new CuratedTable(new FileObjectStore(curated), definition.resource, engine);
      await session.run(`CREATE TEMP VIEW source AS SELECT * FROM ${await table.currentState()}`);
      const { sql, columns } = compiled(definition);
      const { rows } = await session.query(`SELECT ${texts(columns, '"', 'epoch_us').join(', ')} FROM (${sql})`);
      await session.close();
      const ours = rows.map((row) => columns.map((column) => (row[column.name] ?? null) as Cell));
      assert.ok(ours.length > 0, 'the population has nothing for this view');
      assert.deepEqual(bag(pathling[name]!), bag(ours));
    });
  }
});
