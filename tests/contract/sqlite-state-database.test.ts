import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteStateDatabase } from '../../adapters/local/sqlite-state-database';
import { stateDatabaseContract } from './state-database.contract';

stateDatabaseContract('node:sqlite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lake-state-'));
  return {
    open: async () => new SqliteStateDatabase(join(folder, 'state.sqlite')),
    drop: async () => rmSync(folder, { recursive: true }),
  };
});
