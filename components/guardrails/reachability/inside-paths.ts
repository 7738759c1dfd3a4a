import { type AddressRange, common, rangesOf } from './address-range';
import type { GraphResource } from './graph-resource';
import { textAt, textsAt } from './input-values';
import { passing } from './network-acls';
import type { PlacedSubnet, Placement } from './placement';
import { type Edge, edgeOf, type Step, stepOf } from './reach-path';
import { keyOf, projectOf, type ResourceGraph, zoneOf } from './resource-graph';
import { routesOf } from './route-tables';
import { type Group, type GroupRule, idOfResource, rangesOfRule } from './security-groups';
import { answerPorts, commonPorts, saidPorts } from './traffic';

const zoneIn = (group: Group): string | undefined => zoneOf(group.resource) ?? zoneOf(group.vpc);

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

  /** One edge for each pair of groups in different zones or projects. */
  edges(): readonly Edge[] {
    return this.#groups.flatMap((from) =>
      this.#groups.flatMap((to) => {
        const apart = zoneIn(from) !== zoneIn(to) || projectOf(from.resource) !== projectOf(to.resource);
        const steps = from === to || !apart ? undefined : this.conversation(from, to);
        return steps === undefined
          ? []
          : [edgeOf(from.resource, keyOf(to.resource), steps, `take one of the rules out, or declare the path`)];
      }),
    );
  }

  /** The steps of a conversation that the first begins, if there can be one. */
  conversation(from: Group, to: Group): readonly Step[] | undefined {
    const here = this.#placement.homesOf(from);
    const there = this.#placement.homesOf(to);
    for (const out of from.rules.filter(({ direction }) => direction === 'egress')) {
      for (const entry of to.rules.filter(({ direction }) => direction === 'ingress')) {
        const ports = commonPorts(out.ports, entry.ports);
        if (ports === undefined) continue;
        const said = [stepOf(out.at, `egress, ${saidPorts(ports)}`), stepOf(entry.at, `ingress, ${saidPorts(ports)}`)];
        for (const source of here) {
          for (const target of there) {
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
