import type { GraphResource } from './graph-resource';
import { textsAt, valuesAt } from './input-values';
import { projectOf, type ResourceGraph, zoneOf } from './resource-graph';
import { type Group, idOfResource } from './security-groups';
import { type PlacedSubnet, subnetsOf } from './subnets';

/** Where something of a security group stands, or may stand: the zone and the project of the thing itself. */
export interface Station {
  readonly group: Group;
  readonly zone: string;
  readonly project: string | undefined;
  readonly subnets: readonly PlacedSubnet[];
}

/** Where the settings of something that runs in a network stand: in its inputs, or one deeper. */
const networkSettings = ['vpcConfig', 'networkConfiguration', 'networkConfig', 'physicalConnectionRequirements'];
const groupProperties = ['securityGroupIds', 'securityGroupIdLists', 'securityGroups', 'vpcSecurityGroupIds'];

/** Something that carries a security group. */
interface Carrier {
  readonly resource: GraphResource;
  readonly subnets: ReadonlySet<string>;
}

/** Everything that carries a security group, by the group's id. */
function carriersOf(graph: ResourceGraph): ReadonlyMap<string, readonly Carrier[]> {
  const carriers = new Map<string, Carrier[]>();
  for (const resource of graph.resources) {
    const { inputs } = resource;
    // A database names its subnets by their group.
    const named = graph.named(resource, 'dbSubnetGroupName', 'aws:rds/subnetGroup:SubnetGroup');
    const byName = named.flatMap((one) => textsAt(one.inputs, 'subnetIds'));
    for (const place of [inputs, ...networkSettings.flatMap((key) => valuesAt(inputs, key))]) {
      const subnets = new Set(
        ['subnetIds', 'subnets', 'subnetId'].flatMap((key) => textsAt(place, key)).concat(byName),
      );
      if (subnets.size === 0) continue;
      for (const group of new Set(groupProperties.flatMap((key) => textsAt(place, key))))
        carriers.set(group, [...(carriers.get(group) ?? []), { resource, subnets }]);
    }
  }
  return carriers;
}

/** The subnets of a stack, and in which of them things of a security group stand or may stand. */
export class Placement {
  readonly subnets: readonly PlacedSubnet[];
  readonly #carriers: ReadonlyMap<string, readonly Carrier[]>;
  readonly #stations = new Map<Group, readonly Station[]>();

  constructor(graph: ResourceGraph) {
    this.subnets = subnetsOf(graph);
    this.#carriers = carriersOf(graph);
  }

  /**
   * Where everything that carries the group stands, and the subnets of the group's own zone and project, in which somebody may
   * start more. A group that says nothing, and that nothing carries, may stand in any subnet of its VPC.
   */
  stationsOf(group: Group): readonly Station[] {
    const known = this.#stations.get(group) ?? this.#find(group);
    this.#stations.set(group, known);
    return known;
  }

  #find(group: Group): readonly Station[] {
    const inVpc = this.subnets.filter(({ vpc }) => vpc === group.vpc);
    const zone = zoneOf(group.resource) ?? zoneOf(group.vpc) ?? '';
    const project = projectOf(group.resource);
    const own = inVpc.filter(
      ({ resource, vpc }) => (zoneOf(resource) ?? zoneOf(vpc) ?? '') === zone && projectOf(resource) === project,
    );
    const carried = (this.#carriers.get(group.id) ?? []).flatMap(({ resource, subnets }): readonly Station[] => {
      const at = inVpc.filter((subnet) => subnets.has(idOfResource(subnet.resource)));
      const [first] = at;
      if (first === undefined) return [];
      return [
        {
          group,
          zone: zoneOf(resource) ?? zoneOf(first.resource) ?? zone,
          project: projectOf(resource) ?? project,
          subnets: at,
        },
      ];
    });
    if (own.length + carried.length === 0) return [{ group, zone, project, subnets: inVpc }];
    return merged(own.length === 0 ? carried : [...carried, { group, zone, project, subnets: own }]);
  }
}

/** One station for each zone and project. */
function merged(stations: readonly Station[]): readonly Station[] {
  const alike = Map.groupBy(stations, ({ zone, project }) => JSON.stringify([zone, project]));
  return [...alike.values()].flatMap((some) => {
    const [first] = some;
    return first === undefined ? [] : [{ ...first, subnets: [...new Set(some.flatMap(({ subnets }) => subnets))] }];
  });
}
