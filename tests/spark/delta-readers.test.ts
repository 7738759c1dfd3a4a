import assert from 'node:assert/strict';
import { join } from 'node:path';
import { duckDbDeltaReader, duckDbRendering } from './duckdb-delta-reader';
import { pythonReader, pythonRendering } from './python-reader';
import { howToGet, readerTools } from './reader-tools';
import { SampleTables } from './sample-tables';
import { canonicalRows, type Question, type Rendering, type TableReader } from './table-reader';
import { trinoReader, trinoRendering } from './trino-reader';

interface Engine {
  readonly name: string;
  readonly rendering: Rendering;
  readonly start: ((root: string) => Promise<TableReader>) | undefined;
  readonly howToGet: string;
}

const { duckDbDelta, sparkHome, sparkScript, trinoScript } = readerTools;
const engines: readonly Engine[] = [
  {
    name: "DuckDB's delta extension",
    rendering: duckDbRendering,
    start: duckDbDelta === undefined ? undefined : () => duckDbDeltaReader(duckDbDelta),
    howToGet: howToGet.duckDbDelta,
  },
  {
    name: 'delta-rs',
    rendering: pythonRendering,
    start:
      sparkHome === undefined
        ? undefined
        : async () =>
            pythonReader({
              command: join(sparkHome, 'venv', 'bin', 'python'),
              script: 'delta-rs.py',
              moment: (iso) => `arrow_cast('${iso}', 'Timestamp(Microsecond, Some("UTC"))')`,
            }),
    howToGet: howToGet.spark,
  },
  {
    name: 'Spark with delta-spark',
    rendering: pythonRendering,
    start:
      sparkHome === undefined || sparkScript === undefined
        ? undefined
        : async () =>
            pythonReader({
              command: sparkScript,
              environment: { SPARK_PATHLING_HOME: sparkHome },
              script: 'spark-delta.py',
              moment: (iso) => `TIMESTAMP '${iso}'`,
            }),
    howToGet: howToGet.spark,
  },
  {
    name: 'Trino',
    rendering: trinoRendering,
    start: trinoScript === undefined ? undefined : (root) => trinoReader(trinoScript, root),
    howToGet: howToGet.trino,
  },
];

describe('Delta tables of the lake', function () {
  this.timeout(600_000);
  let tables: SampleTables;
  let questions: Question[];
  before(async () => {
    tables = await new SampleTables().open();
    questions = await tables.make();
  });
  after(() => tables.close());

  for (const { name, rendering, start, howToGet: how } of engines) {
    it(`are read equal by ${name}`, async function () {
      if (start === undefined) {
        process.stderr.write(`skipped: ${name} is not there: ${how}\n`);
        this.skip();
      }
      const reader = await start(tables.root);
      try {
        const answers = await reader.rows(questions);
        const differences: string[] = [];
        for (const question of questions) {
          const { roundsMoments = false } = rendering;
          const expected = canonicalRows(await tables.expected(question), question.schema, {
            ...duckDbRendering,
            roundsMoments,
          });
          const found = canonicalRows(answers.get(question.name) ?? [], question.schema, rendering);
          assert.ok(expected.length > 0, question.name);
          if (expected.join('\n') !== found.join('\n'))
            differences.push(
              `${question.name}:\n  ours   ${expected
                .filter((row) => !found.includes(row))
                .slice(0, 2)
                .join('\n         ')}\n  theirs ${found
                .filter((row) => !expected.includes(row))
                .slice(0, 2)
                .join('\n         ')}`,
            );
        }
        assert.deepEqual(differences, []);
      } finally {
        await reader.close();
      }
    });
  }
});
