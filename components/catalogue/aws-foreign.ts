import { CatalogDatabase, Classifier, Connection, Crawler, SecurityConfiguration } from '@pulumi/aws/glue';
import { Permissions } from '@pulumi/aws/lakeformation';
import type { Input, Resource } from '@pulumi/pulumi';
import type { AwsStoreHome } from '../core/aws-homes';
import type { AwsParts } from '../core/aws-parts';
import { addRole } from '../core/aws-role';
import { crawlerStatements } from '../core/aws-service-grants';
import { awsName } from '../core/aws-target';
import { nameOf } from '../core/naming';

/** FHIR that others put into a bucket of this account, without a schema of the lake. */
export interface AwsForeignData {
  readonly store: AwsStoreHome;
  /** Begins the keys that are looked at; ends in `/`. */
  readonly prefix: string;
  /** When it is looked at: `cron(15 2 * * ? *)`. */
  readonly schedule: string;
  /** One subnet of the lake: the crawler reads through the network's endpoint, or the bucket refuses it. */
  readonly subnetId: Input<string>;
  readonly availabilityZone: string;
  /** One that lets itself in on every port, or Glue refuses the connection (AWS Glue, "Setting up network access to data stores"). */
  readonly securityGroupIds: readonly Input<string>[];
}

export interface AwsForeignSettings {
  /** The key of the catalogue. */
  readonly keyArn: Input<string>;
  readonly logKeyArn: Input<string>;
  /** Of the account, before which Lake Formation refuses every grant. */
  readonly settings: readonly Resource[];
}

export interface AwsForeignTables {
  readonly database: CatalogDatabase;
  readonly crawler: Crawler;
}

/**
 * A crawler finds tables in data that is not the lake's. It reads, describes them as they are now and drops none; what a table was
 * before stays as an earlier version of it, and the change is told.
 */
export function addForeignData(
  parts: AwsParts,
  foreign: AwsForeignData,
  { keyArn, logKeyArn, settings }: AwsForeignSettings,
): AwsForeignTables {
  const { target } = parts;
  const { store, prefix, schedule, subnetId, availabilityZone, securityGroupIds } = foreign;
  const called = awsName(target, 'foreign');
  const databaseName = nameOf('database', target.name, target.stack, 'foreign');
  const {
    role,
    arn: roleArn,
    granted,
  } = addRole(parts, {
    name: 'crawler',
    service: 'glue.amazonaws.com',
    statements: crawlerStatements(target, store, prefix, { database: databaseName, keyArn }),
  });
  const database = parts.add(
    CatalogDatabase,
    'foreign-database',
    { name: databaseName, description: 'Tables found in data of others.', createTableDefaultPermissions: [] },
    { dependsOn: [...settings] },
  );
  // IAM alone lets nobody to a database of Lake Formation's. What the crawler makes is its own to change.
  const mayMake = parts.add(Permissions, 'foreign-tables', {
    principal: roleArn,
    permissions: ['CREATE_TABLE', 'DESCRIBE'],
    database: { name: database.name },
  });
  // A Bundle's entries are rows of their own; a resource by itself is one.
  const classifier = parts.add(Classifier, 'foreign-classifier', {
    name: called,
    jsonClassifier: { jsonPath: '$.entry[*].resource' },
  });
  const connection = parts.add(Connection, 'foreign-connection', {
    name: called,
    connectionType: 'NETWORK',
    physicalConnectionRequirements: {
      subnetId,
      availabilityZone,
      securityGroupIdLists: [...securityGroupIds],
    },
  });
  const security = parts.add(SecurityConfiguration, 'foreign-security', {
    name: called,
    encryptionConfiguration: {
      cloudwatchEncryption: { cloudwatchEncryptionMode: 'SSE-KMS', kmsKeyArn: logKeyArn },
      jobBookmarksEncryption: { jobBookmarksEncryptionMode: 'CSE-KMS', kmsKeyArn: keyArn },
      s3Encryption: { s3EncryptionMode: 'SSE-KMS', kmsKeyArn: store.keyArn },
    },
  });
  const crawler = parts.add(
    Crawler,
    'foreign-crawler',
    {
      name: called,
      role: role.arn,
      databaseName: database.name,
      schedule,
      classifiers: [classifier.name],
      s3Targets: [{ path: `s3://${store.bucket}/${prefix}`, connectionName: connection.name }],
      securityConfiguration: security.name,
      recrawlPolicy: { recrawlBehavior: 'CRAWL_EVERYTHING' },
      // What differs has to change in the catalogue, or nothing says so: what is only logged makes no event.
      schemaChangePolicy: { updateBehavior: 'UPDATE_IN_DATABASE', deleteBehavior: 'LOG' },
      lakeFormationConfiguration: { useLakeFormationCredentials: false },
    },
    { dependsOn: [...granted, mayMake] },
  );
  return { database, crawler };
}
