import { systemClock } from '../../adapters/ports/clock';
import type { KeyManagement } from '../../adapters/ports/key-management';
import { PostgresAdmin, type PostgresServer } from '../../adapters/postgres/postgres-admin';
import { PostgresStateDatabase } from '../../adapters/postgres/postgres-state-database';
import type { AuditRecord } from '../audit/audit-record';
import { wrappedKeyStore } from '../ingest/wrapped-key-store';
import type { Manifest } from '../manifest';
import { grantStatements, stateGrantsOf } from '../manifest-grants';
import {
  applyDeclaredProviders,
  checkDeclaredProviders,
  type DeclaredProvider,
} from '../provider-access/declared-providers';
import { providerRegisterStore } from '../provider-access/provider-register';
import type { DatabaseName } from '../state-store';
import { migrationsOf } from './state-stores';
import { preparePseudonymKey } from './wrapped-pseudonym-key';

export interface RoleLogin {
  readonly user: string;
  /** None: the role logs in by IAM. */
  readonly password?: string;
}

export interface LakeDatabases {
  /** Those that are on this server. */
  readonly databases: Readonly<Partial<Record<DatabaseName, string>>>;
  /** By the name of the function. */
  readonly roles: Readonly<Record<string, RoleLogin>>;
}

const databaseNames = ['lake', 'identity'] as const;

/** Databases with their tables, and a role for each function with the grants of its manifest. Safe to repeat. */
export async function prepareDatabases(
  { databases, roles }: LakeDatabases,
  server: PostgresServer,
  manifests: readonly Manifest[],
): Promise<void> {
  const admin = new PostgresAdmin(server);
  const here = databaseNames.flatMap((name) => {
    const called = databases[name];
    return called === undefined ? [] : [{ name, called }];
  });
  for (const { name, called } of here) {
    await admin.ensureDatabase(called);
    const database = new PostgresStateDatabase({ ...server, database: called, connections: 2 });
    try {
      await database.migrate(migrationsOf(name));
    } finally {
      await database.close();
    }
  }
  for (const manifest of manifests) {
    const role = roles[manifest.name];
    const granted = here.map(({ name, called }) => ({ called, grants: stateGrantsOf(manifest, name) }));
    if (role === undefined || granted.every(({ grants }) => grants.length === 0)) continue;
    if (role.password === undefined) await admin.ensureIamRole(role.user);
    else await admin.ensureRole(role.user, role.password);
    for (const { called, grants } of granted)
      if (grants.length > 0) await admin.execute(called, grantStatements(role.user, grants));
  }
}

export interface LakeContents {
  readonly server: PostgresServer;
  /** The one of the lake, prepared. */
  readonly database: string;
  readonly keys: Pick<KeyManagement, 'generateDataKey'>;
  /** Providers that the stack declares; none: the register is left as it is. */
  readonly providers?: readonly DeclaredProvider[] | undefined;
  /** By ODS code, the client ids that a site's issuer gave them. */
  readonly clientIds?: Readonly<Record<string, string>> | undefined;
}

/** What stands in a lake before its first message: the first pseudonym key, and declared providers. Safe to repeat. */
export async function prepareContents(
  { server, database, keys, providers, clientIds }: LakeContents,
  begins: (step: string) => void,
): Promise<void> {
  const lake = new PostgresStateDatabase({ ...server, database, connections: 2 });
  try {
    await preparePseudonymKey(wrappedKeyStore.open(lake), (context) => keys.generateDataKey('pseudonym', context));
    if (providers === undefined) return;
    begins('providers');
    const register = providerRegisterStore.open(lake);
    await applyDeclaredProviders(register, checkDeclaredProviders(providers), recordOf, clientIds);
  } finally {
    await lake.close();
  }
}

const recordOf = (action: string): AuditRecord => ({
  recorded: systemClock.now().toISOString(),
  event: 'accessChange',
  action,
  agent: { kind: 'function', id: 'prepare' },
  outcome: { result: 'allowed', code: 'done' },
  purpose: 'HSYSADMIN',
});
