import { SecurityGroup, VpcEndpoint } from '@pulumi/aws/ec2';
import type { Output } from '@pulumi/pulumi';
import type { AwsParts } from '../core/aws-parts';
import { type PolicyStatement, policyText } from '../core/aws-policy';
import { type AwsTarget, awsArn, awsName } from '../core/aws-target';
import type { AwsNetworkName, AwsTier } from './aws-plan';
import type { AwsVpc } from './aws-vpc';

/** Services that a network has a way to, by the last part of the endpoint's name. */
export const awsServices = [
  'athena',
  'emr-serverless',
  'execute-api',
  'glue',
  'kms',
  'lakeformation',
  'lambda',
  'logs',
  'redshift-data',
  'secretsmanager',
  'sns',
  'sqs',
  'ssm',
  'ssmmessages',
  'states',
  'sts',
] as const;
export type AwsService = (typeof awsServices)[number];

type Named = Omit<AwsTarget, 'provider'>;

/** The policy of an interface endpoint: callers and resources of this account alone. */
export const serviceEndpointPolicy = (target: Named, service: AwsService): readonly PolicyStatement[] => {
  const every = { Effect: 'Allow', Principal: '*', Action: `${service}:*` } as const;
  // An API is called with a token, not signed with a role: its own name is what can be held.
  if (service === 'execute-api') return [{ ...every, Resource: awsArn(target, service, '*') }];
  const { accountId } = target;
  return [
    {
      ...every,
      Resource: '*',
      Condition: { StringEquals: { 'aws:PrincipalAccount': accountId, 'aws:ResourceAccount': accountId } },
    },
  ];
};

/**
 * The policy of the way to S3: callers and buckets of this account alone, so that what runs inside cannot carry anything to
 * another account's bucket, whatever credentials it brings along.
 *
 * @param resources ARNs of the lake's buckets and access points
 * @param readable ARNs of objects in buckets of AWS itself that a service's agents fetch (EMR, SSM, layers of ECR)
 */
export const storeEndpointPolicy = (
  { accountId }: Named,
  resources: readonly string[],
  readable: readonly string[],
): readonly PolicyStatement[] => [
  {
    Effect: 'Allow',
    Principal: '*',
    Action: 's3:*',
    Resource: resources.flatMap((arn) => [arn, arn.includes(':accesspoint/') ? `${arn}/object/*` : `${arn}/*`]),
    Condition: { StringEquals: { 'aws:PrincipalAccount': accountId, 'aws:ResourceAccount': accountId } },
  },
  ...(readable.length === 0
    ? []
    : [{ Effect: 'Allow' as const, Principal: '*' as const, Action: 's3:GetObject', Resource: [...readable] }]),
];

export interface AwsEndpointsArgs {
  readonly network: AwsNetworkName;
  readonly services: readonly AwsService[];
  /** Tiers that the way to S3 leads from. */
  readonly storeTiers: readonly AwsTier[];
  readonly storeResources: readonly string[];
  readonly readable: readonly string[];
}

export interface AwsEndpoints {
  /** Of the way to S3. */
  readonly storeId: Output<string>;
  readonly storePrefixListId: Output<string>;
  /** Group of the endpoint of each service, which lets nobody in by itself. */
  readonly groups: Readonly<Partial<Record<AwsService, Output<string>>>>;
  /** The endpoints' own ids. */
  readonly ids: Readonly<Partial<Record<AwsService, Output<string>>>>;
  /** Names that lead to them, from whatever reaches their network. */
  readonly names: Readonly<Partial<Record<AwsService, Output<string>>>>;
}

export function addEndpoints(parts: AwsParts, vpc: AwsVpc, args: AwsEndpointsArgs): AwsEndpoints {
  const { target } = parts;
  const { network, services, storeTiers, storeResources, readable } = args;
  const store = parts.add(VpcEndpoint, `${network}-endpoint-s3`, {
    vpcId: vpc.vpcId,
    vpcEndpointType: 'Gateway',
    serviceName: `com.amazonaws.${target.region}.s3`,
    routeTableIds: storeTiers.flatMap((tier) => vpc.routeTableIds[tier]),
    policy: policyText(storeEndpointPolicy(target, storeResources, readable)),
    tags: { Name: awsName(target, network, 's3') },
  });
  const made = [...new Set(services)].map((service) => {
    const group = parts.add(SecurityGroup, `${network}-endpoint-${service}-group`, {
      vpcId: vpc.vpcId,
      name: awsName(target, network, `endpoint-${service}`),
      description: `Into the endpoint of ${service}`,
      revokeRulesOnDelete: true,
    });
    const endpoint = parts.add(VpcEndpoint, `${network}-endpoint-${service}`, {
      vpcId: vpc.vpcId,
      vpcEndpointType: 'Interface',
      serviceName: `com.amazonaws.${target.region}.${service}`,
      privateDnsEnabled: true,
      subnetIds: [...vpc.subnetIds.endpoints],
      securityGroupIds: [group.id],
      policy: policyText(serviceEndpointPolicy(target, service)),
      tags: { Name: awsName(target, network, service) },
    });
    const name = endpoint.dnsEntries.apply(([first]) => first?.dnsName ?? '');
    return { service, group: group.id, id: endpoint.id, name };
  });
  return {
    storeId: store.id,
    storePrefixListId: store.prefixListId,
    groups: Object.fromEntries(made.map(({ service, group }) => [service, group])),
    ids: Object.fromEntries(made.map(({ service, id }) => [service, id])),
    names: Object.fromEntries(made.map(({ service, name }) => [service, name])),
  };
}
