import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateDatabaseCommand, DeleteDatabaseCommand, GlueClient } from '@aws-sdk/client-glue';
import { KMSClient } from '@aws-sdk/client-kms';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { Client } from 'pg';
import { AwsKmsKeyManagement } from '../../adapters/aws/aws-kms-key-management';
import type { FunctionBinding, GlueBinding, PortBindings } from '../../adapters/bindings';
import { PostgresStateDatabase } from '../../adapters/postgres/postgres-state-database';
import { S3ObjectStore } from '../../adapters/s3-compatible/s3-object-store';
import { lambdaManifests as manifests } from '../../functions/hosts/aws-lambda/manifests';
import { prepareDatabases } from '../../functions/hosts/prepare-databases';
import { preparePseudonymKey } from '../../functions/hosts/wrapped-pseudonym-key';
import { ledgerStore } from '../../functions/ingest/ledger-store';
import { wrappedKeyStore } from '../../functions/ingest/wrapped-key-store';
import { keyUses, type Manifest, type Use, type Zone, zones } from '../../functions/manifest';
import type { GivenServers } from '../support/given-servers';
import { removeQueue, subscribedQueue } from './aws-queues';
import { GlueBeforeMoto } from './glue-before-moto';
import { KmsBesideMoto } from './kms-beside-moto';
import { operatorOf } from './lake-operator';
import type { AwsHome } from './lambda-lake';

/** Deliveries before an event is a dead letter. */
const deliveries = 5;

/**
 * A lake whose zones are buckets of S3, whose keys are in KMS, whose topics are SNS with queues behind them, whose tables are in the
 * Glue Data Catalog, whose databases are PostgreSQL, each function under its own role there. IAM is not shown: an emulator looks at no condition.
 */
export async function awsHome({ aws, postgres }: GivenServers<'aws' | 'postgres'>): Promise<AwsHome> {
  const folder = mkdtempSync(join(tmpdir(), 'lake-aws-'));
  const run = randomBytes(4).toString('hex');
  const credentials = {
    accessKeyId: decodeURIComponent(aws.username),
    secretAccessKey: decodeURIComponent(aws.password),
  };
  const place = { region: 'eu-west-2', endpoint: aws.origin };
  const front = new KmsBesideMoto(aws.origin);
  const kmsPlace = { region: 'eu-west-2', endpoint: await front.listen() };
  const glueFront = new GlueBeforeMoto(aws.origin);
  const gluePlace = { region: 'eu-west-2', endpoint: await glueFront.listen() };
  const clients = {
    glue: new GlueClient({ ...gluePlace, credentials }),
    s3: new S3Client({ ...place, credentials, forcePathStyle: true }),
    kms: new KMSClient({ ...kmsPlace, credentials }),
    sns: new SNSClient({ ...place, credentials }),
    sqs: new SQSClient({ ...place, credentials }),
  };
  const bucketOf = (zone: Zone): string => `lake-${run}-${zone}`;
  for (const zone of zones) await clients.s3.send(new CreateBucketCommand({ Bucket: bucketOf(zone) }));
  const tables: GlueBinding = {
    kind: 'glue',
    ...gluePlace,
    curatedDatabase: `lake_${run}_curated`,
    martsDatabase: `lake_${run}_marts`,
    curated: `s3://${bucketOf('curated')}`,
    marts: `s3://${bucketOf('marts')}`,
  };
  const tableDatabases = [tables.curatedDatabase, tables.martsDatabase];
  for (const Name of tableDatabases) await clients.glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name } }));
  const aliasPrefix = `lake-${run}`;
  const keys = new AwsKmsKeyManagement(clients.kms, aliasPrefix);
  for (const [name, use] of Object.entries(keyUses)) await keys.createKey(name, use);
  const queues = {
    identity: await subscribedQueue(clients.sns, clients.sqs, `lake-${run}-landed-identity`, deliveries),
    curate: await subscribedQueue(clients.sns, clients.sqs, `lake-${run}-landed-clinical`, deliveries),
  };

  const server = {
    host: postgres.hostname,
    port: Number(postgres.port),
    user: decodeURIComponent(postgres.username),
    password: decodeURIComponent(postgres.password),
  };
  const databases = { lake: `lake_${run}_lake`, identity: `lake_${run}_identity` };
  const roleOf = ({ name }: Manifest): string => `lake_${run}_${name}`;
  const roles = Object.fromEntries(
    manifests.map((manifest) => [manifest.name, { user: roleOf(manifest), password: run }]),
  );
  await prepareDatabases({ databases, roles }, server, manifests);
  const passwordFile = join(folder, 'role.password');
  writeFileSync(passwordFile, run, { mode: 0o600 });
  const lake = new PostgresStateDatabase({ ...server, database: databases.lake, connections: 2 });
  const identity = new PostgresStateDatabase({ ...server, database: databases.identity, connections: 2 });
  await preparePseudonymKey(wrappedKeyStore.open(lake), (context) => keys.generateDataKey('pseudonym', context));

  const bindingFor = (use: Use, manifest: Manifest): PortBindings[keyof PortBindings] => {
    switch (use.port) {
      case 'objectStore':
        return {
          kind: 's3',
          bucket: bucketOf(use.zone),
          ...place,
          forcePathStyle: true,
          ...(use.zone === 'inbox' && use.prefix !== undefined ? { signedUploads: true } : {}),
        };
      case 'key':
        return { kind: 'aws-kms', ...kmsPlace, aliasPrefix };
      case 'catalogue':
        return tables;
      case 'state': {
        const { host, port } = server;
        const database = databases[use.store.database];
        return { kind: 'postgres', host, port, database, user: roleOf(manifest), passwordFile };
      }
      case 'events': {
        const { topicArn } = use.topic === 'landed.identity' ? queues.identity : queues.curate;
        return { kind: 'sns', ...place, topicArn };
      }
      case 'query':
        return { kind: 'duckdb', spoolFolder: join(folder, 'spool', manifest.name) };
      case 'requests':
        return { kind: 'lambda', region: place.region, functionName: use.to, qualifier: manifest.name };
      case 'callers':
        return { kind: 'lambda-alias' };
    }
  };
  const storeOf = (zone: Zone) => new S3ObjectStore(clients.s3, { bucket: bucketOf(zone), refuseClashes: false });
  return {
    environment: {
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
    ledger: ledgerStore.open(lake),
    lake,
    identity,
    keys,
    storeOf,
    sqs: clients.sqs,
    glue: { client: clients.glue, binding: tables },
    queues,
    bindingOf: (manifest): FunctionBinding =>
      Object.fromEntries(Object.entries(manifest.uses).map(([name, use]) => [name, bindingFor(use as Use, manifest)])),
    ...operatorOf({ lake, identity, keys, storeOf, spoolFolder: join(folder, 'spool', 'operator') }),
    remove: async () => {
      await lake.close();
      await identity.close();
      const client = new Client({ ...server, database: 'postgres' });
      await client.connect();
      for (const name of Object.values(databases)) await client.query(`DROP DATABASE ${name} WITH (FORCE)`);
      for (const manifest of manifests) await client.query(`DROP ROLE "${roleOf(manifest)}"`);
      await client.end();
      for (const queue of Object.values(queues)) await removeQueue(clients.sns, clients.sqs, queue);
      for (const Name of tableDatabases) await clients.glue.send(new DeleteDatabaseCommand({ Name }));
      for (const one of Object.values(clients)) one.destroy();
      await front.close();
      await glueFront.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
