import { catalogueStore } from './catalogue/catalogue-store';
import type { KeyOperation, Manifest, Use } from './manifest';
import type { DatabaseName, StateStore, TableGrant } from './state-store';

/** The store behind a use; a catalogue is the state database where no metastore is. */
function storeOf(use: Use): StateStore<Record<PropertyKey, unknown>> | undefined {
  if (use.port === 'catalogue') return catalogueStore as unknown as StateStore<Record<PropertyKey, unknown>>;
  return use.port === 'state' ? (use.store as StateStore<Record<PropertyKey, unknown>>) : undefined;
}

/** The table grants of a function in one database: what its declared operations need, each once. */
export function stateGrantsOf(manifest: Manifest, database: DatabaseName): readonly TableGrant[] {
  const grants = new Map<string, TableGrant>();
  for (const use of Object.values(manifest.uses)) {
    const store = storeOf(use);
    if (store?.database !== database) continue;
    const { grants: declared } = store;
    for (const operation of use.operations) {
      for (const grant of declared[operation] ?? []) grants.set(JSON.stringify(grant), grant);
    }
  }
  return [...grants.values()];
}

/** Name of a function's role in PostgreSQL. */
export const stateRoleOf = ({ name }: Manifest): string => `lake_${name.replaceAll('-', '_')}`;

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

/** Paths of the transit engine that each operation of the key port calls (adapters/openbao). */
const transitPaths: Readonly<
  Record<KeyOperation, readonly (readonly [path: string, capability: 'read' | 'update'])[]>
> = {
  generateDataKey: [
    ['keys/{key}', 'read'],
    ['encrypt/{key}', 'update'],
  ],
  wrapWithPublicKey: [['keys/{key}', 'read']],
  unwrap: [
    ['keys/{key}', 'read'],
    ['decrypt/{key}', 'update'],
  ],
  sign: [
    ['keys/{key}', 'read'],
    ['sign/{key}', 'update'],
  ],
  publicKey: [['keys/{key}', 'read']],
  mac: [
    ['keys/{key}', 'read'],
    ['hmac/{key}', 'update'],
  ],
  rotate: [
    ['keys/{key}', 'read'],
    ['keys/{key}/rotate', 'update'],
  ],
};

/** The OpenBao policy of a function: the paths its declared key operations call, and no other. */
export function openBaoPolicy(manifest: Manifest, mount: string): string {
  const paths = new Map<string, string>();
  for (const use of Object.values(manifest.uses)) {
    if (use.port !== 'key') continue;
    for (const operation of use.operations) {
      for (const [path, capability] of transitPaths[operation])
        paths.set(`${mount}/${path.replace('{key}', use.key)}`, capability);
    }
  }
  return [...paths].map(([path, capability]) => `path "${path}" { capabilities = ["${capability}"] }\n`).join('');
}
