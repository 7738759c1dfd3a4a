import { type AddressRange, common, rangesOf } from './address-range';
import type { GraphResource } from './graph-resource';
import { textAt, textsAt } from './input-values';
import { passing } from './network-acls';
import type { Placement, Station } from './placement';
import { type Finding, type Step, stepOf } from './reach-path';
import { keyOf, type ResourceGraph } from './resource-graph';
import { routesOf } from './route-tables';
import { type Group, type GroupRule, idOfResource, rangesOfRule } from './security-groups';
import type { PlacedSubnet } from './subnets';
import { answerPorts, commonPorts, saidPorts } from './traffic';

/** Conversations that two security groups of the stack let each other have: a rule on either side, a route, open ACLs. */
export class InsidePaths {
  readonly #graph: ResourceGraph;
  readonly #groups: readonly Group[];
  readonly #placement: Placement;

  constructor(graph: ResourceGraph, groups: readonly Group[], placement: Placement) {
    this.#graph = graph;
    this.#groups = groups;
    this.#placement = placement;
  }

  /** For each pair of stations in different zones or projects the conversation they can have. */
  findings(): readonly Finding[] {
    const stations = this.#groups.flatMap((group) => this.#placement.stationsOf(group));
    return stations.flatMap((from) =>
      stations.flatMap((to) => {
        const projects = [from.project, to.project];
        const apart = from.zone !== to.zone || projects[0] !== projects[1];
        const steps = apart ? this.conversation(from, to) : undefined;
        if (steps === undefined || (from.zone === to.zone && projects.includes(undefined))) return [];
        return [
          {
            zone: from.zone,
            from: keyOf(from.group.resource),
            to: from.zone === to.zone ? `project ${to.project}` : `zone ${to.zone}`,
            steps: [...steps, stepOf(to.group.resource, 'is reached')],
            mend: 'take one of the rules out, or declare the path',
          },
        ];
      }),
    );
  }

  /** The steps of a conversation that the first begins, if there can be one. */
  conversation(here: Station, there: Station): readonly Step[] | undefined {
    const { group: from } = here;
    const { group: to } = there;
    for (const out of from.rules.filter(({ direction }) => direction === 'egress')) {
      for (const entry of to.rules.filter(({ direction }) => direction === 'ingress')) {
        const ports = commonPorts(out.ports, entry.ports);
        if (ports === undefined) continue;
        const said = [stepOf(out.at, `egress, ${saidPorts(ports)}`), stepOf(entry.at, `ingress, ${saidPorts(ports)}`)];
        for (const source of here.subnets) {
          for (const target of there.subnets) {
            if (!this.#meets(out, to, target) || !this.#meets(entry, from, source)) continue;
            const way = this.#way(source, target);
            if (way !== undefined && this.#passes(source, target, ports)) return [said[0], ...way, said[1]] as Step[];
          }
        }
      }
    }
    return undefined;
  }

  /** Whether a rule speaks of the other side: by its group, or by addresses of its subnet. */
  #meets(rule: GroupRule, other: Group, { resource }: PlacedSubnet): boolean {
    return rule.groups.includes(other.id) || common(rangesOfRule(this.#graph, rule), blocksOf(resource)).length > 0;
  }

  #passes(source: PlacedSubnet, target: PlacedSubnet, ports: GroupRule['ports']): boolean {
    if (source.resource === target.resource) return true;
    const passes = (acl: GraphResource | undefined, outwards: boolean, other: GraphResource, by: GroupRule['ports']) =>
      passing(this.#graph, acl, outwards, blocksOf(other), by).length > 0;
    return (
      passes(source.acl, true, target.resource, ports) &&
      passes(target.acl, false, source.resource, ports) &&
      passes(target.acl, true, source.resource, answerPorts(ports)) &&
      passes(source.acl, false, target.resource, answerPorts(ports))
    );
  }

  /** Within a VPC there always is a way; between two there are a peering and a route there and back. */
  #way(source: PlacedSubnet, target: PlacedSubnet): readonly Step[] | undefined {
    if (source.vpc === target.vpc) return [];
    const ways = (from: PlacedSubnet, to: PlacedSubnet) =>
      routesOf(this.#graph, from.routeTable).filter(
        ({ ranges, target: [property] }) =>
          property === 'vpcPeeringConnectionId' && common(ranges, blocksOf(to.resource)).length > 0,
      );
    const back = ways(target, source);
    const there = ways(source, target).find(({ target: [, id] }) => back.some((way) => way.target[1] === id));
    const peering = this.#graph.find(there?.target[1], 'aws:ec2/vpcPeeringConnection:VpcPeeringConnection');
    if (there === undefined || peering === undefined) return undefined;
    const ends = ['vpcId', 'peerVpcId'].map((path) => textAt(peering.inputs, path));
    if (![source.vpc, target.vpc].every((vpc) => ends.includes(idOfResource(vpc)))) return undefined;
    return [stepOf(there.at, `routes ${there.destination}`), stepOf(peering, 'joins the two networks')];
  }
}

const blocksOf = ({ inputs }: GraphResource): readonly AddressRange[] =>
  [...textsAt(inputs, 'cidrBlock'), ...textsAt(inputs, 'ipv6CidrBlock')].flatMap(rangesOf);
