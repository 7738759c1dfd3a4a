import { type AddressRange, everywhere, rangesOf } from './address-range';
import type { GraphResource } from './graph-resource';
import { textAt, textsAt, valuesAt } from './input-values';
import type { ResourceGraph } from './resource-graph';
import { idOfResource } from './security-groups';

/** A route, wherever it is written. */
export interface TableRoute {
  /** The resource that holds it. */
  readonly at: GraphResource;
  /** As it is written. */
  readonly destination: string;
  readonly ranges: readonly AddressRange[];
  /** The property that names where it leads, and what it names. */
  readonly target: readonly [property: string, id: string];
}

/** Where a route can lead (Pulumi's names, of a route apart and of one in its table). */
const targets = [
  'gatewayId',
  'natGatewayId',
  'egressOnlyGatewayId',
  'transitGatewayId',
  'vpcPeeringConnectionId',
  'vpcEndpointId',
  'networkInterfaceId',
  'carrierGatewayId',
  'localGatewayId',
  'coreNetworkArn',
  'odbNetworkArn',
] as const;

function routeOf(graph: ResourceGraph, at: GraphResource, route: unknown): readonly TableRoute[] {
  const lists = ['destinationPrefixListId'].flatMap((path) => textsAt(route, path));
  const cidrs = ['destinationCidrBlock', 'destinationIpv6CidrBlock', 'cidrBlock', 'ipv6CidrBlock'].flatMap((path) =>
    textsAt(route, path),
  );
  const ranges = [
    ...cidrs.flatMap(rangesOf),
    // What is in a list that the stack does not keep may be anything.
    ...lists.flatMap((id) => {
      const list = graph.find(id, 'aws:ec2/managedPrefixList:ManagedPrefixList');
      return list === undefined
        ? everywhere
        : textsAt({ entries: list.inputs.entries }, 'entries[].cidr').flatMap(rangesOf);
    }),
  ];
  const named = targets.flatMap((property) => textsAt(route, property).map((id) => [property, id] as const));
  // A target of a kind that nobody taught the solver leads somewhere all the same.
  const known = named.filter(([, id]) => id !== '');
  const led = known.length === 0 ? ([['a target that is not known', at.name]] as const) : known;
  return led
    .filter(([, id]) => id !== 'local')
    .map((target) => ({ at, destination: [...cidrs, ...lists].join(', '), ranges, target }));
}

/** The routes of a table but for the local one: inline, apart, and everything that a VPN gateway propagates into it. */
export function routesOf(graph: ResourceGraph, table: GraphResource | undefined): readonly TableRoute[] {
  if (table === undefined) return [];
  const id = idOfResource(table);
  const inline = valuesAt(table.inputs, 'routes[]').flatMap((route) => routeOf(graph, table, route));
  const apart = graph
    .of('aws:ec2/route:Route')
    .filter(({ inputs }) => textAt(inputs, 'routeTableId') === id)
    .flatMap((route) => routeOf(graph, route, route.inputs));
  const propagations = graph
    .of('aws:ec2/vpnGatewayRoutePropagation:VpnGatewayRoutePropagation')
    .filter(({ inputs }) => textAt(inputs, 'routeTableId') === id);
  const propagated = [
    ...textsAt(table.inputs, 'propagatingVgws').map((gateway) => [table, gateway] as const),
    ...propagations.map((one) => [one, textAt(one.inputs, 'vpnGatewayId') ?? ''] as const),
  ].map(
    ([at, gateway]): TableRoute => ({
      at,
      destination: 'whatever the other side announces',
      ranges: everywhere,
      target: ['gatewayId', gateway],
    }),
  );
  return [...inline, ...apart, ...propagated];
}
