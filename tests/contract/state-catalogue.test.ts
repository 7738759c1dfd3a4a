import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteStateDatabase } from '../../adapters/local/sqlite-state-database';
import { catalogueStore } from '../../functions/catalogue/catalogue-store';
import { hasNoNetwork } from '../support/without-network';
import { catalogueContract } from './catalogue.contract';

const files = async () => {
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
};
catalogueContract('state database, node:sqlite', files);
hasNoNetwork('Catalogue: state database, node:sqlite', 'the faults are those of the state database', async () => {
  const { open, stop } = await files();
  const table = {
    database: 'marts',
    name: 'walk',
    columns: [],
    partitionColumns: [],
    tableVersion: 0,
    updated: '',
  } as const;
  await (await open()).publish(table, async () => undefined);
  await (await open()).tables();
  await stop();
});
