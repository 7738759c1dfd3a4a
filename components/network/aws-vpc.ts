import { DefaultNetworkAcl, DefaultRouteTable, DefaultSecurityGroup, VpcEncryptionControl } from '@pulumi/aws/ec2';
import type { Output } from '@pulumi/pulumi';
import type { AwsParts, PartPlace } from '../core/aws-parts';
import { awsxLayout } from './aws-awsx-layout';
import type { AwsTierPlan } from './aws-layout';
import { plainLayout } from './aws-plain-layout';
import { type AwsNetworkName, type AwsTier, awsSubnetRange, awsTiers } from './aws-plan';

/** How a network and its subnets are made; everything else about them is the same. */
const layouts = { plain: plainLayout, awsx: awsxLayout } as const;
export type AwsLayoutName = keyof typeof layouts;

export interface AwsVpcArgs {
  readonly network: AwsNetworkName;
  readonly range: string;
  readonly place: PartPlace;
  /** Whether traffic that the network's hardware does not encrypt is refused, or only told of. */
  readonly encryption: 'monitor' | 'enforce';
  readonly layout: AwsLayoutName;
}

/** A network, and its subnets and route tables by tier. */
export interface AwsVpc {
  readonly vpcId: Output<string>;
  readonly range: string;
  readonly ranges: Readonly<Record<AwsTier, readonly string[]>>;
  readonly subnetIds: Readonly<Record<AwsTier, readonly Output<string>[]>>;
  readonly routeTableIds: Readonly<Record<AwsTier, readonly Output<string>[]>>;
}

/**
 * A network that leads nowhere: no route but the local one, and whatever AWS makes by itself (default group, default list, main
 * route table) emptied, so that what is put into it by mistake can reach nothing.
 */
export function addVpc(parts: AwsParts, args: AwsVpcArgs): AwsVpc {
  const { network, range, place, encryption } = args;
  const tiers = awsTiers[network].map((tier, row) => ({
    tier,
    ranges: parts.target.zones.map((_, column) => awsSubnetRange(range, row, column)),
    zone: zoneOf(network, tier),
  }));
  const { vpcId, defaultNetworkAclId, defaultRouteTableId, made } = layouts[args.layout](parts, args, tiers);
  parts.add(DefaultSecurityGroup, `${network}-default-group`, { vpcId, ingress: [], egress: [] }, { place });
  parts.add(
    DefaultNetworkAcl,
    `${network}-default-list`,
    { defaultNetworkAclId, ingress: [], egress: [] },
    // Subnets that are in no list of their own come to this one by themselves.
    { place, ignoreChanges: ['subnetIds'] },
  );
  parts.add(DefaultRouteTable, `${network}-default-routes`, { defaultRouteTableId, routes: [] }, { place });
  parts.add(VpcEncryptionControl, `${network}-encryption`, { vpcId, mode: encryption }, { place });
  const byTier = <Value>(value: (plan: AwsTierPlan, index: number) => Value) =>
    Object.fromEntries(tiers.map((plan, index) => [plan.tier, value(plan, index)])) as Record<AwsTier, Value>;
  return {
    vpcId,
    range,
    ranges: byTier(({ ranges }) => ranges),
    subnetIds: byTier((_, index) => made[index]?.subnets ?? []),
    routeTableIds: byTier((_, index) => made[index]?.routeTables ?? []),
  };
}

/** The zone that a tier belongs to: identity's is its own network within the lake's. */
const zoneOf = (network: AwsNetworkName, tier: AwsTier): string =>
  tier === 'identity' || tier === 'state' ? tier : network;
