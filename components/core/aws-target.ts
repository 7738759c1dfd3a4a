import { Provider } from '@pulumi/aws/provider';
import { nameOf } from './naming';

/** Who answers for what a lake costs and holds; they stand on every resource. */
export interface AwsOwnership {
  readonly owner: string;
  readonly costCentre: string;
  readonly environment: 'production' | 'development';
}

/** An account and a region of AWS, as a value: components take it, none looks anything up from global configuration. */
export interface AwsTarget extends AwsOwnership {
  readonly kind: 'aws';
  readonly provider: Provider;
  readonly partition: 'aws';
  /** Twelve digits. */
  readonly accountId: string;
  readonly region: string;
  /** Availability zones, two or more: `eu-west-2a`. */
  readonly zones: readonly [string, string, ...string[]];
  /** Begin every name: two lakes, or two stacks of one, stay apart in an account. */
  readonly name: string;
  readonly stack: string;
  /** ARNs of the roles that deploy: they alone change keys, policies of buckets, and what is protected. May hold `*`. */
  readonly deployers: readonly [string, ...string[]];
  /** ARNs of roles for an emergency, whose use raises an alarm. */
  readonly breakGlass: readonly string[];
  /** ARN of the permissions boundary of every role; each may do at most what it says. */
  readonly boundary?: string;
}

export type AwsPlace = Omit<AwsTarget, 'kind' | 'provider' | 'partition'>;
/** What names are made of. */
type Named = Omit<AwsTarget, 'provider'>;

/**
 * The target with its explicit provider, which refuses every account but this one.
 *
 * @throws RangeError for a place that the resources could not be made in.
 */
export function awsTarget(place: AwsPlace): AwsTarget {
  if (!/^[0-9]{12}$/.test(place.accountId))
    throw new RangeError('accountId: the twelve digits of an account are allowed.');
  if (new Set(place.zones).size < 2 || place.zones.some((zone) => !zone.startsWith(place.region)))
    throw new RangeError(`zones: two or more different availability zones of ${place.region} are allowed.`);
  const provider = new Provider('aws', { region: place.region, allowedAccountIds: [place.accountId] });
  return { ...place, kind: 'aws', partition: 'aws', provider };
}

/** The name of something in the account, 63 characters at most: `lake-prod-ingest`. */
export const awsName = ({ name, stack }: Pick<AwsTarget, 'name' | 'stack'>, ...parts: readonly string[]): string =>
  nameOf('label', name, stack, ...parts);

/**
 * A bucket in the account's own namespace of the region, whose names nobody else can take: PREFIX-ACCOUNT-REGION-an
 * (Amazon S3 User Guide, "Namespaces for general purpose buckets").
 */
export const awsBucketName = (target: Named, part: string): string =>
  `${nameOf('bucketPrefix', target.name, target.stack, part)}-${target.accountId}-${target.region}-an`;

/** Services whose ARNs name no region: https://docs.aws.amazon.com/service-authorization/latest/reference/. */
const global = new Set(['iam', 's3', 'budgets']);
/** Buckets are named in one namespace, whoever owns them. */
const ownerless = new Set(['s3']);

/** The ARN of something whose name is known before it is made. */
export const awsArn = ({ partition, region, accountId }: Named, service: string, resource: string): string =>
  `arn:${partition}:${service}:${global.has(service) ? '' : region}:${ownerless.has(service) ? '' : accountId}:${resource}`;

/** Name of the role of a function or a service of the lake. */
export const awsRoleName = (target: Named, name: string): string => awsName(target, name);
/** Its ARN: known before it is made, so that policies of keys and buckets name it without waiting for it. */
export const awsRoleArn = (target: Named, name: string): string =>
  awsArn(target, 'iam', `role/${awsRoleName(target, name)}`);

/** ARN of a function of the lake, or of one of its aliases. */
export const awsFunctionArn = (target: Named, name: string, alias?: string): string =>
  awsArn(target, 'lambda', `function:${awsName(target, name)}${alias === undefined ? '' : `:${alias}`}`);

/** Keys are found as `alias/PREFIX/NAME` (adapters/aws/kms-key-versions.ts). */
export const awsAliasPrefix = (target: Named): string => awsName(target);
