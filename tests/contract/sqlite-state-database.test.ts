import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteStateDatabase } from '../../adapters/local/sqlite-state-database';
import { hasNoNetwork } from '../support/without-network';
import { stateDatabaseContract } from './state-database.contract';
import { storeMigrationsContract } from './store-migrations.contract';

const files = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lake-state-'));
  return {
    open: async () => new SqliteStateDatabase(join(folder, 'state.sqlite')),
    drop: async () => rmSync(folder, { recursive: true }),
  };
};
stateDatabaseContract('node:sqlite', files);
storeMigrationsContract(
  'node:sqlite',
  files,
  `SELECT t.name AS "table", c.name AS "column", c.type AS type FROM sqlite_schema t JOIN pragma_table_info(t.name) c
   WHERE t.type = 'table' ORDER BY t.name, c.cid`,
);
hasNoNetwork(
  'StateDatabase: node:sqlite',
  'a full disk and a refused sync (`tests/unit/adapters`), SIGKILL (`test:faults`)',
  async () => {
    const { open, drop } = await files();
    const database = await open();
    await database.migrate([{ id: 'walk-0001-one', statements: ['CREATE TABLE one (id TEXT PRIMARY KEY)'] }]);
    await database.transaction((transaction) => transaction.run("INSERT INTO one (id) VALUES ('a')"));
    await database.snapshot((transaction) => transaction.query('SELECT id FROM one'));
    await database.close();
    await drop();
  },
);
