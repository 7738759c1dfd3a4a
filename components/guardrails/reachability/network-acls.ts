import { type AddressRange, common, rangesOf, without } from './address-range';
import type { GraphResource } from './graph-resource';
import { flagAt, numberAt, textAt, textsAt, valuesAt } from './input-values';
import type { ResourceGraph } from './resource-graph';
import { idOfResource } from './security-groups';
import { commonPorts, type Ports, portsOf } from './traffic';

interface Entry {
  readonly number: number;
  readonly allow: boolean;
  readonly ranges: readonly AddressRange[];
  readonly ports: Ports;
}

function entryOf(entry: unknown): Entry {
  const cidrs = ['cidrBlock', 'ipv6CidrBlock'].flatMap((path) => textsAt(entry, path));
  return {
    number: numberAt(entry, 'ruleNo') ?? numberAt(entry, 'ruleNumber') ?? 0,
    allow: (textAt(entry, 'action') ?? textAt(entry, 'ruleAction')) === 'allow',
    ranges: cidrs.flatMap(rangesOf),
    ports: portsOf(textAt(entry, 'protocol'), textAt(entry, 'fromPort'), textAt(entry, 'toPort')),
  };
}

function entriesOf(graph: ResourceGraph, acl: GraphResource, outwards: boolean): readonly Entry[] {
  const inline = valuesAt(acl.inputs, outwards ? 'egress[]' : 'ingress[]');
  const apart = graph
    .of('aws:ec2/networkAclRule:NetworkAclRule')
    .filter(
      ({ inputs }) => textAt(inputs, 'networkAclId') === idOfResource(acl) && flagAt(inputs, 'egress') === outwards,
    )
    .map(({ inputs }) => inputs);
  return [...inline, ...apart].map(entryOf).sort((one, other) => one.number - other.number);
}

/**
 * Of these addresses those that an ACL lets pass on at least one of the ports. The first entry that fits decides; an entry that
 * denies some of the ports only is taken to deny none, so that a path is rather seen than missed.
 */
export function passing(
  graph: ResourceGraph,
  acl: GraphResource | undefined,
  outwards: boolean,
  ranges: readonly AddressRange[],
  ports: Ports,
): readonly AddressRange[] {
  if (acl === undefined) return ranges;
  let open = ranges;
  const passed: AddressRange[] = [];
  for (const entry of entriesOf(graph, acl, outwards)) {
    const shared = commonPorts(entry.ports, ports);
    if (shared === undefined) continue;
    if (entry.allow) passed.push(...common(open, entry.ranges));
    else if (entry.ports.from <= ports.from && entry.ports.to >= ports.to && covers(entry.ports, ports))
      open = without(open, entry.ranges);
  }
  return passed;
}

const covers = (wide: Ports, narrow: Ports): boolean => wide.protocol === '-1' || wide.protocol === narrow.protocol;
