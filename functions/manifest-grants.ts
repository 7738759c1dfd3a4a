import type { Manifest } from './manifest';
import type { DatabaseName, StateStore, TableGrant } from './state-store';

/** The table grants of a function in one database: what its declared operations need, each once. */
export function stateGrantsOf(manifest: Manifest, database: DatabaseName): readonly TableGrant[] {
  const grants = new Map<string, TableGrant>();
  for (const use of Object.values(manifest.uses)) {
    if (use.port !== 'state' || use.store.database !== database) continue;
    const { grants: declared } = use.store as StateStore<Record<PropertyKey, unknown>>;
    for (const operation of use.operations) {
      for (const grant of declared[operation] ?? []) grants.set(JSON.stringify(grant), grant);
    }
  }
  return [...grants.values()];
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/**
 * The SQL that gives a PostgreSQL role exactly these grants: everything it had is taken first, so that an operation taken out
 * of a manifest is taken out of the database.
 */
export function grantStatements(role: string, grants: readonly TableGrant[]): readonly string[] {
  const to = quoted(role);
  return [
    `REVOKE ALL ON ALL TABLES IN SCHEMA public FROM ${to}`,
    `GRANT USAGE ON SCHEMA public TO ${to}`,
    ...grants.map(({ table, privilege, columns }) => {
      const only = columns === undefined ? '' : ` (${columns.map(quoted).join(', ')})`;
      return `GRANT ${privilege}${only} ON ${quoted(table)} TO ${to}`;
    }),
  ];
}
