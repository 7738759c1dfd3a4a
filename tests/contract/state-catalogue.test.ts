import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteStateDatabase } from '../../adapters/local/sqlite-state-database';
import { catalogueStore } from '../../functions/catalogue/catalogue-store';
import { catalogueContract } from './catalogue.contract';

catalogueContract('state database, node:sqlite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lake-catalogue-'));
  const database = new SqliteStateDatabase(join(folder, 'state.sqlite'));
  await database.migrate(catalogueStore.migrations);
  return {
    open: async () => catalogueStore.open(database),
    stop: async () => {
      await database.close();
      rmSync(folder, { recursive: true });
    },
  };
});
