import { EventRule, EventTarget } from '@pulumi/aws/cloudwatch';
import { CatalogDatabase, CatalogTable, type Crawler, DataCatalogEncryptionSettings } from '@pulumi/aws/glue';
import { DataLakeSettings, Permissions, Resource as RegisteredPlace } from '@pulumi/aws/lakeformation';
import { type Input, interpolate, jsonStringify } from '@pulumi/pulumi';
import type { AwsStoreHome } from '../core/aws-homes';
import { type AwsComponentArgs, AwsParts } from '../core/aws-parts';
import { addRole } from '../core/aws-role';
import { registeredPlaceStatements } from '../core/aws-service-grants';
import { awsArn, awsName } from '../core/aws-target';
import type { LakeComponent } from '../core/lake-component';
import { nameOf } from '../core/naming';
import { type AwsForeignData, addForeignData } from './aws-foreign';
import { type AwsCatalogueReader, type AwsCatalogueUser, addReaders, addUsers } from './aws-users';

export const tableZones = ['curated', 'marts'] as const;
export type TableZone = (typeof tableZones)[number];

/** A table of the lake as its own schema has it. */
export interface AwsTable {
  readonly zone: TableZone;
  /** Its folder in the zone. */
  readonly name: string;
  /** In the types of Hive: `string`, `bigint`, `timestamp`. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

/** Who may read which columns of a table; nobody else reads it through the catalogue. */
export interface AwsColumnGrant {
  /** ARN of a role. */
  readonly principal: Input<string>;
  readonly zone: TableZone;
  readonly table: string;
  /** All but the excluded ones where it names none. */
  readonly columns?: readonly string[];
  readonly excluded?: readonly string[];
}

export interface AwsCatalogueArgs extends AwsComponentArgs {
  readonly stores: Readonly<Record<TableZone, AwsStoreHome>>;
  readonly tables: readonly AwsTable[];
  readonly grants: readonly AwsColumnGrant[];
  /** Functions of the lake that publish here, or look. @default none */
  readonly users?: readonly AwsCatalogueUser[];
  /** Engines that find tables here. @default none */
  readonly readers?: readonly AwsCatalogueReader[];
  /** The key of the catalogue's own data. */
  readonly keyArn: Input<string>;
  readonly logKeyArn: Input<string>;
  /** Is told of every change of a schema. */
  readonly changeTopicArn: Input<string>;
  /** Data that others put, of which the lake has no schema. */
  readonly foreign?: AwsForeignData;
  /** Whether settings of the whole account and region are this stack's; one stack of a region sets them. @default true */
  readonly accountSettings?: boolean;
}

export interface AwsCatalogue {
  readonly kind: 'aws';
  readonly databases: Readonly<Record<TableZone, CatalogDatabase>>;
  readonly tables: readonly CatalogTable[];
}

/** Name of the role that Lake Formation reads the zones with, for the policies of keys and buckets. */
export const awsPlacesRole = 'catalogue-places';

/** Name of the database of a zone: known before it is made. */
export const awsDatabaseName = (target: Parameters<typeof awsName>[0], zone: string): string =>
  nameOf('database', target.name, target.stack, zone);

/**
 * Databases and tables in the Glue Data Catalog from the lake's own schemas: nothing of the lake's own data is crawled. Who reads
 * a column is Lake Formation's to say, by name; its opening to everyone IAM lets in is taken away.
 */
export function awsCatalogue(component: LakeComponent, name: string, args: AwsCatalogueArgs): AwsCatalogue {
  const { target, stores, keyArn } = args;
  const parts = new AwsParts(component, name, args, { zone: 'catalogue', classification: 'none' });
  const settings = args.accountSettings === false ? [] : addAccountSettings(parts, keyArn);
  const { arn: placeRole, granted } = addRole(parts, {
    name: awsPlacesRole,
    service: 'lakeformation.amazonaws.com',
    statements: tableZones.flatMap((zone) => registeredPlaceStatements(target, stores[zone])),
  });
  const places = tableZones.map((zone) => {
    const place = parts.add(
      RegisteredPlace,
      `${zone}-place`,
      { arn: awsArn(target, 's3', stores[zone].bucket), roleArn: placeRole, hybridAccessEnabled: false },
      { dependsOn: [...granted] },
    );
    const database = parts.keep(
      CatalogDatabase,
      `${zone}-database`,
      {
        name: awsDatabaseName(target, zone),
        description: `Tables of ${zone}.`,
        locationUri: `s3://${stores[zone].bucket}/`,
        // Empty, or every table would be open to whoever IAM lets to Glue.
        createTableDefaultPermissions: [],
      },
      { dependsOn: settings, place: { zone, classification: 'pseudonymised' } },
    );
    return { zone, database, place };
  });
  const databases = Object.fromEntries(places.map(({ zone, database }) => [zone, database])) as Record<
    TableZone,
    CatalogDatabase
  >;
  const tables = args.tables.map((table) => addTable(parts, databases[table.zone], stores[table.zone], table));
  for (const [index, grant] of args.grants.entries()) addGrant(parts, index, grant, databases[grant.zone], tables);
  addUsers(parts, args.users ?? [], places, settings);
  addReaders(parts, args.readers ?? [], places);
  const { logKeyArn } = args;
  const foreign =
    args.foreign === undefined ? undefined : addForeignData(parts, args.foreign, { keyArn, logKeyArn, settings });
  const told = Object.values(databases);
  addSchemaAlarm(parts, args, foreign === undefined ? told : [...told, foreign.database]);
  if (foreign !== undefined) addCrawlAlarm(parts, args, foreign.crawler);
  parts.complete();
  return { kind: 'aws', databases, tables };
}

function addAccountSettings(parts: AwsParts, keyArn: Input<string>) {
  const encryption = parts.add(DataCatalogEncryptionSettings, 'encryption', {
    dataCatalogEncryptionSettings: {
      encryptionAtRest: { catalogEncryptionMode: 'SSE-KMS', sseAwsKmsKeyId: keyArn },
      connectionPasswordEncryption: { returnConnectionPasswordEncrypted: true, awsKmsKeyId: keyArn },
    },
  });
  const settings = parts.add(DataLakeSettings, 'settings', {
    admins: parts.target.deployers.filter((role) => !role.includes('*')),
    // `IAMAllowedPrincipals` stands in both unless they are given empty (Lake Formation, "Changing the default settings").
    createDatabaseDefaultPermissions: [],
    createTableDefaultPermissions: [],
    allowExternalDataFiltering: false,
  });
  return [encryption, settings];
}

/** A Delta table as Athena and Spark know one: external, the provider in its parameters, its folder as location. */
const addTable = (
  parts: AwsParts,
  database: CatalogDatabase,
  { bucket }: AwsStoreHome,
  table: AwsTable,
): CatalogTable =>
  parts.add(
    CatalogTable,
    `${table.zone}-${table.name}`,
    {
      name: table.name,
      databaseName: database.name,
      tableType: 'EXTERNAL_TABLE',
      parameters: {
        EXTERNAL: 'TRUE',
        classification: 'delta',
        'spark.sql.sources.provider': 'delta',
        table_type: 'DELTA',
      },
      storageDescriptor: {
        location: `s3://${bucket}/${table.name}/`,
        columns: table.columns.map(({ name, type }) => ({ name, type })),
        serDeInfo: {
          serializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe',
          parameters: { path: `s3://${bucket}/${table.name}/` },
        },
      },
    },
    {
      place: { zone: table.zone, classification: 'pseudonymised' },
      // The lake itself writes the columns of a table down when it publishes a version of it.
      ignoreChanges: ['parameters', 'storageDescriptor.columns'],
    },
  );

function addGrant(
  parts: AwsParts,
  index: number,
  { principal, table, columns, excluded, zone }: AwsColumnGrant,
  database: CatalogDatabase,
  tables: readonly CatalogTable[],
): void {
  parts.add(
    Permissions,
    `grant-${zone}-${table}-${index + 1}`,
    {
      principal,
      permissions: ['SELECT'],
      tableWithColumns: {
        databaseName: database.name,
        name: table,
        ...(columns === undefined ? { wildcard: true } : { columnNames: [...columns] }),
        ...(columns === undefined && excluded !== undefined ? { excludedColumnNames: [...excluded] } : {}),
      },
    },
    { dependsOn: [...tables] },
  );
}

/** A changed schema is told, whoever changed it. */
function addSchemaAlarm(
  parts: AwsParts,
  { target, changeTopicArn }: AwsCatalogueArgs,
  databases: readonly CatalogDatabase[],
): void {
  const rule = parts.add(EventRule, 'schema-change', {
    name: awsName(target, 'schema-change'),
    description: 'A table of the lake was made, changed or dropped.',
    eventPattern: jsonStringify({
      source: ['aws.glue'],
      'detail-type': ['Glue Data Catalog Database State Change', 'Glue Data Catalog Table State Change'],
      detail: { databaseName: databases.map((database) => interpolate`${database.name}`) },
    }),
  });
  parts.add(EventTarget, 'schema-change-target', { rule: rule.name, arn: changeTopicArn });
}

/** Tables of others that are not looked at any more are told too. */
function addCrawlAlarm(parts: AwsParts, { target, changeTopicArn }: AwsCatalogueArgs, crawler: Crawler): void {
  const rule = parts.add(EventRule, 'crawl-failed', {
    name: awsName(target, 'crawl-failed'),
    description: 'Tables in data of others could not be looked at.',
    eventPattern: jsonStringify({
      source: ['aws.glue'],
      'detail-type': ['Glue Crawler State Change'],
      detail: { crawlerName: [crawler.name], state: ['Failed'] },
    }),
  });
  parts.add(EventTarget, 'crawl-failed-target', { rule: rule.name, arn: changeTopicArn });
}
