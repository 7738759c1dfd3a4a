import type { GraphResource } from '../../../components/guardrails/reachability/graph-resource';
import type { AwsInputs, AwsType } from './aws-inputs';

/** The account and the region of the hand-written stack; the others are strangers to it. */
export const account = '111122223333';
export const region = 'eu-west-2';
export const stranger = '999988887777';
/** The analytics team, to whom a declared peering leads. */
export const analytics = '444455556666';

/** How AWS names what has no ARN of its own form below: service and resource, by type. */
const arnForms: Readonly<Record<string, (name: string) => string>> = {
  'aws:s3/bucket:Bucket': (name) => `arn:aws:s3:::${name}`,
  'aws:s3/accessPoint:AccessPoint': (name) => `arn:aws:s3:${region}:${account}:accesspoint/${name}`,
  'aws:kms/key:Key': (name) => `arn:aws:kms:${region}:${account}:key/${name}`,
  'aws:sns/topic:Topic': (name) => `arn:aws:sns:${region}:${account}:${name}`,
  'aws:sqs/queue:Queue': (name) => `arn:aws:sqs:${region}:${account}:${name}`,
  'aws:iam/role:Role': (name) => `arn:aws:iam::${account}:role/${name}`,
  'aws:lambda/function:Function': (name) => `arn:aws:lambda:${region}:${account}:function:${name}`,
  'aws:cloudwatch/logGroup:LogGroup': (name) => `arn:aws:logs:${region}:${account}:log-group:${name}`,
  'aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream': (name) =>
    `arn:aws:firehose:${region}:${account}:deliverystream/${name}`,
  'aws:cloudwatch/eventApiDestination:EventApiDestination': (name) =>
    `arn:aws:events:${region}:${account}:api-destination/${name}`,
  'aws:backup/vault:Vault': (name) => `arn:aws:backup:${region}:${account}:backup-vault:${name}`,
  'aws:rds/cluster:Cluster': (name) => `arn:aws:rds:${region}:${account}:cluster:${name}`,
  'aws:secretsmanager/secret:Secret': (name) => `arn:aws:secretsmanager:${region}:${account}:secret:${name}`,
  'aws:ram/resourceShare:ResourceShare': (name) => `arn:aws:ram:${region}:${account}:resource-share/${name}`,
};

export const idOf = (name: string): string => `${name}-id`;
export const arnOf = (type: AwsType, name: string): string => {
  const form = arnForms[type];
  if (form === undefined) throw new Error(`No form of ARN is written down for ${type}.`);
  return form(name);
};

/** A resource as Pulumi's mocks would record it. */
export function written<Type extends AwsType>(type: Type, name: string, inputs: AwsInputs[Type]): GraphResource {
  const form = arnForms[type];
  return {
    type,
    name,
    id: idOf(name),
    inputs: inputs as GraphResource['inputs'],
    ...(form === undefined ? {} : { outputs: { arn: form(name) } }),
  };
}

export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: unknown;
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export const policy = (...statements: readonly Statement[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements });

export const trustOf = (service: string): string =>
  policy({
    Effect: 'Allow',
    Principal: { Service: service },
    Action: 'sts:AssumeRole',
    Condition: { StringEquals: { 'aws:SourceAccount': account } },
  });

export const inZone = (zone: string, project?: string): Readonly<Record<string, string>> => ({
  zone,
  ...(project === undefined ? {} : { project }),
});
