import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { openPostgres } from '../../adapters/postgres/open-postgres';
import { PostgresStateDatabase } from '../../adapters/postgres/postgres-state-database';
import { stateDatabaseContract } from '../contract/state-database.contract';
import { stateDatabaseFaultsContract } from '../contract/state-database-faults.contract';
import { storeMigrationsContract } from '../contract/store-migrations.contract';
import { contractEndpoints } from './contract-endpoints';

/** The URL of a role that may create databases. */
for (const { url: server, name } of contractEndpoints('StateDatabase', 'PostgreSQL', 'LAKE_CONTRACT_POSTGRES')) {
  const made = async () => {
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
      url,
      becomesReader: (reader: boolean) =>
        administer(`ALTER DATABASE ${database} SET default_transaction_read_only = ${reader ? 'on' : 'off'}`),
      drop: () => administer(`DROP DATABASE ${database} WITH (FORCE)`),
    };
  };
  const fresh = async () => {
    const { url, drop } = await made();
    return { open: async () => new PostgresStateDatabase({ connectionString: url.href }), drop };
  };
  stateDatabaseContract(name, fresh, ['roles']);
  storeMigrationsContract(
    name,
    fresh,
    `SELECT table_name AS "table", column_name AS "column", data_type AS type FROM information_schema.columns
     WHERE table_schema = 'public' ORDER BY table_name, ordinal_position`,
  );
  describe(`StateDatabase: ${name}`, () => {
    it('asks for the password at each new connection, since a token is good for minutes', async () => {
      const { url, drop } = await made();
      const role = `lake_contract_${randomBytes(6).toString('hex')}`;
      const folder = mkdtempSync(join(tmpdir(), 'lake-password-'));
      const passwordFile = join(folder, 'password');
      const admin = new Client({ connectionString: url.href });
      await admin.connect();
      const changeTo = async (password: string): Promise<void> => {
        await admin.query(`ALTER ROLE ${role} PASSWORD '${password}'`);
        writeFileSync(passwordFile, `${password}\n`);
      };
      const place = { host: url.hostname, port: Number(url.port || 5432), database: url.pathname.slice(1), user: role };
      const database = openPostgres({ kind: 'postgres', ...place, passwordFile });
      const look = () => database.snapshot((transaction) => transaction.query('SELECT 1 AS one'));
      try {
        await admin.query(`CREATE ROLE ${role} LOGIN`);
        await changeTo('first');
        assert.deepEqual(await look(), [{ one: 1 }]);
        await changeTo('second');
        await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [role]);
        assert.deepEqual(await look(), [{ one: 1 }]);
      } finally {
        await database.close();
        await admin.query(`DROP ROLE ${role}`);
        await admin.end();
        await drop();
        rmSync(folder, { recursive: true });
      }
    });
  });
  stateDatabaseFaultsContract(name, async () => {
    const { url, becomesReader, drop } = await made();
    const [user, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
    return {
      server: { host: url.hostname, port: Number(url.port || 5432) },
      openAt: (host, port, connectTimeout) =>
        new PostgresStateDatabase({ host, port, user, password, database: url.pathname.slice(1), connectTimeout }),
      isCommit: (bytes) => bytes.includes('COMMIT'),
      becomesReader,
      drop,
    };
  });
}
