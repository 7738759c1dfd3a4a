/** Statements that set a Redshift warehouse up, each run once when it is declared. Names are identifiers, everything else a literal. */

const identifier = (name: string): string => {
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(name))
    throw new RangeError(
      'A name in the warehouse begins with a letter, then letters, digits and underscores, 63 at most.',
    );
  return `"${name}"`;
};
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** The marts as a schema: Spectrum reads their files where they are, with the warehouse's role. */
export const externalSchema = (catalogueDatabase: string, roleArn: string): string =>
  `CREATE EXTERNAL SCHEMA IF NOT EXISTS marts FROM DATA CATALOG DATABASE ${literal(catalogueDatabase)} IAM_ROLE ${literal(roleArn)}`;

interface Federated {
  readonly schema: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly secretArn: string;
  readonly roleArn: string;
}

/** A PostgreSQL as a schema: asked when a query asks (Redshift, "Querying data with federated queries"). */
export const federatedSchema = ({ schema, host, port, database, secretArn, roleArn }: Federated): string =>
  `CREATE EXTERNAL SCHEMA IF NOT EXISTS ${identifier(schema)} FROM POSTGRES DATABASE ${literal(database)} SCHEMA 'public' URI ${literal(host)} PORT ${port} IAM_ROLE ${literal(roleArn)} SECRET_ARN ${literal(secretArn)}`;

/** Nobody makes anything unless it is granted to them: PUBLIC may, as a warehouse is delivered. */
export const nobodyCreates = 'REVOKE CREATE ON SCHEMA public FROM PUBLIC';

/** A group of people that reads the marts and makes nothing. */
export const readerGrants = (group: string): readonly string[] => [
  `CREATE ROLE ${identifier(group)}`,
  `GRANT USAGE ON SCHEMA marts TO ROLE ${identifier(group)}`,
];
