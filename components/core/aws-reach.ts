import type { Manifest } from '../../functions/manifest';
import type { AwsHomes } from './aws-homes';

/** What a function's network interface may be let to: a security group for each, which only a manifest attaches. */
export const awsPermissions = [
  'object-store',
  'key',
  'events',
  'functions',
  'state-lake',
  'state-identity',
  'catalogue',
  /** The catalogue and the store together, for what reads tables: Lambda takes five groups at most. */
  'tables',
  'secrets',
  'api',
] as const;
export type AwsPermission = (typeof awsPermissions)[number];

/** What the manifest of a function lets it reach: nothing else decides it. */
export function awsPermissionsOf(
  manifest: Manifest,
  { catalogue }: Pick<AwsHomes, 'catalogue'> = {},
): readonly AwsPermission[] {
  const found = new Set<AwsPermission>();
  for (const use of Object.values(manifest.uses)) {
    if (use.port === 'objectStore') found.add('object-store');
    else if (use.port === 'state') found.add(`state-${use.store.database}`);
    // Without a metastore it is in the state database, which every function with a catalogue has.
    else if (use.port === 'catalogue' && catalogue !== undefined) found.add('catalogue');
    else if (use.port === 'requests') found.add('functions');
    else if (use.port === 'key' || use.port === 'events') found.add(use.port);
  }
  const parts = ['object-store', 'catalogue'] as const;
  if (parts.every((one) => found.has(one))) {
    for (const one of parts) found.delete(one);
    found.add('tables');
  }
  return awsPermissions.filter((permission) => found.has(permission));
}
