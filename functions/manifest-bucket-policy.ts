import type { Manifest, ObjectStoreOperation, Zone } from './manifest';
import { stagedZone, stagingPrefix } from './spark/manifest';

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal: { readonly AWS: readonly string[] };
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
}

/** A bucket policy in the language of S3. */
export interface BucketPolicy {
  readonly Version: '2012-10-17';
  readonly Statement: readonly Statement[];
}

/** What each operation of the object store port calls, on the objects or on the bucket (adapters/s3-compatible). */
export const objectStoreCalls: Readonly<
  Record<ObjectStoreOperation, { readonly objects?: readonly string[]; readonly bucket?: string }>
> = {
  // A conditional put; larger bodies go up in parts, which a cancelled upload takes back.
  putIfAbsent: { objects: ['s3:PutObject', 's3:AbortMultipartUpload'] },
  put: { objects: ['s3:PutObject', 's3:AbortMultipartUpload'] },
  read: { objects: ['s3:GetObject'] },
  stream: { objects: ['s3:GetObject'] },
  head: { objects: ['s3:GetObject'] },
  list: { bucket: 's3:ListBucket' },
  delete: { objects: ['s3:DeleteObject'] },
  versions: { bucket: 's3:ListBucketVersions' },
  purgeVersions: { objects: ['s3:DeleteObjectVersion'], bucket: 's3:ListBucketVersions' },
  purgeVersionsUnder: { objects: ['s3:DeleteObjectVersion'], bucket: 's3:ListBucketVersions' },
  hold: { objects: ['s3:GetObject', 's3:PutObjectLegalHold'] },
  // Who puts by a signed address puts as the one that signed it.
  signUpload: { objects: ['s3:PutObject'] },
  localPath: {},
};

/**
 * Who may do what in the bucket of a zone: what the manifests declare, and nothing for anyone else.
 *
 * @param principals the access key id of each function, by its name
 * @param locked under Object Lock: who puts there says how long it is kept
 */
export function bucketPolicy(
  zone: Zone,
  bucket: string,
  manifests: readonly Manifest[],
  principals: Readonly<Record<string, string>>,
  locked = false,
): BucketPolicy {
  const statements = manifests.flatMap((manifest): Statement[] => {
    const objects = new Map<string, Set<string>>();
    const buckets = new Set<string>();
    for (const use of Object.values(manifest.uses)) {
      if (use.port !== 'objectStore' || use.zone !== zone) continue;
      for (const operation of use.operations as readonly ObjectStoreOperation[]) {
        const keys = `arn:aws:s3:::${bucket}/${use.prefix ?? ''}*`;
        for (const action of objectStoreCalls[operation].objects ?? [])
          objects.set(keys, (objects.get(keys) ?? new Set()).add(action));
        if (locked && objects.get(keys)?.has('s3:PutObject')) objects.get(keys)?.add('s3:PutObjectRetention');
        const { bucket: action } = objectStoreCalls[operation];
        if (action !== undefined) buckets.add(action);
      }
    }
    const principal = principals[manifest.name];
    if (objects.size + buckets.size === 0) return [];
    if (principal === undefined) throw new RangeError(`${manifest.name}: no login of the object store was given.`);
    const allow = (actions: ReadonlySet<string>, resource: string): Statement[] =>
      actions.size === 0
        ? []
        : [
            {
              Effect: 'Allow',
              Principal: { AWS: [principal] },
              Action: [...actions].sort(),
              Resource: [resource],
            },
          ];
    return [
      ...[...objects].flatMap(([keys, actions]) => allow(actions, keys)),
      // What a job has staged is not a mart yet: people who have opted out may still be in it. Whoever writes the zone reads it.
      ...(zone === stagedZone && ![...objects.values()].some((actions) => actions.has('s3:PutObject'))
        ? allow(new Set(['s3:GetObject']), `arn:aws:s3:::${bucket}/${stagingPrefix}*`).map(
            (one): Statement => ({ ...one, Effect: 'Deny' }),
          )
        : []),
      ...allow(buckets, `arn:aws:s3:::${bucket}`),
    ];
  });
  return { Version: '2012-10-17', Statement: statements };
}
