import type { Bucket } from '@pulumi/aws/s3';
import type { Input } from '@pulumi/pulumi';
import { addBucket, bucketGuards } from '../core/aws-bucket';
import type { AwsParts } from '../core/aws-parts';
import type { PolicyStatement } from '../core/aws-policy';
import { type AwsTarget, awsArn, awsBucketName, awsName } from '../core/aws-target';

type Named = Omit<AwsTarget, 'provider'>;

/** The bucket that services write what happened into; nobody of the lake writes it, and nobody shortens it. */
export const evidenceBucketName = (target: Named): string => awsBucketName(target, 'evidence');
export const trailName = (target: Named): string => awsName(target, 'trail');

/** What each service puts there, in its own name and for this account (each service's guide, "bucket policy"). */
function deliveries(target: Named): readonly PolicyStatement[] {
  const bucket = awsArn(target, 's3', evidenceBucketName(target));
  const own = { StringEquals: { 'aws:SourceAccount': target.accountId } };
  const of = (Sid: string, service: string, sources: string): readonly PolicyStatement[] => {
    const Condition = { ...own, ArnLike: { 'aws:SourceArn': sources } };
    const common = { Effect: 'Allow' as const, Principal: { Service: `${service}.amazonaws.com` }, Condition };
    return [
      { Sid: `${Sid}Looks`, ...common, Action: ['s3:GetBucketAcl', 's3:ListBucket'], Resource: bucket },
      { Sid: `${Sid}Puts`, ...common, Action: 's3:PutObject', Resource: `${bucket}/AWSLogs/${target.accountId}/*` },
    ];
  };
  return [
    ...of('Trail', 'cloudtrail', awsArn(target, 'cloudtrail', `trail/${trailName(target)}`)),
    ...of('Configuration', 'config', awsArn(target, 'config', '*')),
    ...of('Flows', 'delivery.logs', awsArn(target, 'logs', '*')),
  ];
}

export interface EvidenceSettings {
  readonly keyArn: Input<string>;
  readonly lockDays: number;
  /** Ways to S3 of the lake's networks: evidence is read from inside, or in an emergency. */
  readonly endpoints: readonly Input<string>[];
}

/** Locked for years in production: whoever takes the account over cannot take back what they did. */
export function addEvidenceBucket(parts: AwsParts, { keyArn, lockDays, endpoints }: EvidenceSettings): Bucket {
  const { target } = parts;
  const name = evidenceBucketName(target);
  const objects = `${awsArn(target, 's3', name)}/*`;
  return addBucket(parts, 'evidence', {
    name,
    place: { zone: 'evidence', classification: 'audit' },
    keyArn,
    lockDays,
    statements: [
      ...bucketGuards(target, name, '1.2'),
      ...deliveries(target),
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
        transitions: [
          { days: 90, storageClass: 'GLACIER_IR' },
          { days: 400, storageClass: 'DEEP_ARCHIVE' },
        ],
        expireDays: lockDays + 1,
        noncurrentDays: 1,
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
