import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { PostgresStateDatabase } from '../../adapters/postgres/postgres-state-database';
import { stateDatabaseContract } from '../contract/state-database.contract';
import { contractEndpoints } from './contract-endpoints';

/** The URL of a role that may create databases. */
for (const { url: server, name } of contractEndpoints('StateDatabase', 'PostgreSQL', 'LAKE_CONTRACT_POSTGRES')) {
  const fresh = async () => {
    const database = `lake_contract_${randomBytes(6).toString('hex')}`;
    const administer = async (sql: string): Promise<void> => {
      const client = new Client({ connectionString: server.href });
      await client.connect();
      await client.query(sql);
      await client.end();
    };
    await administer(`CREATE DATABASE ${database}`);
    const url = new URL(server);
    url.pathname = `/${database}`;
    return {
      open: async () => new PostgresStateDatabase({ connectionString: url.href }),
      drop: () => administer(`DROP DATABASE ${database} WITH (FORCE)`),
    };
  };
  stateDatabaseContract(name, fresh, ['roles']);
}
