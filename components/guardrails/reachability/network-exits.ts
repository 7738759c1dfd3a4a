import { type AddressRange, common, rangesOf, unrouted, without } from './address-range';
import { type Borders, internet } from './borders';
import type { GraphResource } from './graph-resource';
import { textAt, textsAt } from './input-values';
import { passing } from './network-acls';
import type { Placement, Station } from './placement';
import { type Edge, edgeOf, type Step, stepOf } from './reach-path';
import { kindOf, type ResourceGraph } from './resource-graph';
import { routesOf, type TableRoute } from './route-tables';
import { type Group, type GroupRule, idOfResource, rangesOfRule } from './security-groups';
import type { PlacedSubnet } from './subnets';
import { answerPorts, everyPort, saidPorts } from './traffic';

/** Where a route ends, and by what. */
interface Exit {
  readonly to: string;
  readonly steps: readonly Step[];
}

/** What a route can name that the stack may hold. */
const gateways = [
  'aws:ec2/internetGateway:InternetGateway',
  'aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway',
  'aws:ec2/natGateway:NatGateway',
  'aws:ec2/vpnGateway:VpnGateway',
  'aws:ec2/vpcPeeringConnection:VpcPeeringConnection',
  'aws:ec2/vpcEndpoint:VpcEndpoint',
  'aws:ec2transitgateway/transitGateway:TransitGateway',
];

const rangesOfVpc = ({ inputs }: GraphResource): readonly AddressRange[] =>
  [...textsAt(inputs, 'cidrBlock'), ...textsAt(inputs, 'ipv6CidrBlock')].flatMap(rangesOf);

/** The ways by which traffic of a host leaves its VPC: subnet by subnet, group by group, rule by rule, route by route. */
export class NetworkExits {
  readonly #graph: ResourceGraph;
  readonly #borders: Borders;
  readonly #placement: Placement;

  constructor(graph: ResourceGraph, borders: Borders, placement: Placement) {
    this.#graph = graph;
    this.#borders = borders;
    this.#placement = placement;
  }

  edgesOf(group: Group): readonly Edge[] {
    return this.#placement
      .stationsOf(group)
      .flatMap((station) => station.subnets.flatMap((subnet) => this.#edgesFrom(station, subnet)));
  }

  #edgesFrom({ group, zone }: Station, subnet: PlacedSubnet): readonly Edge[] {
    const routes = routesOf(this.#graph, subnet.routeTable);
    return routes.flatMap((route) => {
      const ranges = this.#rangesBy(route, routes, subnet);
      if (ranges.length === 0) return [];
      return group.rules.flatMap((rule) => {
        const reached = common(rangesOfRule(this.#graph, rule), ranges);
        if (!this.#passes(rule, subnet, reached)) return [];
        return this.#exitsOf(route, subnet, reached, rule.direction).map(({ to, steps }) => ({
          ...edgeOf(group.resource, to, [saidRule(rule), ...saidRoute(subnet, route), ...steps], mendOf(route)),
          zone,
        }));
      });
    });
  }

  /** The addresses that go by this route: those no more exact route takes, and none of the VPC's own. */
  #rangesBy(route: TableRoute, routes: readonly TableRoute[], { vpc }: PlacedSubnet): readonly AddressRange[] {
    const size = ({ first, last }: AddressRange): bigint => last - first;
    const narrower = routes
      .filter((other) => other !== route)
      .flatMap(({ ranges }) => ranges)
      .filter((other) => route.ranges.some((own) => own.family === other.family && size(other) < size(own)));
    return without(route.ranges, [...rangesOfVpc(vpc), ...narrower]);
  }

  /** ACLs keep no state: the answer has to pass as well. */
  #passes(rule: GroupRule, { acl }: PlacedSubnet, ranges: readonly AddressRange[]): boolean {
    const outwards = rule.direction === 'egress';
    const there = passing(this.#graph, acl, outwards, ranges, rule.ports);
    return passing(this.#graph, acl, !outwards, there, answerPorts(rule.ports)).length > 0;
  }

  #exitsOf(
    { at, target: [property, id] }: TableRoute,
    subnet: PlacedSubnet,
    ranges: readonly AddressRange[],
    direction: GroupRule['direction'],
    passed: readonly string[] = [],
  ): readonly Exit[] {
    const resource = this.#graph.find(id, ...gateways);
    const said = resource === undefined ? [] : [stepOf(resource, `${property} of ${at.name}`)];
    switch (resource === undefined ? property : kindOf(resource)) {
      case 'InternetGateway':
      case 'EgressOnlyInternetGateway':
        if (without(ranges, unrouted).length === 0 || this.#closed(subnet, direction)) return [];
        return [{ to: internet, steps: said }];
      case 'NatGateway':
        return this.#throughNat(resource as GraphResource, ranges, said, passed);
      case 'VpnGateway':
        return this.#throughVpn(resource as GraphResource, said);
      case 'VpcPeeringConnection':
        return this.#throughPeering(resource as GraphResource, said);
      case 'transitGatewayId':
      case 'TransitGateway':
        return [{ to: `transit gateway ${id}`, steps: [...said, ...this.#attachments(id)] }];
      // A gateway endpoint's routes are its own; it is looked at apart.
      case 'VpcEndpoint':
        return [];
      default:
        return [{ to: `${property} ${id}`, steps: said }];
    }
  }

  #attachments(gateway: string): readonly Step[] {
    return this.#graph
      .of('aws:ec2transitgateway/vpcAttachment:VpcAttachment')
      .filter(({ inputs }) => textAt(inputs, 'transitGatewayId') === gateway)
      .map((attachment) => stepOf(attachment, `attached to ${gateway}`));
  }

  #throughNat(
    nat: GraphResource,
    ranges: readonly AddressRange[],
    said: readonly Step[],
    passed: readonly string[],
  ): readonly Exit[] {
    const place = this.#placement.subnets.find(
      ({ resource }) => idOfResource(resource) === textAt(nat.inputs, 'subnetId'),
    );
    if (place === undefined || passed.includes(nat.name)) return [];
    return routesOf(this.#graph, place.routeTable).flatMap((route) => {
      const onward = common(ranges, route.ranges);
      const there = passing(this.#graph, place.acl, true, onward, everyPort);
      if (there.length === 0) return [];
      return this.#exitsOf(route, place, there, 'egress', [...passed, nat.name]).map(({ to, steps }) => ({
        to,
        steps: [...said, ...saidRoute(place, route), ...steps],
      }));
    });
  }

  #throughVpn(gateway: GraphResource, said: readonly Step[]): readonly Exit[] {
    const connections = this.#graph
      .of('aws:ec2/vpnConnection:VpnConnection')
      .filter(({ inputs }) => textAt(inputs, 'vpnGatewayId') === idOfResource(gateway));
    if (connections.length === 0) return [{ to: `VPN gateway ${gateway.name}`, steps: said }];
    return connections.map((connection) => ({
      to: `VPN connection ${connection.name}`,
      steps: [...said, stepOf(connection, `vpnGatewayId ${gateway.name}`)],
    }));
  }

  /** A peering with a VPC of the stack leads inside; that is looked at apart. */
  #throughPeering({ name, inputs }: GraphResource, said: readonly Step[]): readonly Exit[] {
    const owner = textAt(inputs, 'peerOwnerId');
    if (owner !== undefined && !this.#borders.isOurs(owner)) return [{ to: `account ${owner}`, steps: said }];
    const sides = ['vpcId', 'peerVpcId'].map((path) => this.#graph.find(textAt(inputs, path), 'aws:ec2/vpc:Vpc'));
    return sides.every((side) => side !== undefined) ? [] : [{ to: `peered network ${name}`, steps: said }];
  }

  /** Whether the account's block on public access stops this traffic at the internet gateway (VPC User Guide, "Block public access"). */
  #closed({ resource, vpc }: PlacedSubnet, direction: GroupRule['direction']): boolean {
    const [options] = this.#graph.of('aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions');
    const mode = textAt(options?.inputs, 'internetGatewayBlockMode');
    if (mode !== 'block-bidirectional' && !(mode === 'block-ingress' && direction === 'ingress')) return false;
    return !this.#graph.of('aws:ec2/vpcBlockPublicAccessExclusion:VpcBlockPublicAccessExclusion').some(({ inputs }) => {
      const about = textAt(inputs, 'subnetId') ?? textAt(inputs, 'vpcId');
      const passes = textAt(inputs, 'internetGatewayExclusionMode') === 'allow-bidirectional' || direction === 'egress';
      return passes && (about === idOfResource(resource) || about === idOfResource(vpc));
    });
  }
}

const saidRule = (rule: GroupRule): Step =>
  stepOf(rule.at, `${rule.direction} ${rule.direction === 'egress' ? 'to' : 'from'} outside, ${saidPorts(rule.ports)}`);

const saidRoute = ({ resource, routeTable }: PlacedSubnet, { at, destination }: TableRoute): readonly Step[] => [
  stepOf(resource, `its routes are in ${routeTable?.name ?? 'the main table'}`),
  ...(routeTable === undefined || routeTable === at ? [] : [stepOf(routeTable, `holds ${at.name}`)]),
  stepOf(at, `routes ${destination}`),
];

const mendOf = ({ at, target: [property] }: TableRoute): string =>
  `take the route out (${kindOf(at)} ${at.name}, ${property}), or declare the exit`;
