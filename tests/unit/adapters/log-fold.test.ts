import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LogFold } from '../../../adapters/local/log-fold';
import { SqliteStateDatabase } from '../../../adapters/local/sqlite-state-database';

/** The checkpoint sequence number of a write-ahead log (https://www.sqlite.org/fileformat2.html#walformat). */
const timesBegun = (log: string): number => readFileSync(log).readUInt32BE(12);

const table = [{ id: 'one-0001-texts', statements: ['CREATE TABLE one (text TEXT PRIMARY KEY, filler TEXT)'] }];

describe('LogFold', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lake-fold-'));
    file = join(folder, 'state.sqlite');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('keeps the log short while commits and looks go on, and loses nothing', async () => {
    const database = new SqliteStateDatabase(file, undefined, new LogFold(file, 4, 64));
    await database.migrate(table);
    const texts = new Set<string>();
    const insert = async (): Promise<void> => {
      const text = randomUUID();
      await database.transaction((tx) =>
        tx.run('INSERT INTO one (text, filler) VALUES (?, ?)', [text, 'x'.repeat(3000)]),
      );
      texts.add(text);
      const answered = texts.size;
      const [row] = await database.snapshot((tx) => tx.query<{ n: number }>('SELECT count(*) AS n FROM one'));
      assert.ok(row!.n >= answered, 'a look misses what was answered before it');
    };
    // Without folding it would not begin anew before 128 MB: 10,000 rounds.
    const deadline = Date.now() + 20_000;
    while (timesBegun(`${file}-wal`) < 3 && Date.now() < deadline) await Promise.all([insert(), insert()]);
    assert.ok(timesBegun(`${file}-wal`) >= 3, 'the log was not begun anew');
    await database.close();
    const plain = new DatabaseSync(file, { readOnly: true });
    const rows = plain.prepare('SELECT text FROM one').all() as { text: string }[];
    assert.equal(plain.prepare('PRAGMA integrity_check').get()?.integrity_check, 'ok');
    plain.close();
    assert.deepEqual(new Set(rows.map(({ text }) => text)), texts);
  });

  it('goes on when there is nothing to fold', async () => {
    const fold = new LogFold(join(folder, 'nowhere', 'state.sqlite'), 1, 1);
    fold.committed();
    await fold.renew();
    await fold.close();
  });
});
