import type { ObjectStoreHome } from '../function/function-args';
import type { StoreLogin } from '../object-store/object-store-args';

interface Database {
  readonly host: string;
  readonly port: number;
  readonly name: string;
  readonly role: string;
  readonly password: string;
  /** File with the authority of the server; without one the connection is not encrypted. */
  readonly caFile?: string;
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/**
 * hive-site.xml of a metastore alone (Hive 4, "AdminManual Metastore 3.0 Administration"). Holds two passwords: it goes into a
 * Secret, because the image takes them from a file or from its command line, and a command line is visible to the node.
 */
export function hiveSite(
  database: Database,
  { region, forcePathStyle }: Pick<ObjectStoreHome, 'region' | 'forcePathStyle'>,
  endpoint: string,
  login: { readonly [Key in keyof StoreLogin]: string },
): string {
  const { host, port, name, role, password, caFile } = database;
  const ssl = caFile === undefined ? 'sslmode=disable' : `sslmode=verify-full&sslrootcert=${caFile}`;
  const properties = {
    'metastore.thrift.port': '9083',
    'metastore.warehouse.dir': '/tmp/warehouse',
    'javax.jdo.option.ConnectionDriverName': 'org.postgresql.Driver',
    'javax.jdo.option.ConnectionURL': `jdbc:postgresql://${host}:${port}/${name}?${ssl}`,
    'javax.jdo.option.ConnectionUserName': role,
    'javax.jdo.option.ConnectionPassword': password,
    // It describes tables; it deletes no data and counts none.
    'metastore.stats.autogather': 'false',
    'external.table.purge': 'false',
    'fs.s3a.endpoint': endpoint,
    'fs.s3a.endpoint.region': region,
    'fs.s3a.path.style.access': String(forcePathStyle ?? false),
    'fs.s3a.access.key': login.accessKeyId,
    'fs.s3a.secret.key': login.secretAccessKey,
    'fs.s3.impl': 'org.apache.hadoop.fs.s3a.S3AFileSystem',
  };
  const lines = Object.entries(properties).map(
    ([key, value]) => `  <property><name>${key}</name><value>${escaped(value)}</value></property>`,
  );
  return `<?xml version="1.0"?>\n<configuration>\n${lines.join('\n')}\n</configuration>\n`;
}

/**
 * psql: the database and its role, each made when it is not there; safe to repeat. `\\getenv` (PostgreSQL 14) keeps the password
 * out of the arguments.
 */
export const metastoreDatabaseScript = (name: string, role: string): string =>
  `\\getenv password METASTORE_PASSWORD
SELECT 'CREATE ROLE ${role} LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${role}') \\gexec
ALTER ROLE ${role} PASSWORD :'password';
GRANT ${role} TO CURRENT_USER;
SELECT 'CREATE DATABASE ${name} OWNER ${role}' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '${name}') \\gexec
REVOKE ALL ON DATABASE ${name} FROM PUBLIC;
`;
