import { bucketsOf } from '../components/object-store/buckets';
import { type Manifest, zones } from '../functions/manifest';
import { type BucketPolicy, bucketPolicy } from '../functions/manifest-bucket-policy';
import { warehouseManifest } from '../functions/warehouse/manifest';
import type { LakeConfig } from './config';

/**
 * What each login may do in each bucket of a site's own object store, by the bucket's name. The stack has no right to set it there;
 * the site does, with its own principal in place of each name of a function.
 */
export function bucketPoliciesOf(
  { name, auditLockDays, warehouse }: Pick<LakeConfig, 'name' | 'auditLockDays' | 'warehouse'>,
  manifests: readonly Manifest[],
): Readonly<Record<string, BucketPolicy>> {
  const buckets = bucketsOf(name);
  const all = warehouse === 'existing' ? [...manifests, warehouseManifest] : manifests;
  const principals = Object.fromEntries(all.map((manifest) => [manifest.name, manifest.name]));
  const policies = zones.map((zone) => {
    const locked = zone === 'audit' && auditLockDays > 0;
    return [buckets[zone], bucketPolicy(zone, buckets[zone], all, principals, locked)] as const;
  });
  return Object.fromEntries(policies.filter(([, { Statement }]) => Statement.length > 0));
}
