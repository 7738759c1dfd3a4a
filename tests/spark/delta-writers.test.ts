import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type PythonProgram, runPython } from './python-reader';
import { howToGet, readerTools } from './reader-tools';
import { SampleTables } from './sample-tables';

const { sparkHome, sparkScript } = readerTools;
type Program = Omit<PythonProgram, 'moment'>;

const deltaRs: Program | undefined =
  sparkHome === undefined ? undefined : { command: join(sparkHome, 'venv', 'bin', 'python'), script: 'delta-rs.py' };
const spark: Program | undefined =
  sparkHome === undefined || sparkScript === undefined
    ? undefined
    : { command: sparkScript, environment: { SPARK_PATHLING_HOME: sparkHome }, script: 'spark-delta.py' };

const programs: readonly [string, Program | undefined, (folder: string) => object[]][] = [
  [
    'delta-rs',
    deltaRs,
    (folder) => [
      { folder: `${folder}/ours`, append: { n: [10, 11], text: ['ten', 'eleven'] } },
      { folder: `${folder}/ours`, delete: 'n = 2' },
      { folder: `${folder}/ours`, checkpoint: true },
      { folder: `${folder}/theirs`, append: { n: [1, 2, 3], text: ['one', 'two', null] } },
      { folder: `${folder}/theirs`, delete: 'n = 2' },
    ],
  ],
  [
    'Spark',
    spark,
    (folder) => [
      {
        folder: `${folder}/ours`,
        sql: [
          "INSERT INTO {table} VALUES (10, 'ten'), (11, 'eleven')",
          'DELETE FROM {table} WHERE n = 2',
          'OPTIMIZE {table}',
        ],
        checkpoint: true,
      },
      {
        folder: `${folder}/theirs`,
        sql: [
          'CREATE TABLE {table} (n BIGINT, text STRING) USING delta',
          "INSERT INTO {table} VALUES (1, 'one'), (2, 'two'), (3, NULL)",
          'DELETE FROM {table} WHERE n = 2',
        ],
      },
    ],
  ],
];

describe('Delta tables that another engine writes too', function () {
  this.timeout(600_000);
  let tables: SampleTables;
  before(async () => {
    tables = await new SampleTables().open();
  });
  after(() => tables.close());

  for (const [name, program, writes] of programs) {
    it(`are read, written and compacted by the lake after ${name}`, async function () {
      if (program === undefined) {
        process.stderr.write(`skipped: ${name} is not there: ${howToGet.spark}\n`);
        this.skip();
      }
      const zone = name.toLowerCase().replace('-', '_');
      const { session } = tables;
      const rows = async (table: string) =>
        (
          await session.query(`SELECT n, text FROM ${await tables.table(`${zone}/${table}`).relation()} ORDER BY n`)
        ).rows.map((row) => `${row.n} ${row.text}`);
      const ours = tables.table(`${zone}/ours`);
      for (const n of [1, 2, 3]) await ours.append(session, `SELECT ${n}::BIGINT AS n, 'n${n}' AS text`);
      await runPython(program, { write: writes(tables.folder(zone)) });
      assert.deepEqual(await rows('ours'), ['1 n1', '3 n3', '10 ten', '11 eleven']);
      assert.deepEqual(await rows('theirs'), ['1 one', '3 null']);

      for (const table of ['ours', 'theirs']) {
        const delta = tables.table(`${zone}/${table}`);
        for (let n = 20; n < 31; n += 1) await delta.append(session, `SELECT ${n}::BIGINT AS n, 'after' AS text`);
        assert.equal((await delta.deleteWhere(session, { column: 'n', from: 22, below: 31 })).rows, 9);
        await delta.compact(session);
        await delta.checkpoint(session);
      }
      const columns = ['n', 'text'];
      const read = ['ours', 'theirs'].map((table) => ({
        name: table,
        folder: join(tables.folder(zone), table),
        columns,
        version: null,
        sql: null,
      }));
      const answer = await runPython<Record<string, [string, string | null][]>>(program, { read });
      const sorted = (table: string) =>
        answer[table]!.sort((left, right) => Number(left[0]) - Number(right[0])).map(([n, text]) => `${n} ${text}`);
      assert.deepEqual(sorted('ours'), ['1 n1', '3 n3', '10 ten', '11 eleven', '20 after', '21 after']);
      assert.deepEqual(sorted('theirs'), ['1 one', '3 null', '20 after', '21 after']);
      assert.deepEqual(await rows('ours'), sorted('ours'));
      assert.deepEqual(await rows('theirs'), sorted('theirs'));
    });
  }
});
