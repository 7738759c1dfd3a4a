import type { Input } from '@pulumi/pulumi';
import type { Manifest, ObjectStoreOperation, Zone } from '../../functions/manifest';
import { objectStoreCalls } from '../../functions/manifest-bucket-policy';
import { stagedZone, stagingPrefix } from '../../functions/spark/manifest';
import { bucketGuards, type TlsVersion } from '../core/aws-bucket';
import type { PolicyStatement } from '../core/aws-policy';
import { type AwsTarget, awsArn, awsRoleArn } from '../core/aws-target';
import type { StoreUsers } from '../key-ring/aws-key-policy';

/** Who comes to a zone's bucket, and by which way. */
export interface ZoneAccess {
  readonly manifests: readonly Manifest[];
  /** Roles that are no functions of ours. */
  readonly users: StoreUsers;
  /** Of these roles those that come from a service's own network: Redshift Spectrum, AWS Backup. */
  readonly outside: readonly string[];
  /** Endpoints that lead to the bucket: `vpce-…`. */
  readonly endpoints: readonly Input<string>[];
  readonly leastTls: TlsVersion;
  /** Senders put here from outside by a URL that a function signed; nobody reads by one. */
  readonly signedUploads: boolean;
}

/** Every call that touches an object, as IAM names them; multipart uploads are `s3:PutObject`. */
const reading = [
  's3:GetObject',
  's3:GetObjectAttributes',
  's3:GetObjectTorrent',
  's3:GetObjectVersion',
  's3:GetObjectVersionAttributes',
  's3:GetObjectVersionTorrent',
  // Of an object, though it lists: S3 refuses a policy in which a call meets no resource of its kind (`MalformedPolicy`).
  's3:ListMultipartUploadParts',
  's3:RestoreObject',
] as const;
const writing = [
  's3:AbortMultipartUpload',
  's3:PutObject',
  's3:PutObjectAcl',
  's3:PutObjectLegalHold',
  's3:PutObjectRetention',
  's3:PutObjectTagging',
  's3:PutObjectVersionAcl',
  's3:PutObjectVersionTagging',
  's3:ReplicateObject',
] as const;
const deleting = ['s3:DeleteObject', 's3:DeleteObjectTagging', 's3:DeleteObjectVersion', 's3:ReplicateDelete'] as const;
const listing = ['s3:ListBucket', 's3:ListBucketMultipartUploads', 's3:ListBucketVersions'] as const;

/**
 * What IAM calls the look at a bucket (HeadBucket) by which a deployment finds it again; without it every refresh and every changed
 * tag fails. Names of objects show by it, which hold nothing of a person; no object opens.
 */
const looking = 's3:ListBucket';

const longestSignature = 15 * 60_000;

/**
 * The policy of a zone's bucket. It grants nothing: the roles' own policies do. It denies every call on objects to whoever is
 * not let to it by a manifest, so that no policy of a role, an administrator's included, opens a zone; deletes fall under the
 * same rule, so only functions that declare them delete, and versions go by the erasure's functions alone.
 */
export function zonePolicy(
  target: Omit<AwsTarget, 'provider'>,
  zone: Zone,
  bucket: string,
  access: ZoneAccess,
): readonly PolicyStatement[] {
  const arn = awsArn(target, 's3', bucket);
  const objects = `${arn}/*`;
  const { manifests, users, outside, endpoints, leastTls, signedUploads } = access;
  const callers = (call: string): readonly string[] => [
    ...manifests.filter((manifest) => callsOf(manifest, zone).has(call)).map(({ name }) => awsRoleArn(target, name)),
    ...([...reading, ...listing].some((one) => one === call) ? [...users.readers, ...users.writers] : []),
    ...(writing.some((one) => one === call) ? users.writers : []),
    ...(call === looking ? target.deployers : []),
  ];
  const closed = (calls: readonly string[], Resource: string): readonly PolicyStatement[] =>
    [...Map.groupBy(calls, (call) => JSON.stringify([...new Set(callers(call))]))].map(([text, group], index) => {
      const roles = JSON.parse(text) as readonly string[];
      return {
        Sid: `Only${Resource === arn ? 'Lists' : 'Objects'}${index + 1}`,
        Effect: 'Deny',
        Principal: '*',
        Action: group,
        Resource,
        ...(roles.length === 0 ? {} : { Condition: { ArnNotEquals: { 'aws:PrincipalArn': roles } } }),
      };
    });
  // A signed request carries the role that signed it, and comes from anywhere.
  const calls = [...reading, ...writing, ...deleting, ...listing];
  const inside = { StringNotEqualsIfExists: { 'aws:SourceVpce': [...endpoints] } };
  const through = (Sid: string, Action: readonly string[], exempt: readonly string[]): PolicyStatement => ({
    Sid,
    Effect: 'Deny',
    Principal: '*',
    Action,
    Resource: [arn, objects],
    Condition: {
      ...inside,
      // It takes `*` as ArnNotLike does (IAM User Guide, "ARN condition operators").
      ...(exempt.length === 0 ? {} : { ArnNotEquals: { 'aws:PrincipalArn': [...exempt] } }),
      BoolIfExists: { 'aws:ViaAWSService': 'false' },
    },
  });
  return [
    ...bucketGuards(target, bucket, leastTls),
    ...closed([...reading, ...writing, ...deleting], objects),
    ...closed([...listing], arn),
    ...partStatements(target, zone, arn, manifests),
    ...stagedStatements(zone, arn, callers('s3:PutObject')),
    through(
      'OnlyThroughEndpoints',
      calls.filter((call) => call !== looking && !(signedUploads && call === 's3:PutObject')),
      outside,
    ),
    through('LooksThroughEndpoints', [looking], [...outside, ...target.deployers]),
    ...(signedUploads ? uploadStatements(objects, inside) : []),
  ];
}

/** What a job has staged is not a mart yet: people who have opted out may still be in it. Whoever writes the zone reads it, and no other. */
const stagedStatements = (zone: Zone, arn: string, writers: readonly string[]): readonly PolicyStatement[] =>
  zone !== stagedZone
    ? []
    : [
        {
          Sid: 'StagedForWriters',
          Effect: 'Deny',
          Principal: '*',
          Action: [...reading],
          Resource: `${arn}/${stagingPrefix}*`,
          ...(writers.length === 0 ? {} : { Condition: { ArnNotEquals: { 'aws:PrincipalArn': writers } } }),
        },
      ];

/**
 * Who is let to a call in parts of the zone alone is denied it everywhere else: the two sealers of the audit do not reach each
 * other's stream, and the API reads outcomes of imports and no upload.
 */
function partStatements(
  target: Omit<AwsTarget, 'provider'>,
  zone: Zone,
  arn: string,
  manifests: readonly Manifest[],
): readonly PolicyStatement[] {
  const parts = manifests.flatMap((manifest) =>
    [...callsOf(manifest, zone)].flatMap((call) => {
      const prefixes = prefixesOf(manifest, zone, call);
      const role = awsRoleArn(target, manifest.name);
      return prefixes.includes('') ? [] : [{ role, call, prefixes, lists: listing.some((one) => one === call) }];
    }),
  );
  const groups = Map.groupBy(parts, ({ role, prefixes, lists }) => JSON.stringify([role, prefixes, lists]));
  return [...groups.values()].map((group, index): PolicyStatement => {
    const [{ role, prefixes, lists } = { role: '', prefixes: [], lists: false }] = group;
    const Action = group.map(({ call }) => call);
    const common = { Sid: `OnlyPart${index + 1}`, Effect: 'Deny', Principal: '*', Action } as const;
    const caller = { ArnEquals: { 'aws:PrincipalArn': role } };
    const under = prefixes.map((prefix) => `${prefix}*`);
    return lists
      ? { ...common, Resource: arn, Condition: { ...caller, StringNotLike: { 's3:prefix': under } } }
      : { ...common, NotResource: under.map((keys) => `${arn}/${keys}`), Condition: caller };
  });
}

/** Prefixes under which a manifest lets a function to a call; '' is the whole zone. */
const prefixesOf = (manifest: Manifest, zone: Zone, call: string): readonly string[] => [
  ...new Set(
    Object.values(manifest.uses).flatMap((use) =>
      use.port === 'objectStore' && use.zone === zone && storeCallsOf(use.operations).includes(call)
        ? [use.prefix ?? '']
        : [],
    ),
  ),
];

const storeCallsOf = (operations: readonly string[]): readonly string[] =>
  (operations as readonly ObjectStoreOperation[]).flatMap((operation) => {
    const { objects = [], bucket } = objectStoreCalls[operation];
    return bucket === undefined ? objects : [...objects, bucket];
  });

/** From outside only with a signed URL, and a young one. */
const uploadStatements = (
  objects: string,
  inside: NonNullable<PolicyStatement['Condition']>,
): readonly PolicyStatement[] => {
  const put = { Effect: 'Deny', Principal: '*', Action: 's3:PutObject', Resource: objects } as const;
  return [
    {
      Sid: 'OutsideOnlySigned',
      ...put,
      Condition: { ...inside, StringNotEquals: { 's3:authType': 'REST-QUERY-STRING' } },
    },
    {
      Sid: 'OnlyYoungSignatures',
      ...put,
      Condition: { NumericGreaterThan: { 's3:signatureAge': String(longestSignature) } },
    },
  ];
};

const callsOf = (manifest: Manifest, zone: Zone): ReadonlySet<string> =>
  new Set(
    Object.values(manifest.uses).flatMap((use) => {
      return use.port === 'objectStore' && use.zone === zone ? storeCallsOf(use.operations) : [];
    }),
  );
