import type { GraphResource } from './graph-resource';
import { textAt, textsAt, valuesAt } from './input-values';
import { projectOf, type ResourceGraph, zoneOf } from './resource-graph';
import { type Group, idOfResource } from './security-groups';

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

function subnetsOf(graph: ResourceGraph): readonly PlacedSubnet[] {
  return graph.of('aws:ec2/subnet:Subnet', 'aws:ec2/defaultSubnet:DefaultSubnet').flatMap((resource) => {
    const vpc = graph.find(textAt(resource.inputs, 'vpcId'), 'aws:ec2/vpc:Vpc');
    if (vpc === undefined) return [];
    return [{ resource, vpc, routeTable: tableOf(graph, resource, vpc), acl: aclOf(graph, resource, vpc) }];
  });
}

/** Where the settings of something that runs in a network stand: in its inputs, or one deeper. */
const networkSettings = ['vpcConfig', 'networkConfiguration', 'networkConfig'];

/** The subnets of everything that carries a security group, by its id. */
function carriersOf(graph: ResourceGraph): ReadonlyMap<string, ReadonlySet<string>> {
  const carriers = new Map<string, Set<string>>();
  for (const { inputs } of graph.resources) {
    for (const place of [inputs, ...networkSettings.flatMap((key) => valuesAt(inputs, key))]) {
      const subnets = ['subnetIds', 'subnets', 'subnetId'].flatMap((key) => textsAt(place, key));
      if (subnets.length === 0) continue;
      for (const key of ['securityGroupIds', 'securityGroups', 'vpcSecurityGroupIds'])
        for (const group of textsAt(place, key))
          carriers.set(group, new Set([...(carriers.get(group) ?? []), ...subnets]));
    }
  }
  return carriers;
}

/** The subnets of a stack, and in which of them things of a security group may stand. */
export class Placement {
  readonly subnets: readonly PlacedSubnet[];
  readonly #carriers: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #homes = new Map<Group, readonly PlacedSubnet[]>();

  constructor(graph: ResourceGraph) {
    this.subnets = subnetsOf(graph);
    this.#carriers = carriersOf(graph);
  }

  /**
   * The subnets of the group's own zone and project, and those of everything that carries the group. A group that says nothing, and
   * that nothing carries, may stand in any subnet of its VPC.
   */
  homesOf(group: Group): readonly PlacedSubnet[] {
    const known = this.#homes.get(group) ?? this.#find(group);
    this.#homes.set(group, known);
    return known;
  }

  #find(group: Group): readonly PlacedSubnet[] {
    const inVpc = this.subnets.filter(({ vpc }) => vpc === group.vpc);
    const zone = zoneOf(group.resource) ?? zoneOf(group.vpc);
    const project = projectOf(group.resource);
    const own = inVpc.filter(
      ({ resource, vpc }) =>
        this.#carriers.get(group.id)?.has(idOfResource(resource)) ||
        ((zoneOf(resource) ?? zoneOf(vpc)) === zone && projectOf(resource) === project),
    );
    return own.length === 0 ? inVpc : own;
  }
}
