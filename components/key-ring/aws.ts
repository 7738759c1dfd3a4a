import { Alias, Key } from '@pulumi/aws/kms';
import type { Output } from '@pulumi/pulumi';
import { type KeyName, keyNames, type Manifest, type Zone, zones } from '../../functions/manifest';
import { type AwsComponentArgs, AwsParts, type Classification } from '../core/aws-parts';
import { type PolicyStatement, policyText } from '../core/aws-policy';
import { awsAliasPrefix } from '../core/aws-target';
import type { LakeComponent } from '../core/lake-component';
import { namedKeyPolicy, type StoreUsers, serviceKeyPolicy, storeKeyPolicy } from './aws-key-policy';
import { awsKeySpecOf, type ServiceKeyName, serviceKeyNames } from './aws-key-specs';

export interface AwsKeyRingArgs extends AwsComponentArgs {
  /** The functions of the lake: each key serves those whose manifests name it. */
  readonly manifests: readonly Manifest[];
  /** Roles beside them that read or write a zone's bucket, by ARN: a warehouse, a crawler, a backup. */
  readonly storeUsers?: Readonly<Partial<Record<Zone, StoreUsers>>>;
  /** Roles, by ARN, that read a database's secret or restore its copies: a preparation, a backup. */
  readonly serviceUsers?: Readonly<Partial<Record<ServiceKeyName, readonly string[]>>>;
  /**
   * How many versions an asymmetric key has: raise it by one to rotate. Older ones stay, what they wrapped still opens.
   * @default 1 each
   */
  readonly versions?: Readonly<Partial<Record<KeyName, number>>>;
}

export interface AwsKeyRing {
  readonly kind: 'aws';
  readonly keys: Readonly<Record<string, Key>>;
}

export interface AwsKeyRingResult {
  readonly native: AwsKeyRing;
  /** ARNs of the versions of each named key, the newest last. */
  readonly keys: Readonly<Record<KeyName, readonly Output<string>[]>>;
  /** ARN of the key that a zone's bucket is encrypted with. */
  readonly storeKeys: Readonly<Record<Zone, Output<string>>>;
  /** ARN of the key of a service's data. */
  readonly serviceKeys: Readonly<Record<ServiceKeyName, Output<string>>>;
}

const nobody: StoreUsers = { readers: [], writers: [] };
const classifications: Readonly<Record<Zone, Classification>> = {
  landing: 'pseudonymised',
  identity: 'identifiable',
  inbox: 'identifiable',
  curated: 'pseudonymised',
  marts: 'pseudonymised',
  audit: 'audit',
  witness: 'audit',
  releases: 'pseudonymised',
};

/** Keys in KMS: those that functions name, one for each zone's bucket, one for each service's data. All are protected. */
export function awsKeyRing(component: LakeComponent, name: string, args: AwsKeyRingArgs): AwsKeyRingResult {
  const { target, manifests, storeUsers = {}, serviceUsers = {}, versions = {} } = args;
  const parts = new AwsParts(component, name, args, { zone: 'keys', classification: 'secret' });
  const prefix = awsAliasPrefix(target);
  const made: Record<string, Key> = {};
  const add = (
    role: string,
    description: string,
    statements: readonly PolicyStatement[],
    {
      rotates,
      ...spec
    }: { readonly rotates: boolean; readonly keyUsage?: string; readonly customerMasterKeySpec?: string },
    place: { readonly zone: string; readonly classification: Classification },
  ): Key => {
    const key = parts.keep(
      Key,
      role,
      {
        ...spec,
        description,
        policy: policyText(statements),
        deletionWindowInDays: 30,
        ...(rotates ? { enableKeyRotation: true, rotationPeriodInDays: 365 } : {}),
      },
      { place },
    );
    made[role] = key;
    return key;
  };
  const alias = (role: string, path: string, key: Key): Alias =>
    parts.add(Alias, `${role}-alias`, { name: `alias/${prefix}/${path}`, targetKeyId: key.keyId });

  const versionsOf = (key: KeyName): readonly Output<string>[] => {
    const { rotates, ...spec } = awsKeySpecOf(key);
    const count = versions[key] ?? 1;
    if (!Number.isSafeInteger(count) || count < 1 || (rotates && count > 1))
      throw new RangeError(
        `versions.${key}: 1 is allowed, and for keys that KMS does not rotate itself a higher number.`,
      );
    const policy = namedKeyPolicy(target, key, manifests);
    const all = Array.from({ length: count }, (_, index) => {
      const number = index + 1;
      // The first keeps the plain role: raising the number makes a key and touches none.
      const role = number === 1 ? `key-${key}` : `key-${key}-${number}`;
      const text = `${prefix}/${key}, version ${number}`;
      const one = add(role, text, policy, { rotates, ...spec }, { zone: key, classification: 'secret' });
      alias(role, `${key}/${number}`, one);
      return one;
    });
    const newest = all.at(-1);
    if (newest !== undefined) alias(`newest-${key}`, key, newest);
    return all.map(({ arn }) => arn);
  };
  const storeKey = (zone: Zone): Output<string> => {
    const policy = storeKeyPolicy(target, zone, manifests, storeUsers[zone] ?? nobody);
    const place = { zone, classification: classifications[zone] };
    const key = add(`store-${zone}`, `${prefix}, bucket of ${zone}`, policy, { rotates: true }, place);
    alias(`store-${zone}`, `store-${zone}`, key);
    return key.arn;
  };
  const serviceKey = (service: ServiceKeyName): Output<string> => {
    const policy = serviceKeyPolicy(target, service, serviceUsers[service]);
    const place = { zone: service, classification: 'secret' } as const;
    const key = add(`service-${service}`, `${prefix}, ${service}`, policy, { rotates: true }, place);
    alias(`service-${service}`, `service-${service}`, key);
    return key.arn;
  };
  const keys = Object.fromEntries(keyNames.map((key) => [key, versionsOf(key)])) as unknown as AwsKeyRingResult['keys'];
  const storeKeys = Object.fromEntries(
    zones.map((zone) => [zone, storeKey(zone)]),
  ) as unknown as AwsKeyRingResult['storeKeys'];
  const serviceKeys = Object.fromEntries(
    serviceKeyNames.map((service) => [service, serviceKey(service)]),
  ) as unknown as AwsKeyRingResult['serviceKeys'];
  parts.complete();
  return { native: { kind: 'aws', keys: made }, keys, storeKeys, serviceKeys };
}
