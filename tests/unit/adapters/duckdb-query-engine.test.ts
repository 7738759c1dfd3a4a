import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDbQueryEngine } from '../../../adapters/duckdb/duckdb-query-engine';

describe('DuckDbQueryEngine', () => {
  it('empties its spool folder at start and end, and keeps the folder: a volume is mounted there', async () => {
    const root = mkdtempSync(join(tmpdir(), 'lake-spool-'));
    try {
      const { ino } = statSync(root);
      mkdirSync(join(root, 'left-behind'));
      const engine = new DuckDbQueryEngine({ spoolFolder: root });
      assert.deepEqual(readdirSync(root), []);
      await (await engine.session()).query('SELECT 1');
      writeFileSync(join(root, 'rows.ndjson'), '{}');
      await engine.close();
      assert.deepEqual([statSync(root).ino, readdirSync(root)], [ino, []]);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });

  it('answers single questions side by side, sees the spool folder alone, and can be asked again after it was closed', async () => {
    const root = mkdtempSync(join(tmpdir(), 'lake-spool-'));
    const outside = mkdtempSync(join(tmpdir(), 'lake-outside-'));
    const engine = new DuckDbQueryEngine({ spoolFolder: root });
    const numbers = (folder: string) => `SELECT sum(n)::INTEGER AS n FROM read_json('${join(folder, 'rows.ndjson')}')`;
    try {
      for (const folder of [root, outside]) writeFileSync(join(folder, 'rows.ndjson'), '{"n":1}\n{"n":2}\n');
      const answers = await Promise.all([1, 2, 3].map(() => engine.query(numbers(root))));
      assert.deepEqual(
        answers.map(({ rows }) => rows),
        [[{ n: 3 }], [{ n: 3 }], [{ n: 3 }]],
      );
      await assert.rejects(engine.query(numbers(outside)), { code: 'InvalidArgument', message: /reads .* may not/ });
      await assert.rejects(engine.query('SELECT 1 +'), { code: 'InvalidArgument', message: /syntax error at end/ });
      await assert.rejects(engine.query('SET enable_external_access = true'), { code: 'InvalidArgument' });
      const zone = await engine.query("SELECT current_setting('TimeZone') AS zone");
      assert.deepEqual(zone.rows, [{ zone: 'UTC' }]);
      await engine.query('CREATE TEMP TABLE mine AS SELECT 1 AS n');
      await assert.rejects(engine.query('SELECT * FROM mine'), { code: 'InvalidArgument' });
      await engine.close();
      assert.deepEqual((await engine.query('SELECT 1 AS n')).rows, [{ n: 1 }]);
    } finally {
      await engine.close();
      for (const folder of [root, outside]) rmSync(folder, { recursive: true, force: true });
    }
  });
});
