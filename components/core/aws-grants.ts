import { type Input, interpolate } from '@pulumi/pulumi';
import {
  type CatalogueOperation,
  type KeyName,
  type KeyOperation,
  keyUses,
  type Manifest,
  type ObjectStoreOperation,
  type Use,
  type Zone,
} from '../../functions/manifest';
import { objectStoreCalls } from '../../functions/manifest-bucket-policy';
import { stateRoleOf } from '../../functions/manifest-grants';
import type { DatabaseName } from '../../functions/state-store';
import type { AwsCatalogueHome, AwsHomes, AwsStoreHome } from './aws-homes';
import { allow, type PolicyStatement } from './aws-policy';
import { type AwsTarget, awsArn, awsFunctionArn } from './aws-target';

type UseOf<Port extends Use['port']> = Extract<Use, { readonly port: Port }>;

/**
 * What the role of a function may do: what its manifest declares, as the adapters call it, and nothing else. With
 * aws-runtime-grants.ts this is the one place where a grant on AWS is written.
 */
export function manifestStatements(target: AwsTarget, manifest: Manifest, homes: AwsHomes): readonly PolicyStatement[] {
  const statementsOf = (use: Use): readonly PolicyStatement[] => {
    switch (use.port) {
      case 'objectStore':
        return storeStatements(target, use, homes.stores[use.zone]);
      case 'key':
        return keyStatements(use.key, use.operations, homes.keys[use.key]);
      case 'catalogue':
        return homes.catalogue === undefined ? [] : catalogueStatements(target, use.operations, homes.catalogue);
      case 'events':
        return use.operations.includes('publish') ? topicStatements(target, manifest, use.topic, homes) : [];
      case 'requests':
        // By its own alias alone: that is how the other end knows who asks (components/function/aws-callers.ts).
        return [allow('lambda:InvokeFunction', awsFunctionArn(target, use.to, manifest.name))];
      case 'state':
      case 'query':
      case 'callers':
        return [];
    }
  };
  const logins = databasesOf(manifest, homes).map((database) => {
    const { resourceId } = homes.state[database];
    const user = interpolate`${awsArn(target, 'rds-db', 'dbuser')}:${resourceId}/${stateRoleOf(manifest)}`;
    return allow('rds-db:connect', user);
  });
  return joined([...logins, ...Object.values(manifest.uses).flatMap(statementsOf)]);
}

/** Each once, however many stores a function has there; without a metastore the catalogue is in the lake's database. */
function databasesOf({ uses }: Manifest, { catalogue }: AwsHomes): readonly DatabaseName[] {
  const found = Object.values(uses).flatMap((use): readonly DatabaseName[] => {
    if (use.port === 'state') return [use.store.database];
    return use.port === 'catalogue' && catalogue === undefined ? ['lake'] : [];
  });
  return [...new Set(found)];
}

/** Statements that differ in their resources alone are one: IAM takes a policy of 6,144 characters and no longer. */
function joined(statements: readonly PolicyStatement[]): readonly PolicyStatement[] {
  const groups = Map.groupBy(statements, ({ Action, Condition }) => JSON.stringify([Action, Condition]));
  return [...groups.values()].map(([first, ...others]) =>
    others.length === 0
      ? (first as PolicyStatement)
      : { ...(first as PolicyStatement), Resource: [first, ...others].flatMap((one) => [one?.Resource ?? []].flat()) },
  );
}

/** What a manifest lets a role that is no function's do with the stores of the zones it names. */
export const manifestStoreStatements = (
  target: AwsTarget,
  { name, uses }: Manifest,
  stores: Readonly<Partial<Record<Zone, AwsStoreHome>>>,
): readonly PolicyStatement[] =>
  joined(
    Object.values(uses).flatMap((use) => {
      const store = use.port === 'objectStore' ? stores[use.zone] : undefined;
      if (use.port !== 'objectStore' || store === undefined)
        throw new RangeError(`${name}: it declares more than the stores that were given.`);
      return storeStatements(target, use, store);
    }),
  );

function storeStatements(
  target: AwsTarget,
  { operations, prefix }: UseOf<'objectStore'>,
  { bucket, keyArn }: AwsStoreHome,
): readonly PolicyStatement[] {
  const calls = (operations as readonly ObjectStoreOperation[]).map((operation) => objectStoreCalls[operation]);
  const objects = sorted(calls.flatMap((call) => call.objects ?? []));
  const buckets = sorted(calls.flatMap((call) => (call.bucket === undefined ? [] : [call.bucket])));
  const bucketArn = awsArn(target, 's3', bucket);
  const keyCalls = storeKeyCalls(objects);
  return [
    ...(objects.length === 0 ? [] : [allow(objects, `${bucketArn}/${prefix ?? ''}*`)]),
    ...(buckets.length === 0
      ? []
      : [allow(buckets, bucketArn, prefix === undefined ? undefined : { StringLike: { 's3:prefix': `${prefix}*` } })]),
    ...(keyCalls.length === 0 ? [] : [allow(keyCalls, keyArn, throughStore(target, bucketArn))]),
  ];
}

/** What S3 calls of the bucket's key for these calls of objects. */
const storeKeyCalls = (objects: readonly string[]): readonly string[] =>
  sorted([
    // A multipart upload decrypts its parts when it ends (AWS KMS, "Using server-side encryption with S3").
    ...(objects.includes('s3:PutObject') ? ['kms:GenerateDataKey', 'kms:Decrypt'] : []),
    ...(objects.includes('s3:GetObject') ? ['kms:Decrypt'] : []),
  ]);

/** What a function has S3 call of the key of a zone's bucket. */
export const storeKeyCallsOf = (manifest: Manifest, zone: Zone): readonly string[] =>
  storeKeyCalls(
    Object.values(manifest.uses).flatMap((use) =>
      use.port === 'objectStore' && use.zone === zone
        ? (use.operations as readonly ObjectStoreOperation[]).flatMap(
            (operation) => objectStoreCalls[operation].objects ?? [],
          )
        : [],
    ),
  );

/** Only by way of S3 and for this bucket; with a bucket key the context is the bucket (S3 User Guide, "S3 Bucket Keys"). */
const throughStore = ({ region }: AwsTarget, bucketArn: string): NonNullable<PolicyStatement['Condition']> => ({
  StringEquals: { 'kms:ViaService': `s3.${region}.amazonaws.com`, 'kms:EncryptionContext:aws:s3:arn': bucketArn },
});

/** What each operation of the key port calls (adapters/aws/aws-kms-key-management.ts). */
const operationCalls: Readonly<Record<Exclude<KeyOperation, 'rotate'>, readonly string[]>> = {
  generateDataKey: ['kms:GenerateDataKey'],
  wrapWithPublicKey: ['kms:GetPublicKey'],
  // Which version wrapped a key is found by describing each.
  unwrap: ['kms:Decrypt', 'kms:DescribeKey'],
  sign: ['kms:Sign', 'kms:DescribeKey'],
  publicKey: ['kms:GetPublicKey', 'kms:DescribeKey'],
  mac: ['kms:GenerateMac'],
};

/** Calls that must show how the key is used: the context of a data key, or the algorithm. Others carry nothing to hold them to. */
function keyCondition(key: KeyName, call: string): PolicyStatement['Condition'] {
  switch (call) {
    case 'kms:GenerateDataKey':
    case 'kms:Decrypt':
      // The context's `zone` is the name of the key, wherever the lake binds one; RSA-OAEP binds none.
      return keyUses[key] === 'publicKeyWrap'
        ? { StringEquals: { 'kms:EncryptionAlgorithm': 'RSAES_OAEP_SHA_256' } }
        : { StringEquals: { 'kms:EncryptionContext:zone': key } };
    case 'kms:Sign':
      return { StringEquals: { 'kms:SigningAlgorithm': 'ECDSA_SHA_384' } };
    case 'kms:GenerateMac':
      return { StringEquals: { 'kms:MacAlgorithm': 'HMAC_SHA_256' } };
    default:
      return undefined;
  }
}

const callsOf = (key: KeyName, operations: readonly KeyOperation[]): readonly string[] =>
  sorted(
    operations.flatMap((operation) => {
      if (operation === 'rotate')
        throw new RangeError(`The key ${key}: on AWS the stack makes a new version, no function. Take rotate out.`);
      return operationCalls[operation];
    }),
  );

/** What a function calls of a key. */
export const keyCallsOf = (manifest: Manifest, key: KeyName): readonly string[] =>
  sorted(
    Object.values(manifest.uses).flatMap((use) =>
      use.port === 'key' && use.key === key ? callsOf(key, use.operations) : [],
    ),
  );

function keyStatements(
  key: KeyName,
  operations: readonly KeyOperation[],
  versions: readonly Input<string>[],
): readonly PolicyStatement[] {
  const groups = Map.groupBy(callsOf(key, operations), (call) => JSON.stringify(keyCondition(key, call)));
  return [...groups.values()].map((group) => allow(group, versions, keyCondition(key, group[0] ?? '')));
}

/** What each operation of the catalogue port calls (adapters/aws/glue-catalogue.ts). */
const catalogueCalls: Readonly<Record<CatalogueOperation, readonly string[]>> = {
  publish: ['glue:CreateTable', 'glue:GetTable', 'glue:UpdateTable'],
  tables: ['glue:GetTables'],
};

/** On tables of the lake's two databases, and on the key by way of Glue; Lake Formation has to let the role to them besides. */
function catalogueStatements(
  target: AwsTarget,
  operations: readonly CatalogueOperation[],
  { databases, keyArn }: AwsCatalogueHome,
): readonly PolicyStatement[] {
  const of = (resource: string): string => awsArn(target, 'glue', resource);
  const named = Object.values(databases).flatMap((name) => [of(`database/${name}`), of(`table/${name}/*`)]);
  return [
    allow(sorted(operations.flatMap((operation) => catalogueCalls[operation])), [of('catalog'), ...named]),
    allow(['kms:Decrypt', ...(operations.includes('publish') ? ['kms:Encrypt', 'kms:GenerateDataKey'] : [])], keyArn, {
      StringEquals: { 'kms:ViaService': `glue.${target.region}.amazonaws.com` },
    }),
  ];
}

function topicStatements(
  { region }: AwsTarget,
  { name }: Manifest,
  topic: string,
  { topics }: AwsHomes,
): readonly PolicyStatement[] {
  const home = topics[topic];
  if (home === undefined) throw new RangeError(`${name}: it publishes to ${topic}, and no topic was given for it.`);
  return [
    allow('sns:Publish', home.topicArn),
    allow(['kms:Decrypt', 'kms:GenerateDataKey'], home.keyArn, {
      StringEquals: { 'kms:ViaService': `sns.${region}.amazonaws.com` },
    }),
  ];
}

const sorted = (texts: readonly string[]): readonly string[] => [...new Set(texts)].sort();
