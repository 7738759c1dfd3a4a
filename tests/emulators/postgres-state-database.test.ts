import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { PostgresStateDatabase } from '../../adapters/postgres/postgres-state-database';
import { stateDatabaseContract } from '../contract/state-database.contract';

/** The contract against a PostgreSQL server: LAKE_CONTRACT_POSTGRES is the URL of a role that may create databases. */
const server = process.env.LAKE_CONTRACT_POSTGRES;

if (server === undefined) {
  describe('StateDatabase: PostgreSQL', () => {
    it('is not run: set LAKE_CONTRACT_POSTGRES to the URL of a server', function () {
      this.skip();
    });
  });
} else {
  stateDatabaseContract('PostgreSQL', async () => {
    const name = `lake_contract_${randomBytes(6).toString('hex')}`;
    const administer = async (sql: string): Promise<void> => {
      const client = new Client({ connectionString: server });
      await client.connect();
      await client.query(sql);
      await client.end();
    };
    await administer(`CREATE DATABASE ${name}`);
    const url = new URL(server);
    url.pathname = `/${name}`;
    return {
      open: async () => new PostgresStateDatabase({ connectionString: url.href }),
      drop: () => administer(`DROP DATABASE ${name} WITH (FORCE)`),
    };
  });
}
