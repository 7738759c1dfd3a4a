import type { GraphResource } from './graph-resource';
import { textAt, textsAt } from './input-values';
import type { ResourceGraph } from './resource-graph';
import { idOfResource } from './security-groups';

/** A subnet with what its traffic goes by. */
export interface PlacedSubnet {
  readonly resource: GraphResource;
  readonly vpc: GraphResource;
  /** The main table of the VPC when it is associated with none; that has no routes unless the program writes some. */
  readonly routeTable: GraphResource | undefined;
  /** AWS's own, which lets everything pass, when there is none. */
  readonly acl: GraphResource | undefined;
}

function tableOf(graph: ResourceGraph, subnet: GraphResource, vpc: GraphResource): GraphResource | undefined {
  const associations = graph.of('aws:ec2/routeTableAssociation:RouteTableAssociation');
  const own = associations.find(({ inputs }) => textAt(inputs, 'subnetId') === idOfResource(subnet));
  if (own !== undefined) return graph.find(textAt(own.inputs, 'routeTableId'), 'aws:ec2/routeTable:RouteTable');
  const main = graph
    .of('aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation')
    .find(({ inputs }) => textAt(inputs, 'vpcId') === idOfResource(vpc));
  if (main !== undefined) return graph.find(textAt(main.inputs, 'routeTableId'), 'aws:ec2/routeTable:RouteTable');
  return graph.of('aws:ec2/defaultRouteTable:DefaultRouteTable').find(({ inputs }) => {
    const id = textAt(inputs, 'defaultRouteTableId');
    return id !== undefined && (id === textAt(vpc.outputs, 'defaultRouteTableId') || graph.find(id) === vpc);
  });
}

function aclOf(graph: ResourceGraph, subnet: GraphResource, vpc: GraphResource): GraphResource | undefined {
  const id = idOfResource(subnet);
  const association = graph
    .of('aws:ec2/networkAclAssociation:NetworkAclAssociation')
    .find(({ inputs }) => textAt(inputs, 'subnetId') === id);
  if (association !== undefined)
    return graph.find(textAt(association.inputs, 'networkAclId'), 'aws:ec2/networkAcl:NetworkAcl');
  return (
    graph.of('aws:ec2/networkAcl:NetworkAcl').find(({ inputs }) => textsAt(inputs, 'subnetIds').includes(id)) ??
    graph.of('aws:ec2/defaultNetworkAcl:DefaultNetworkAcl').find(({ inputs }) => {
      const named = textAt(inputs, 'defaultNetworkAclId');
      return (
        textsAt(inputs, 'subnetIds').includes(id) ||
        (named !== undefined && named === textAt(vpc.outputs, 'defaultNetworkAclId'))
      );
    })
  );
}

export function subnetsOf(graph: ResourceGraph): readonly PlacedSubnet[] {
  return graph.of('aws:ec2/subnet:Subnet', 'aws:ec2/defaultSubnet:DefaultSubnet').flatMap((resource) => {
    const vpc = graph.find(textAt(resource.inputs, 'vpcId'), 'aws:ec2/vpc:Vpc');
    if (vpc === undefined) return [];
    return [{ resource, vpc, routeTable: tableOf(graph, resource, vpc), acl: aclOf(graph, resource, vpc) }];
  });
}
