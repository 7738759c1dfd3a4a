import { getNetworkAclsOutput, getRouteTableOutput, getSubnetOutput, getVpcOutput } from '@pulumi/aws/ec2';
// The class alone: the package's own index loads every service of AWS.
import { Vpc } from '@pulumi/awsx/ec2/vpc';
import { awsName } from '../core/aws-target';
import type { AwsLayout } from './aws-layout';

/**
 * Crosswalk's component, for accounts that standardise on it: isolated subnets of the same ranges and no NAT gateway. It makes an
 * internet gateway in every network and takes no argument against it; no route leads there, and the account's block of internet
 * gateways lets nothing through it (rule `vpc-no-way-out`).
 *
 * Its plugin makes the subnets, so they are found again by their ranges: the order of its outputs is no promise of it.
 */
export const awsxLayout: AwsLayout = (parts, { network, range, place }, tiers) => {
  const { target } = parts;
  const { provider } = target;
  const vpc = parts.keep(
    Vpc,
    network,
    {
      cidrBlock: range,
      enableDnsSupport: true,
      enableDnsHostnames: true,
      instanceTenancy: 'default',
      availabilityZoneNames: [...target.zones],
      subnetStrategy: 'Auto',
      subnetSpecs: tiers.map(({ tier, ranges }) => ({
        type: 'Isolated' as const,
        name: tier,
        cidrBlocks: [...ranges],
      })),
      natGateways: { strategy: 'None' },
      tags: { Name: awsName(target, network) },
    },
    { place },
  );
  const { vpcId } = vpc;
  const after = { provider, dependsOn: [vpc] };
  const made = tiers.map(({ ranges }) => {
    const subnets = ranges.map((cidrBlock) => getSubnetOutput({ vpcId, cidrBlock }, after).id);
    // It makes a route table for each.
    return { subnets, routeTables: subnets.map((subnetId) => getRouteTableOutput({ subnetId }, after).routeTableId) };
  });
  const lists = getNetworkAclsOutput(
    {
      vpcId,
      filters: [{ name: 'default', values: ['true'] }],
    },
    after,
  );
  return {
    vpcId,
    defaultNetworkAclId: lists.ids.apply((ids) => {
      const [only] = ids;
      if (only === undefined) throw new Error('The network has no default list. Look at it in the account.');
      return only;
    }),
    defaultRouteTableId: getVpcOutput({ id: vpcId }, after).mainRouteTableId,
    made,
  };
};
