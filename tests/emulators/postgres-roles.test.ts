import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { PostgresStateDatabase } from '../../adapters/postgres/postgres-state-database';
import { migrationsOf } from '../../functions/hosts/state-stores';
import { ingestManifest } from '../../functions/ingest/manifest';
import { grantStatements, stateGrantsOf } from '../../functions/manifest-grants';
import { providerAccessManifest } from '../../functions/provider-access/manifest';
import { contractEndpoints } from './contract-endpoints';

const manifests = [ingestManifest, providerAccessManifest];

for (const { url: server, name } of contractEndpoints('StateDatabase', 'PostgreSQL', 'LAKE_CONTRACT_POSTGRES')) {
  describe(`StateDatabase: ${name}`, () =>
    describe('roles', () => {
      const run = randomBytes(4).toString('hex');
      const database = `lake_roles_${run}`;
      const roleOf = (name: string): string => `lake_roles_${run}_${name}`;
      const urlOf = (path: string): string => {
        const url = new URL(server);
        url.pathname = `/${path}`;
        return url.href;
      };
      const administer = async (url: string, statements: readonly string[]) => {
        const client = new Client({ connectionString: url });
        await client.connect();
        try {
          let rows: readonly Record<string, unknown>[] = [];
          for (const statement of statements) rows = (await client.query(statement)).rows;
          return rows;
        } finally {
          await client.end();
        }
      };

      before(async () => {
        await administer(server.href, [`CREATE DATABASE ${database}`]);
        const owner = new PostgresStateDatabase({ connectionString: urlOf(database), connections: 2 });
        await owner.migrate(migrationsOf('lake'));
        await owner.close();
        for (const manifest of manifests) {
          await administer(server.href, [`CREATE ROLE "${roleOf(manifest.name)}" LOGIN PASSWORD '${run}'`]);
          await administer(urlOf(database), grantStatements(roleOf(manifest.name), stateGrantsOf(manifest, 'lake')));
        }
      });
      after(async () => {
        await administer(server.href, [
          `DROP DATABASE IF EXISTS ${database} WITH (FORCE)`,
          ...manifests.map(({ name }) => `DROP ROLE IF EXISTS "${roleOf(name)}"`),
        ]);
      });

      for (const manifest of manifests) {
        it(`of ${manifest.name} may do what its manifest declares and nothing else, table by table`, async () => {
          const rows = await administer(urlOf(database), [
            `SELECT t.tablename AS "table", p.name AS privilege,
                has_table_privilege('${roleOf(manifest.name)}', t.tablename, p.name)
                OR (p.name <> 'DELETE' AND has_any_column_privilege('${roleOf(manifest.name)}', t.tablename,
                    CASE p.name WHEN 'DELETE' THEN 'SELECT' ELSE p.name END)) AS allowed
         FROM pg_tables t, (VALUES ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE')) AS p (name)
         WHERE t.schemaname = 'public'`,
          ]);
          assert.ok(rows.length > 30);
          const declared = new Set(
            stateGrantsOf(manifest, 'lake').map(({ table, privilege }) => `${privilege} ${table}`),
          );
          for (const { table, privilege, allowed } of rows)
            assert.equal(allowed, declared.has(`${privilege} ${table}`), `${privilege} ${table}`);
        });
      }

      it('cannot read what it only writes, nor write what it only reads', async () => {
        const url = new URL(urlOf(database));
        url.username = roleOf('ingest');
        url.password = run;
        const ingest = new PostgresStateDatabase({ connectionString: url.href, connections: 1 });
        const denied = (sql: string) =>
          assert.rejects(
            ingest.transaction((tx) => tx.query(sql)),
            { code: 'PermissionDenied' },
          );
        await denied('SELECT record FROM audit');
        await denied('SELECT object_key FROM outbox');
        await denied("UPDATE provider SET disabled = 0 WHERE ods = 'A'");
        await denied('DELETE FROM version');
        await denied('SELECT * FROM oidc');
        await ingest.close();
      });
    }));
}
