import { AccessPoint, AccountPublicAccessBlock, type Bucket } from '@pulumi/aws/s3';
import type { Input, Output } from '@pulumi/pulumi';
import { type Manifest, type Zone, zones } from '../../functions/manifest';
import { stagedZone, stagingPrefix } from '../../functions/spark/manifest';
import { addBucket, publicAccessBlocked, type TlsVersion } from '../core/aws-bucket';
import type { AwsHomes } from '../core/aws-homes';
import { type AwsComponentArgs, AwsParts } from '../core/aws-parts';
import { type PolicyStatement, policyText } from '../core/aws-policy';
import { type AwsTarget, awsArn, awsBucketName } from '../core/aws-target';
import type { LakeComponent } from '../core/lake-component';
import { nameOf } from '../core/naming';
import type { StoreUsers } from '../key-ring/aws-key-policy';
import { zonePolicy } from './aws-bucket-policy';
import { expiryRules, type RetentionDays, zoneStorage } from './aws-lifecycles';

/** Another way to a zone's bucket, from one network alone. */
export interface AwsAccessPointArgs {
  /** Ends its name. */
  readonly name: string;
  readonly zone: Zone;
  readonly vpcId: Input<string>;
  /** Roles that read through it, by ARN. They read by no other way. */
  readonly readers: readonly string[];
}

export interface AwsObjectStoreArgs extends AwsComponentArgs {
  /** The key of each zone's bucket. */
  readonly keyArns: Readonly<Record<Zone, Input<string>>>;
  readonly manifests: readonly Manifest[];
  /** Roles beside the functions, by ARN: what the key ring was given. */
  readonly users?: Readonly<Partial<Record<Zone, StoreUsers>>>;
  /** Of these, roles whose service reads from its own network (Redshift Spectrum, AWS Backup). */
  readonly outside?: readonly string[];
  /** Gateway endpoints of the lake's networks. */
  readonly endpoints: readonly [Input<string>, ...Input<string>[]];
  readonly accessPoints?: readonly AwsAccessPointArgs[];
  /** Days for which nobody can delete an audit record. @default 3653, ten years */
  readonly auditDays?: number;
  /** Senders put bulk uploads into the inbox by signed URLs. @default true */
  readonly signedUploads?: boolean;
  /** @default 1.3; some services of AWS may still speak 1.2, try before enforcing */
  readonly leastTls?: TlsVersion;
  /** Days for which landed segments of a retention class are kept, where age alone decides; none expire without it. */
  readonly retention?: RetentionDays;
  /** Ids of the providers whose segments that concerns. */
  readonly providers?: readonly string[];
  /** Whether the account's own block of public access is this stack's; one stack of an account sets it. @default true */
  readonly accountBlock?: boolean;
}

export interface AwsObjectStore {
  readonly kind: 'aws';
  readonly buckets: Readonly<Record<Zone, Bucket>>;
  readonly accessPoints: Readonly<Record<string, AccessPoint>>;
}

export interface AwsObjectStoreResult {
  readonly native: AwsObjectStore;
  readonly stores: AwsHomes['stores'];
  /** By name, the ARN of each access point; objects under it are `ARN/object/KEY`. */
  readonly accessPoints: Readonly<Record<string, Output<string>>>;
}

/** Name and ARN of an access point, known before it is made. */
export const awsAccessPointName = (target: Omit<AwsTarget, 'provider'>, name: string): string =>
  nameOf('accessPoint', target.name, target.stack, name);
export const awsAccessPointArn = (target: Omit<AwsTarget, 'provider'>, name: string): string =>
  `arn:${target.partition}:s3:${target.region}:${target.accountId}:accesspoint/${awsAccessPointName(target, name)}`;

/** A bucket for each zone, each with its own key and policy; only audit is locked, since the law demands erasure elsewhere. */
export function awsObjectStore(component: LakeComponent, name: string, args: AwsObjectStoreArgs): AwsObjectStoreResult {
  const { target, keyArns, manifests, users = {}, outside = [], endpoints, accessPoints = [] } = args;
  const { auditDays = 3653, signedUploads = true, leastTls = '1.3', retention = {}, providers = [] } = args;
  const parts = new AwsParts(component, name, args, { zone: 'stores', classification: 'none' });
  if (args.accountBlock !== false)
    parts.add(AccountPublicAccessBlock, 'account', { accountId: target.accountId, ...publicAccessBlocked });

  const names = Object.fromEntries(zones.map((zone) => [zone, awsBucketName(target, zone)])) as Record<Zone, string>;
  const made = zones.map((zone) => {
    const storage = zoneStorage[zone];
    const throughPoints = accessPoints.filter((point) => point.zone === zone).flatMap(({ readers }) => readers);
    const { readers = [], writers = [] } = users[zone] ?? {};
    const statements = zonePolicy(target, zone, names[zone], {
      manifests,
      users: { readers: [...new Set([...readers, ...throughPoints])], writers },
      outside,
      endpoints,
      leastTls,
      signedUploads: signedUploads && zone === 'inbox',
    });
    const { bucket } = addBucket(parts, zone, {
      name: names[zone],
      place: { zone, classification: storage.classification },
      keyArn: keyArns[zone],
      statements,
      ...(zone === 'audit' ? { lockDays: auditDays } : {}),
      lifecycle: [
        ...storage.lifecycle,
        ...(zone === 'landing' || zone === 'identity' ? expiryRules(providers, retention) : []),
      ],
      abortDays: storage.abortDays,
    });
    return [zone, bucket] as const;
  });
  const buckets = Object.fromEntries(made) as unknown as Record<Zone, Bucket>;
  const points = Object.fromEntries(
    accessPoints.map((point) => [point.name, addAccessPoint(parts, point, buckets[point.zone])] as const),
  );
  parts.complete();
  return {
    native: { kind: 'aws', buckets, accessPoints: points },
    stores: Object.fromEntries(
      zones.map((zone) => [
        zone,
        { bucket: names[zone], keyArn: keyArns[zone], signedUploads: signedUploads && zone === 'inbox' },
      ]),
    ) as unknown as AwsHomes['stores'],
    accessPoints: Object.fromEntries(Object.entries(points).map(([key, { arn }]) => [key, arn])),
  };
}

function addAccessPoint(
  parts: AwsParts,
  { name, zone, vpcId, readers }: AwsAccessPointArgs,
  bucket: Bucket,
): AccessPoint {
  const { target } = parts;
  const arn = awsAccessPointArn(target, name);
  const point = (Action: readonly string[], Resource: string): PolicyStatement => ({
    Effect: 'Allow',
    Principal: { AWS: awsArn(target, 'iam', 'root') },
    Action,
    Resource,
    Condition: { ArnEquals: { 'aws:PrincipalArn': [...readers] } },
  });
  const place = { zone, classification: zoneStorage[zone].classification };
  return parts.add(
    AccessPoint,
    `access-${name}`,
    {
      name: awsAccessPointName(target, name),
      bucket: bucket.id,
      bucketAccountId: target.accountId,
      vpcConfiguration: { vpcId },
      publicAccessBlockConfiguration: publicAccessBlocked,
      policy: policyText([
        ...(readers.length === 0 ? [] : [point(['s3:GetObject'], `${arn}/object/*`), point(['s3:ListBucket'], arn)]),
        {
          Sid: 'ReadersAlone',
          Effect: 'Deny',
          Principal: '*',
          Action: 's3:*',
          Resource: [arn, `${arn}/object/*`],
          ...(readers.length === 0 ? {} : { Condition: { ArnNotEquals: { 'aws:PrincipalArn': [...readers] } } }),
        },
        ...(zone === stagedZone
          ? [
              {
                Sid: 'NothingStaged',
                Effect: 'Deny' as const,
                Principal: '*' as const,
                Action: 's3:GetObject*',
                Resource: `${arn}/object/${stagingPrefix}*`,
              },
            ]
          : []),
        {
          Sid: 'ReadOnly',
          Effect: 'Deny',
          Principal: '*',
          Action: ['s3:AbortMultipartUpload', 's3:DeleteObject', 's3:DeleteObjectVersion', 's3:PutObject'],
          Resource: `${arn}/object/*`,
        },
      ]),
    },
    { place },
  );
}
