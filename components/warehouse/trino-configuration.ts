import type { ObjectStoreHome } from '../function/function-args';
import type { TableZone } from './warehouse-args';

/** Where the server finds things in its container. */
export const trinoPaths = {
  configuration: '/etc/trino',
  catalogues: '/etc/trino/catalog',
  users: '/etc/trino-users',
  certificate: '/etc/trino-certificate',
  data: '/data/trino',
} as const;

export const trinoPort = 8443;

/** Variables of the container, by which files without secrets name secrets (Trino, "Secrets"). */
export const trinoSecrets = ['S3_ACCESS_KEY', 'S3_SECRET_KEY', 'INTERNAL_SECRET'] as const;

const properties = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');

/** The folder /etc/trino of a coordinator that is its only worker (https://trino.io/docs/current/installation/deployment.html). */
export const trinoFiles = (zones: readonly TableZone[], heapMebibytes: number): Readonly<Record<string, string>> => ({
  'config.properties': properties({
    coordinator: 'true',
    'node-scheduler.include-coordinator': 'true',
    'catalog.config-dir': trinoPaths.catalogues,
    'discovery.uri': 'http://localhost:8080',
    // Plain HTTP is for the server's own parts, which show the secret below; no network policy opens it.
    'http-server.http.port': '8080',
    'http-server.authentication.allow-insecure-over-http': 'false',
    'http-server.authentication.type': 'PASSWORD',
    'password-authenticator.config-files': `${trinoPaths.configuration}/sign-in.properties`,
    'http-server.https.enabled': 'true',
    'http-server.https.port': String(trinoPort),
    'http-server.https.keystore.path': `${trinoPaths.certificate}/tls-combined.pem`,
    'internal-communication.shared-secret': `\${ENV:INTERNAL_SECRET}`,
    'query.max-memory-per-node': `${Math.floor(heapMebibytes * 0.4)}MB`,
    'memory.heap-headroom-per-node': `${Math.floor(heapMebibytes * 0.2)}MB`,
    'query.max-run-time': '30m',
    'web-ui.enabled': 'false',
  }),
  'node.properties': properties({ 'node.environment': 'lake', 'node.data-dir': trinoPaths.data }),
  // No heap dump: it would hold patients' rows.
  'jvm.config': `-server
-Xmx${heapMebibytes}M
-XX:+ExitOnOutOfMemoryError
-XX:-HeapDumpOnOutOfMemoryError
-XX:ReservedCodeCacheSize=128M
-Djdk.attach.allowAttachSelf=true
-Dfile.encoding=UTF-8
`,
  'log.properties': properties({ 'io.trino': 'WARN' }),
  'access-control.properties': properties({
    'access-control.name': 'file',
    'security.config-file': `${trinoPaths.configuration}/rules.json`,
  }),
  'sign-in.properties': properties({
    'password-authenticator.name': 'file',
    'file.password-file': `${trinoPaths.users}/password.db`,
  }),
  'group-provider.properties': properties({
    'group-provider.name': 'file',
    'file.group-file': `${trinoPaths.users}/group.db`,
  }),
  'rules.json': JSON.stringify(accessRules(zones), undefined, 2),
});

/**
 * File-based access control: what no rule names is refused. Read-only twice over, here and by the login of the object store.
 */
function accessRules(zones: readonly TableZone[]) {
  const who = (zone: TableZone) => (zone === 'curated' ? { group: 'curated' } : {});
  const each = <Rule>(rule: (zone: TableZone) => Rule): readonly (Rule & { group?: string; catalog: string })[] =>
    zones.map((zone) => ({ ...who(zone), catalog: zone, ...rule(zone) }));
  return {
    catalogs: each(() => ({ allow: 'read-only' })),
    schemas: [{ owner: false }],
    // The catalogues share one metastore: a schema of another zone does not exist in this one.
    tables: each((zone) => ({ schema: zone, privileges: ['SELECT'] })),
    // One's own queries: see and end them.
    queries: [{ allow: ['execute'] }],
    system_information: [],
    system_session_properties: [{ allow: false }],
    catalog_session_properties: [{ allow: false }],
    functions: [],
    procedures: [],
    impersonation: [],
  };
}

/** One catalogue: Delta tables of a zone's bucket, found through the metastore. */
export const catalogueFile = (
  metastore: string,
  { region, forcePathStyle }: Pick<ObjectStoreHome, 'region' | 'forcePathStyle'>,
  endpoint: string,
): string =>
  properties({
    'connector.name': 'delta_lake',
    'hive.metastore.uri': metastore,
    'delta.security': 'read_only',
    'delta.register-table-procedure.enabled': 'false',
    'fs.native-s3.enabled': 'true',
    's3.endpoint': endpoint,
    's3.region': region,
    's3.path-style-access': String(forcePathStyle ?? false),
    's3.aws-access-key': `\${ENV:S3_ACCESS_KEY}`,
    's3.aws-secret-key': `\${ENV:S3_SECRET_KEY}`,
  });
