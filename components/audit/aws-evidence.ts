import type { Input } from '@pulumi/pulumi';
import { type AwsBucket, addBucket, bucketGuards } from '../core/aws-bucket';
import type { AwsParts } from '../core/aws-parts';
import type { PolicyStatement } from '../core/aws-policy';
import { type AwsTarget, awsArn, awsBucketName, awsName } from '../core/aws-target';

type Named = Omit<AwsTarget, 'provider'>;

/** The bucket that services write what happened into; nobody of the lake writes it, and nobody shortens it. */
export const evidenceBucketName = (target: Named): string => awsBucketName(target, 'evidence');
export const configurationBucketName = (target: Named): string => awsBucketName(target, 'configuration');
export const trailName = (target: Named): string => awsName(target, 'trail');

interface Delivery {
  readonly id: string;
  readonly service: string;
  /** What the service says that it delivers for, beside the account. */
  readonly sources?: string;
  /** Begin its keys, below `AWSLogs/`. */
  readonly folders: readonly string[];
}

/** What a service puts there, in its own name and for this account (each service's guide, "bucket policy"). */
function deliveries(target: Named, bucket: string, { id, service, sources, folders }: Delivery) {
  const arn = awsArn(target, 's3', bucket);
  const common = {
    Effect: 'Allow' as const,
    Principal: { Service: `${service}.amazonaws.com` },
    Condition: {
      StringEquals: { 'aws:SourceAccount': target.accountId },
      ...(sources === undefined ? {} : { ArnLike: { 'aws:SourceArn': sources } }),
    },
  };
  return [
    { Sid: `${id}Looks`, ...common, Action: ['s3:GetBucketAcl', 's3:ListBucket'], Resource: arn },
    {
      Sid: `${id}Puts`,
      ...common,
      Action: 's3:PutObject',
      Resource: folders.map((folder) => `${arn}/AWSLogs/${folder}/*`),
    },
  ] satisfies readonly PolicyStatement[];
}

export interface EvidenceSettings {
  readonly keyArn: Input<string>;
  /** For which nobody deletes anything. */
  readonly days: number;
  /** Ways to S3 of the lake's networks: evidence is read from inside, or in an emergency. */
  readonly endpoints: readonly Input<string>[];
}

/** Locked for years in production: whoever takes the account over cannot take back what they did. */
export function addEvidenceBucket(parts: AwsParts, settings: EvidenceSettings): AwsBucket {
  const { target } = parts;
  const name = evidenceBucketName(target);
  const own = [target.accountId];
  return addKept(parts, 'evidence', name, settings, {
    lockDays: settings.days,
    statements: [
      ...deliveries(target, name, {
        id: 'Trail',
        service: 'cloudtrail',
        sources: awsArn(target, 'cloudtrail', `trail/${trailName(target)}`),
        folders: own,
      }),
      ...deliveries(target, name, {
        id: 'Flows',
        service: 'delivery.logs',
        sources: awsArn(target, 'logs', '*'),
        // Partitions as Hive knows them begin so (VPC User Guide, "Flow log files").
        folders: [...own, `aws-account-id=${target.accountId}`],
      }),
    ],
  });
}

/**
 * What the account is made of. AWS Config refuses a bucket with an object lock (CloudFormation, "AWS::Config::DeliveryChannel"), so
 * a refusal of every deletion and every earlier version stand for one.
 */
export function addConfigurationBucket(parts: AwsParts, settings: EvidenceSettings): AwsBucket {
  const { target } = parts;
  const name = configurationBucketName(target);
  return addKept(parts, 'configuration', name, settings, {
    statements: deliveries(target, name, { id: 'Configuration', service: 'config', folders: [target.accountId] }),
  });
}

function addKept(
  parts: AwsParts,
  role: string,
  name: string,
  { keyArn, days, endpoints }: EvidenceSettings,
  { lockDays, statements }: { readonly lockDays?: number; readonly statements: readonly PolicyStatement[] },
): AwsBucket {
  const { target } = parts;
  const objects = `${awsArn(target, 's3', name)}/*`;
  return addBucket(parts, role, {
    name,
    place: { zone: 'evidence', classification: 'audit' },
    keyArn,
    ...(lockDays === undefined ? {} : { lockDays }),
    statements: [
      ...bucketGuards(target, name, '1.2'),
      ...statements,
      {
        Sid: 'OnlyServicesWrite',
        Effect: 'Deny',
        Principal: '*',
        Action: [
          's3:PutObject',
          's3:DeleteObject',
          's3:DeleteObjectVersion',
          's3:PutObjectRetention',
          's3:PutObjectLegalHold',
        ],
        Resource: objects,
        Condition: { Bool: { 'aws:PrincipalIsAWSService': 'false' } },
      },
      fromInside(
        'ReadFromInside',
        ['s3:GetObject', 's3:GetObjectVersion', 's3:ListBucketVersions'],
        [awsArn(target, 's3', name), objects],
        endpoints,
        target.breakGlass,
      ),
      // A deployment looks whether the bucket is there (HeadBucket); names of objects show by it, and no object opens.
      fromInside('LookFromInside', ['s3:ListBucket'], [awsArn(target, 's3', name)], endpoints, [
        ...target.breakGlass,
        ...target.deployers,
      ]),
    ],
    lifecycle: [
      {
        id: 'archive',
        // S3 takes no move after the end.
        transitions: (
          [
            [90, 'GLACIER_IR'],
            [400, 'DEEP_ARCHIVE'],
          ] as const
        ).flatMap(([after, storageClass]) => (after > days ? [] : [{ days: after, storageClass }])),
        expireDays: days + 1,
        noncurrentDays: lockDays === undefined ? days : 1,
      },
    ],
    abortDays: 7,
  });
}

const fromInside = (
  Sid: string,
  Action: readonly string[],
  Resource: readonly string[],
  endpoints: readonly Input<string>[],
  exempt: readonly string[],
): PolicyStatement => ({
  Sid,
  Effect: 'Deny',
  Principal: '*',
  Action,
  Resource,
  Condition: {
    StringNotEqualsIfExists: { 'aws:SourceVpce': [...endpoints] },
    ...(exempt.length === 0 ? {} : { ArnNotLike: { 'aws:PrincipalArn': [...exempt] } }),
    Bool: { 'aws:PrincipalIsAWSService': 'false' },
  },
});
