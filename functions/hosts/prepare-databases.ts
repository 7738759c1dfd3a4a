import type { KeyUse } from '../../adapters/ports/key-management';
import { PostgresAdmin, type PostgresServer } from '../../adapters/postgres/postgres-admin';
import { PostgresStateDatabase } from '../../adapters/postgres/postgres-state-database';
import type { KeyName, Manifest } from '../manifest';
import { grantStatements, stateGrantsOf } from '../manifest-grants';
import type { DatabaseName } from '../state-store';
import { migrationsOf } from './state-stores';

export interface RoleLogin {
  readonly user: string;
  /** None: the role logs in by IAM. */
  readonly password?: string;
}

export interface LakeDatabases {
  readonly databases: Readonly<Record<DatabaseName, string>>;
  /** By the name of the function. */
  readonly roles: Readonly<Record<string, RoleLogin>>;
}

const databaseNames = ['lake', 'identity'] as const;

/** What each key of a lake is made for. */
export const keyUses: Readonly<Record<KeyName, KeyUse>> = {
  landing: 'dataKeys',
  identity: 'publicKeyWrap',
  pseudonym: 'dataKeys',
  audit: 'sign',
  issuer: 'sign',
};

/** Databases with their tables, and a role for each function with the grants of its manifest. Safe to repeat. */
export async function prepareDatabases(
  { databases, roles }: LakeDatabases,
  server: PostgresServer,
  manifests: readonly Manifest[],
): Promise<void> {
  const admin = new PostgresAdmin(server);
  for (const name of databaseNames) {
    await admin.ensureDatabase(databases[name]);
    const database = new PostgresStateDatabase({ ...server, database: databases[name], connections: 2 });
    try {
      await database.migrate(migrationsOf(name));
    } finally {
      await database.close();
    }
  }
  for (const manifest of manifests) {
    const role = roles[manifest.name];
    if (role === undefined) continue;
    if (role.password === undefined) await admin.ensureIamRole(role.user);
    else await admin.ensureRole(role.user, role.password);
    for (const name of databaseNames) {
      const grants = stateGrantsOf(manifest, name);
      if (grants.length > 0) await admin.execute(databases[name], grantStatements(role.user, grants));
    }
  }
}
