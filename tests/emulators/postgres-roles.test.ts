import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { PostgresStateDatabase } from '../../adapters/postgres/postgres-state-database';
import { lambdaManifests } from '../../functions/hosts/aws-lambda/manifests';
import { companionManifests, knativeManifests } from '../../functions/hosts/knative/manifests';
import { migrationsOf } from '../../functions/hosts/state-stores';
import { ingestManifest } from '../../functions/ingest/manifest';
import type { Manifest } from '../../functions/manifest';
import { grantStatements, stateGrantsOf } from '../../functions/manifest-grants';
import { contractEndpoints } from './contract-endpoints';

/** Every login that a lake off one machine has. */
const manifests: readonly Manifest[] = [
  ...new Map([...knativeManifests, ...companionManifests, ...lambdaManifests].map((one) => [one.name, one])).values(),
];
const names = ['lake', 'identity'] as const;

for (const { url: server, name } of contractEndpoints('StateDatabase', 'PostgreSQL', 'LAKE_CONTRACT_POSTGRES')) {
  describe(`StateDatabase: ${name}`, () =>
    describe('roles', () => {
      const run = randomBytes(4).toString('hex');
      const databaseOf = (called: (typeof names)[number]): string => `lake_roles_${run}_${called}`;
      const roleOf = ({ name: called }: Manifest): string => `lake_roles_${run}_${called}`;
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

      before(async function () {
        this.timeout(120_000);
        const roles = manifests.map((manifest) => `CREATE ROLE "${roleOf(manifest)}" LOGIN PASSWORD '${run}'`);
        await administer(server.href, roles);
        for (const called of names) {
          await administer(server.href, [`CREATE DATABASE ${databaseOf(called)}`]);
          const owner = new PostgresStateDatabase({ connectionString: urlOf(databaseOf(called)), connections: 2 });
          await owner.migrate(migrationsOf(called));
          await owner.close();
          const grants = manifests.flatMap((one) => grantStatements(roleOf(one), stateGrantsOf(one, called)));
          await administer(urlOf(databaseOf(called)), grants);
        }
      });
      after(async () => {
        await administer(server.href, [
          ...names.map((called) => `DROP DATABASE IF EXISTS ${databaseOf(called)} WITH (FORCE)`),
          ...manifests.map((manifest) => `DROP ROLE IF EXISTS "${roleOf(manifest)}"`),
        ]);
      });

      for (const called of names) {
        it(`may do in the ${called} database what their manifests declare and nothing else, column by column`, async () => {
          let allowed = 0;
          for (const manifest of manifests) {
            const declared = stateGrantsOf(manifest, called);
            const rows = await administer(urlOf(databaseOf(called)), [
              `SELECT c.table_name AS "table", c.column_name AS "column", p.name AS privilege,
                 CASE p.name WHEN 'DELETE' THEN has_table_privilege('${roleOf(manifest)}', c.table_name, 'DELETE')
                   ELSE has_column_privilege('${roleOf(manifest)}', c.table_name, c.column_name, p.name) END AS allowed
               FROM information_schema.columns c, (VALUES ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE')) AS p (name)
               WHERE c.table_schema = 'public'`,
            ]);
            assert.ok(rows.length > 200);
            for (const { table, column, privilege, allowed: isAllowed } of rows) {
              const isDeclared = declared.some(
                (grant) =>
                  grant.table === table &&
                  grant.privilege === privilege &&
                  (grant.columns === undefined || grant.columns.includes(String(column))),
              );
              assert.equal(isAllowed, isDeclared, `${manifest.name}: ${privilege} ${table}.${column}`);
              if (isAllowed === true) allowed += 1;
            }
          }
          assert.ok(allowed > 200, `${allowed} rights in all`);
        });
      }

      it('read one of the two databases at most', () => {
        for (const manifest of manifests)
          assert.ok(names.filter((called) => stateGrantsOf(manifest, called).length > 0).length < 2, manifest.name);
      });

      it('cannot read what they only write, nor write what they only read', async () => {
        const url = new URL(urlOf(databaseOf('lake')));
        url.username = roleOf(ingestManifest);
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
