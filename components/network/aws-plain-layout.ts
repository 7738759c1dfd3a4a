import { RouteTable, RouteTableAssociation, Subnet, Vpc } from '@pulumi/aws/ec2';
import { awsName } from '../core/aws-target';
import type { AwsLayout } from './aws-layout';

/** Resources of our own: no gateway of any kind, one route table for each tier. */
export const plainLayout: AwsLayout = (parts, { network, range, place }, tiers) => {
  const { target } = parts;
  const named = (...rest: readonly string[]) => ({ tags: { Name: awsName(target, network, ...rest) } });
  const vpc = parts.keep(
    Vpc,
    network,
    { cidrBlock: range, enableDnsSupport: true, enableDnsHostnames: true, instanceTenancy: 'default', ...named() },
    { place },
  );
  const made = tiers.map(({ tier, ranges, zone }) => {
    const table = parts.add(
      RouteTable,
      `${network}-${tier}-routes`,
      { vpcId: vpc.id, ...named(tier) },
      { place: { ...place, zone } },
    );
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
        { place: { ...place, zone } },
      );
      parts.add(RouteTableAssociation, `${network}-${tier}-${letter}-routes`, {
        subnetId: subnet.id,
        routeTableId: table.id,
      });
      return subnet.id;
    });
    return { subnets, routeTables: [table.id] };
  });
  const { id: vpcId, defaultNetworkAclId, defaultRouteTableId } = vpc;
  return { vpcId, defaultNetworkAclId, defaultRouteTableId, made };
};
