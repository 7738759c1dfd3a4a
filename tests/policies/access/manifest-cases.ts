import { awsBucketName } from '../../../components/core/aws-target';
import { auditStreams, streamPrefix } from '../../../functions/audit/manifest';
import {
  type KeyName,
  keyNames,
  keyUses,
  type Manifest,
  type Use,
  type Zone,
  zones,
} from '../../../functions/manifest';
import { place } from '../../components/aws-account';
import type { AccessRequest, Layer } from './access-request';
import { account } from './access-request';
import type { AccountPolicies } from './account-policies';

export interface AccessCase extends AccessRequest {
  readonly allowed: boolean;
}

export const region = place.region;
export const roleArn = (name: string): string => `arn:aws:iam::${account}:role/${place.name}-${place.stack}-${name}`;
export const bucketArn = (zone: Zone): string =>
  `arn:aws:s3:::${awsBucketName({ ...place, kind: 'aws', partition: 'aws' } as Parameters<typeof awsBucketName>[0], zone)}`;

/** What each operation of a port is for, as the API of S3 says it: written here again, apart from the code that makes grants. */
const objectActions: Readonly<Record<string, readonly string[]>> = {
  's3:PutObject': ['putIfAbsent', 'put'],
  's3:GetObject': ['read', 'stream', 'head'],
  's3:DeleteObject': ['delete'],
  's3:DeleteObjectVersion': ['purgeVersions', 'purgeVersionsUnder'],
  's3:PutObjectLegalHold': ['hold'],
};
const bucketActions: Readonly<Record<string, readonly string[]>> = {
  's3:ListBucket': ['list'],
  's3:ListBucketVersions': ['versions', 'purgeVersions', 'purgeVersionsUnder'],
};
const keyActions: Readonly<Record<string, readonly string[]>> = {
  'kms:GenerateDataKey': ['generateDataKey'],
  'kms:Decrypt': ['unwrap'],
  'kms:Sign': ['sign'],
  'kms:GetPublicKey': ['wrapWithPublicKey', 'publicKey'],
  'kms:GenerateMac': ['mac'],
  'kms:Encrypt': [],
  'kms:CreateGrant': [],
};

const usesOf = <Port extends Use['port']>({ uses }: Manifest, port: Port) =>
  Object.values(uses).filter((use): use is Extract<Use, { readonly port: Port }> => use.port === port);

const declares = (operations: readonly PropertyKey[], wanted: readonly string[]): boolean =>
  wanted.some((operation) => operations.includes(operation));

/** Each side has to refuse by itself what no manifest declares; what one declares, both have to let pass. */
const layersOf = (allowed: boolean): readonly Layer[] => (allowed ? ['all'] : ['role alone', 'resource alone']);

function objectCases(manifest: Manifest, zone: Zone): readonly AccessCase[] {
  const uses = usesOf(manifest, 'objectStore').filter((use) => use.zone === zone);
  /** Under a prefix: those of uses that have it, and of uses of the whole zone. */
  const cases = (actions: Readonly<Record<string, readonly string[]>>, resource: string, prefix?: string) =>
    Object.entries(actions).flatMap(([action, wanted]): readonly AccessCase[] => {
      const operations = uses
        .filter((use) => use.prefix === undefined || use.prefix === prefix)
        .flatMap((use) => use.operations as readonly string[]);
      const allowed = declares(operations, wanted);
      return layersOf(allowed).map((layer) => ({
        principal: roleArn(manifest.name),
        action,
        resource,
        allowed,
        layer,
        ...(action === 's3:ListBucket' ? { context: { 's3:prefix': '' } } : {}),
      }));
    });
  return [
    ...['p/', ...(zone === 'audit' || zone === 'witness' ? auditStreams.map(streamPrefix) : [])].flatMap((prefix) =>
      cases(objectActions, `${bucketArn(zone)}/${prefix}object`, prefix),
    ),
    ...cases(bucketActions, bucketArn(zone)),
  ];
}

/** The key of a zone's bucket, as S3 calls it for the role; and by the role itself, which nobody may. */
function storeKeyCases(manifest: Manifest, zone: Zone, keyArn: string): readonly AccessCase[] {
  const operations = usesOf(manifest, 'objectStore')
    .filter((use) => use.zone === zone)
    .flatMap((use) => use.operations as readonly string[]);
  const puts = declares(operations, ['put', 'putIfAbsent']);
  const reads = declares(operations, ['read', 'stream', 'head']);
  const request = { principal: roleArn(manifest.name), resource: keyArn } as const;
  const encryptionContext = { 'aws:s3:arn': bucketArn(zone) };
  const viaS3 = { 'kms:ViaService': `s3.${region}.amazonaws.com` };
  return (
    [
      ['kms:GenerateDataKey', puts],
      // A multipart upload decrypts its parts when it ends.
      ['kms:Decrypt', puts || reads],
    ] as const
  ).flatMap(([action, allowed]): readonly AccessCase[] => [
    ...layersOf(allowed).map((layer) => ({ ...request, action, allowed, layer, encryptionContext, context: viaS3 })),
    { ...request, action, allowed: false, layer: 'resource alone', encryptionContext },
  ]);
}

/** What a call to KMS has to say of how it uses a key. */
export function algorithmOf(key: KeyName, action: string): Pick<AccessRequest, 'context' | 'encryptionContext'> {
  const algorithm: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    'kms:Sign': { 'kms:SigningAlgorithm': 'ECDSA_SHA_384' },
    'kms:GenerateMac': { 'kms:MacAlgorithm': 'HMAC_SHA_256' },
  };
  if (keyUses[key] === 'publicKeyWrap' && action === 'kms:Decrypt')
    return { context: { 'kms:EncryptionAlgorithm': 'RSAES_OAEP_SHA_256' } };
  return { encryptionContext: { zone: key }, context: algorithm[action] ?? {} };
}

function keyCases(manifest: Manifest, key: KeyName, keyArn: string): readonly AccessCase[] {
  const operations = usesOf(manifest, 'key')
    .filter((use) => use.key === key)
    .flatMap((use) => use.operations as readonly string[]);
  const request = { principal: roleArn(manifest.name), resource: keyArn } as const;
  return Object.entries(keyActions).flatMap(([action, wanted]): readonly AccessCase[] => {
    const allowed = declares(operations, wanted);
    // The public half is no secret: the role's own policy decides.
    const layers = layersOf(allowed).filter((layer) => action !== 'kms:GetPublicKey' || layer !== 'resource alone');
    const fitting = layers.map((layer) => ({ ...request, action, allowed, layer, ...algorithmOf(key, action) }));
    const bound = allowed && keyUses[key] === 'dataKeys';
    return bound
      ? [...fitting, { ...request, action, allowed: false, layer: 'all', encryptionContext: { zone: 'another' } }]
      : fitting;
  });
}

/** As itself where it has business, and never as another. */
function stateCases(manifest: Manifest): readonly AccessCase[] {
  const databases = new Set(usesOf(manifest, 'state').map((use) => use.store.database));
  // The catalogue of tables is in the lake's own database.
  if (usesOf(manifest, 'catalogue').length > 0) databases.add('lake');
  return (['lake', 'identity'] as const).flatMap((database) =>
    [manifest.name, 'identity', 'ingest', 'postgres'].map(
      (name): AccessCase => ({
        principal: roleArn(manifest.name),
        action: 'rds-db:connect',
        resource: `arn:aws:rds-db:${region}:${account}:dbuser:cluster-${database.toUpperCase()}/lake_${name.replaceAll('-', '_')}`,
        allowed: name === manifest.name && databases.has(database),
      }),
    ),
  );
}

function eventCases(manifest: Manifest, policies: AccountPolicies): readonly AccessCase[] {
  const published = usesOf(manifest, 'events').flatMap(({ topic }) => topic.replace('.', '-'));
  const subscribed: Readonly<Record<string, string>> = {
    identity: 'landed-identity-identity',
    curate: 'landed-clinical-curate',
  };
  return [...policies.resources.keys()].flatMap((resource): readonly AccessCase[] => {
    const principal = roleArn(manifest.name);
    const name = resource.slice(resource.lastIndexOf(':') + 1).replace(/^lake-test-/, '');
    if (resource.startsWith('arn:aws:sns:'))
      return [{ principal, action: 'sns:Publish', resource, allowed: published.some((topic) => isNamed(name, topic)) }];
    if (resource.startsWith('arn:aws:sqs:'))
      return [{ principal, action: 'sqs:ReceiveMessage', resource, allowed: isNamed(name, subscribed[manifest.name]) }];
    return [];
  });
}

/** Each alias of a function that others ask, and the function itself: invoked by the one caller that the alias stands for. */
function requestCases(manifest: Manifest, policies: AccountPolicies): readonly AccessCase[] {
  const asks = new Set(usesOf(manifest, 'requests').map(({ to }) => to));
  return [...policies.resources.keys()].flatMap((resource): readonly AccessCase[] => {
    const [, asked, alias] = /:function:lake-test-([a-z-]+)(?::([a-z-]+))?$/.exec(resource) ?? [];
    if (asked === undefined) return [];
    const allowed = alias === manifest.name && asks.has(asked);
    const request = { principal: roleArn(manifest.name), action: 'lambda:InvokeFunction', resource, allowed };
    return layersOf(allowed).map((layer) => ({ ...request, layer, ...(allowed ? { through: 'lambda' } : {}) }));
  });
}

/** Names of the cloud end in a digest of what they were shortened from. */
const isNamed = (name: string, wanted: string | undefined): boolean =>
  wanted !== undefined && new RegExp(`^${wanted}(-[0-9a-f]{8})?$`).test(name);

/** ARNs of the recorded keys, by their role in the key ring: `key-landing`, `store-landing`, `service-events`. */
export type KeyArns = ReadonlyMap<string, string>;

/** Every role, every action that touches data, every zone, key, database, topic and queue: allowed is what a manifest declares. */
export function manifestCases(
  manifests: readonly Manifest[],
  policies: AccountPolicies,
  keys: KeyArns,
): readonly AccessCase[] {
  const keyArn = (role: string): string => {
    const arn = keys.get(role);
    if (arn === undefined) throw new Error(`No key ${role} was recorded.`);
    return arn;
  };
  return manifests.flatMap((manifest) => [
    ...zones.flatMap((zone) => [
      ...objectCases(manifest, zone),
      ...storeKeyCases(manifest, zone, keyArn(`store-${zone}`)),
    ]),
    ...keyNames.flatMap((key) => keyCases(manifest, key, keyArn(`key-${key}`))),
    ...stateCases(manifest),
    ...eventCases(manifest, policies),
    ...requestCases(manifest, policies),
  ]);
}
