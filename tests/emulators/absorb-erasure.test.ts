import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { Client } from 'pg';
import { isLakeError } from '../../adapters/ports/errors';
import { PostgresStateDatabase } from '../../adapters/postgres/postgres-state-database';
import { identityErasureManifest } from '../../functions/erasure/manifest';
import { migrationsOf } from '../../functions/hosts/state-stores';
import { absorb } from '../../functions/identity/absorb';
import { identityRegisterStore } from '../../functions/identity/identity-register-store';
import { identityManifest } from '../../functions/identity/manifest';
import { grantStatements, stateGrantsOf } from '../../functions/manifest-grants';
import { describeOver } from '../support/given-servers';
import { anIdentityRecord } from '../unit/identity/identity-zone';

const rounds = 60;

describeOver(
  'An event of a landed object and an erasure at once, in two processes',
  ['postgres'],
  ({ postgres: server }) => {
    const run = `lake_absorb_${randomBytes(4).toString('hex')}`;
    const login = (manifest: { readonly name: string }): string => `${run}_${manifest.name}`;
    const at = (change: (url: URL) => void = () => undefined): string => {
      const url = new URL(server);
      url.pathname = `/${run}`;
      change(url);
      return url.href;
    };
    const administer = async (connectionString: string, statements: readonly string[]): Promise<void> => {
      const client = new Client({ connectionString });
      await client.connect();
      for (const statement of statements) await client.query(statement);
      await client.end();
    };
    const opened: PostgresStateDatabase[] = [];
    const open = (connectionString: string): PostgresStateDatabase => {
      const database = new PostgresStateDatabase({ connectionString, connections: 2 });
      opened.push(database);
      return database;
    };
    const openAs = (manifest: { readonly name: string }): PostgresStateDatabase =>
      open(at((url) => Object.assign(url, { username: login(manifest), password: run })));
    const both = [identityManifest, identityErasureManifest];

    before(async () => {
      await administer(server.href, [
        `CREATE DATABASE ${run}`,
        ...both.map((one) => `CREATE ROLE "${login(one)}" LOGIN PASSWORD '${run}'`),
      ]);
      await open(at()).migrate(migrationsOf('identity'));
      await administer(
        at(),
        both.flatMap((one) => grantStatements(login(one), stateGrantsOf(one, 'identity'))),
      );
    });
    after(async () => {
      for (const database of opened) await database.close();
      await administer(server.href, [
        `DROP DATABASE ${run} WITH (FORCE)`,
        ...both.map((one) => `DROP ROLE "${login(one)}"`),
      ]);
    });

    it(`leaves nobody behind who was erased, in ${rounds} rounds`, async function () {
      this.timeout(60_000);
      const [identity, erasing] = [openAs(identityManifest), openAs(identityErasureManifest)];
      const register = identityRegisterStore.open(identity);
      let readAgain = 0;
      for (let round = 0; round < rounds; round += 1) {
        const id = `patient${round}`;
        let object = JSON.stringify({ kind: 'record', requestId: 'r', entry: 0, type: 'Patient', id, record: {} });
        const absorbed = async (): Promise<void> => {
          try {
            await absorb(
              {
                store: { read: async () => Buffer.from(object) },
                open: async (sealed) => sealed,
                register,
                verifiedNhsNumberOf: () => `99900${String(round).padStart(5, '0')}`,
              },
              { key: `A81001/gp/${round}.ndjson`, provider: 'A81001', requestIds: ['r'], refused: [] },
            );
          } catch (error) {
            if (!isLakeError(error, 'Unavailable')) throw error;
            readAgain += 1;
            await absorbed();
          }
        };
        const erased = async (): Promise<void> => {
          await setTimeout(Math.random() * 8);
          object = '';
          await identityRegisterStore
            .open(erasing)
            .erase([{ provider: 'A81001', type: 'Patient', id }], [id], anIdentityRecord('erase', 'erasure'));
        };
        await Promise.all([absorbed(), erased()]);
      }
      const left = await open(at()).snapshot((tx) =>
        tx.query('SELECT id FROM identity_record UNION SELECT patient_ref FROM link'),
      );
      assert.deepEqual(left, []);
      assert.ok(readAgain > 0, 'no round met the moment between');
    });
  },
);
