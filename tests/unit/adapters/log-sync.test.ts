import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LogSync } from '../../../adapters/local/log-sync';
import { SqliteStateDatabase } from '../../../adapters/local/sqlite-state-database';
import { isLakeError } from '../../../adapters/ports/errors';

const table = [{ id: 'one-0001-numbers', statements: ['CREATE TABLE one (n INTEGER)'] }];

describe('LogSync', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lake-log-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('answers all who ask, and says when there is no log', async () => {
    const file = join(folder, 'log');
    const missing = new LogSync(file);
    await assert.rejects(missing.sync(), { code: 'ENOENT' });
    writeFileSync(file, 'written');
    const log = new LogSync(file);
    await Promise.all([log.sync(), log.sync(), log.sync().then(() => log.sync())]);
    await log.close();
  });

  it('holds the answer of a transaction back until its commit is on the disk', async () => {
    const waiting: (() => void)[] = [];
    let held = false;
    const database = new SqliteStateDatabase(join(folder, 'state.sqlite'), {
      sync: () => (held ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve()),
      close: async () => undefined,
    });
    await database.migrate(table);
    held = true;
    let answered = false;
    const answer = database
      .transaction((tx) => tx.run('INSERT INTO one (n) VALUES (?)', [1]))
      .then(() => {
        answered = true;
      });
    while (waiting.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(answered, false);
    for (const resolve of waiting) resolve();
    await answer;
    await database.close();
  });

  it('answers nothing and takes nothing more once the disk refused a sync', async () => {
    let refusing = false;
    const database = new SqliteStateDatabase(join(folder, 'state.sqlite'), {
      sync: async () => {
        if (refusing) throw Object.assign(new Error('i/o error'), { code: 'EIO' });
      },
      close: async () => undefined,
    });
    await database.migrate(table);
    const insert = () => database.transaction((tx) => tx.run('INSERT INTO one (n) VALUES (?)', [1]));
    refusing = true;
    await assert.rejects(insert(), (error) => isLakeError(error, 'Unavailable'));
    refusing = false;
    await assert.rejects(insert(), (error) => isLakeError(error, 'Unavailable'));
    await database.close();
  });
});
