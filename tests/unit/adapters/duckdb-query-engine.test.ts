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
});
