import {
  DefaultNetworkAcl,
  DefaultRouteTable,
  DefaultSecurityGroup,
  RouteTable,
  RouteTableAssociation,
  Subnet,
  Vpc,
  VpcEncryptionControl,
} from '@pulumi/aws/ec2';
import type { Output } from '@pulumi/pulumi';
import type { AwsParts, PartPlace } from '../core/aws-parts';
import { awsName } from '../core/aws-target';
import { type AwsNetworkName, type AwsTier, awsSubnetRange, awsTiers } from './aws-plan';

export interface AwsVpcArgs {
  readonly network: AwsNetworkName;
  readonly range: string;
  readonly place: PartPlace;
  /** Whether traffic that the network's hardware does not encrypt is refused, or only told of. */
  readonly encryption: 'monitor' | 'enforce';
}

/** A network, and its subnets and route table by tier. */
export interface AwsVpc {
  readonly vpcId: Output<string>;
  readonly range: string;
  readonly ranges: Readonly<Record<AwsTier, readonly string[]>>;
  readonly subnetIds: Readonly<Record<AwsTier, readonly Output<string>[]>>;
  readonly routeTableIds: Readonly<Record<AwsTier, Output<string>>>;
}

/**
 * A network that leads nowhere: no gateway of any kind, no route but the local one, and whatever AWS makes by itself (default
 * group, default list, main route table) emptied, so that what is put into it by mistake can reach nothing.
 */
export function addVpc(parts: AwsParts, { network, range, place, encryption }: AwsVpcArgs): AwsVpc {
  const { target } = parts;
  const named = (...rest: readonly string[]) => ({ tags: { Name: awsName(target, network, ...rest) } });
  const vpc = parts.keep(
    Vpc,
    network,
    { cidrBlock: range, enableDnsSupport: true, enableDnsHostnames: true, instanceTenancy: 'default', ...named() },
    { place },
  );
  parts.add(DefaultSecurityGroup, `${network}-default-group`, { vpcId: vpc.id, ingress: [], egress: [] }, { place });
  parts.add(
    DefaultNetworkAcl,
    `${network}-default-list`,
    { defaultNetworkAclId: vpc.defaultNetworkAclId, ingress: [], egress: [] },
    // Subnets that are in no list of their own come to this one by themselves.
    { place, ignoreChanges: ['subnetIds'] },
  );
  parts.add(
    DefaultRouteTable,
    `${network}-default-routes`,
    { defaultRouteTableId: vpc.defaultRouteTableId, routes: [] },
    { place },
  );
  parts.add(VpcEncryptionControl, `${network}-encryption`, { vpcId: vpc.id, mode: encryption }, { place });

  const made = awsTiers[network].map((tier, row) => {
    const table = parts.add(
      RouteTable,
      `${network}-${tier}-routes`,
      { vpcId: vpc.id, ...named(tier) },
      { place: { ...place, zone: zoneOf(network, tier) } },
    );
    const ranges = target.zones.map((_, column) => awsSubnetRange(range, row, column));
    const subnets = target.zones.map((availabilityZone, column) => {
      const letter = availabilityZone.slice(target.region.length);
      const subnet = parts.add(
        Subnet,
        `${network}-${tier}-${letter}`,
        {
          vpcId: vpc.id,
          availabilityZone,
          cidrBlock: ranges[column] ?? '',
          mapPublicIpOnLaunch: false,
          assignIpv6AddressOnCreation: false,
          ...named(tier, letter),
        },
        { place: { ...place, zone: zoneOf(network, tier) } },
      );
      parts.add(RouteTableAssociation, `${network}-${tier}-${letter}-routes`, {
        subnetId: subnet.id,
        routeTableId: table.id,
      });
      return subnet.id;
    });
    return { tier, ranges, subnets, table: table.id };
  });
  const byTier = <Value>(value: (one: (typeof made)[number]) => Value) =>
    Object.fromEntries(made.map((one) => [one.tier, value(one)])) as Record<AwsTier, Value>;
  return {
    vpcId: vpc.id,
    range,
    ranges: byTier(({ ranges }) => ranges),
    subnetIds: byTier(({ subnets }) => subnets),
    routeTableIds: byTier(({ table }) => table),
  };
}

/** The zone that a tier belongs to: identity's is its own network within the lake's. */
const zoneOf = (network: AwsNetworkName, tier: AwsTier): string =>
  tier === 'identity' || tier === 'state' ? tier : network;
