import { type AddressRange, everywhere, rangesOf } from './address-range';
import type { GraphResource } from './graph-resource';
import { flagAt, listOf, textAt, textsAt, valuesAt } from './input-values';
import type { ResourceGraph } from './resource-graph';
import { everyPort, type Ports, portsOf } from './traffic';

export type Direction = 'egress' | 'ingress';

/** A rule of a security group, wherever it is written. */
export interface GroupRule {
  /** The resource that holds it. */
  readonly at: GraphResource;
  readonly direction: Direction;
  readonly ranges: readonly AddressRange[];
  /** Ids of prefix lists, whose addresses AWS or another resource keeps. */
  readonly prefixLists: readonly string[];
  /** Ids of security groups on the other side. */
  readonly groups: readonly string[];
  readonly ports: Ports;
}

export const groupTypes = ['aws:ec2/securityGroup:SecurityGroup', 'aws:ec2/defaultSecurityGroup:DefaultSecurityGroup'];

export const idOfResource = ({ id, name }: GraphResource): string => id ?? `${name}-id`;

/**
 * A group of another account is named `account/group`: what stands there may have any address. In a plan the URN of a group that is
 * not made yet stands for it, which has a stroke in it too.
 */
const rangesOfGroups = (groups: readonly string[]): readonly AddressRange[] =>
  groups.some((id) => /^[0-9]{12}\//.test(id)) ? everywhere : [];

function inlineRules(group: GraphResource): readonly GroupRule[] {
  return (['egress', 'ingress'] as const).flatMap((direction) =>
    valuesAt(group.inputs, `${direction}[]`).map((rule) => ({
      at: group,
      direction,
      ranges: [
        ...[...textsAt(rule, 'cidrBlocks'), ...textsAt(rule, 'ipv6CidrBlocks')].flatMap(rangesOf),
        ...rangesOfGroups(textsAt(rule, 'securityGroups')),
      ],
      prefixLists: textsAt(rule, 'prefixListIds'),
      groups: [...textsAt(rule, 'securityGroups'), ...(flagAt(rule, 'self') ? [idOfResource(group)] : [])],
      ports: portsOf(textAt(rule, 'protocol'), textAt(rule, 'fromPort'), textAt(rule, 'toPort')),
    })),
  );
}

const ruleTypes: Readonly<Record<string, (inputs: GraphResource['inputs']) => Direction>> = {
  'aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule': () => 'egress',
  'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule': () => 'ingress',
  'aws:ec2/securityGroupRule:SecurityGroupRule': ({ type }) => (type === 'ingress' ? 'ingress' : 'egress'),
};

export function ruleOf(rule: GraphResource): GroupRule {
  const { inputs } = rule;
  const own = textAt(inputs, 'securityGroupId') ?? '';
  const other = textsAt(inputs, 'referencedSecurityGroupId').concat(textsAt(inputs, 'sourceSecurityGroupId'));
  const cidrs = ['cidrIpv4', 'cidrIpv6', 'cidrBlocks', 'ipv6CidrBlocks'].flatMap((path) => textsAt(inputs, path));
  return {
    at: rule,
    direction: ruleTypes[rule.type]?.(inputs) ?? 'egress',
    ranges: [...cidrs.flatMap(rangesOf), ...rangesOfGroups(other)],
    prefixLists: textsAt(inputs, 'prefixListId').concat(textsAt(inputs, 'prefixListIds')),
    groups: [...other, ...(flagAt(inputs, 'self') ? [own] : [])],
    ports: portsOf(
      textAt(inputs, 'ipProtocol') ?? textAt(inputs, 'protocol'),
      textAt(inputs, 'fromPort'),
      textAt(inputs, 'toPort'),
    ),
  };
}

/** What AWS lets the default group of a VPC do as long as nobody empties it: everything outwards. */
const untouchedDefault = (vpc: GraphResource): GroupRule => ({
  at: vpc,
  direction: 'egress',
  ranges: everywhere,
  prefixLists: [],
  groups: [],
  ports: everyPort,
});

/** A security group, or what stands for the default group of a VPC that the program does not touch. */
export interface Group {
  readonly resource: GraphResource;
  readonly id: string;
  readonly vpc: GraphResource;
  readonly rules: readonly GroupRule[];
}

/** Every security group with its rules. Without rules nothing passes: the provider takes AWS's first egress rule away. */
export function groupsOf(graph: ResourceGraph): readonly Group[] {
  const apart = graph.of(...Object.keys(ruleTypes));
  const written = graph.of(...groupTypes).flatMap((resource): Group[] => {
    const vpc = graph.find(textAt(resource.inputs, 'vpcId'), 'aws:ec2/vpc:Vpc');
    if (vpc === undefined) return [];
    const id = idOfResource(resource);
    const own = apart.filter(({ inputs }) => textAt(inputs, 'securityGroupId') === id).map(ruleOf);
    return [{ resource, id, vpc, rules: [...inlineRules(resource), ...own] }];
  });
  const emptied = new Set(written.filter(({ resource }) => resource.type === groupTypes[1]).map(({ vpc }) => vpc));
  const untouched = graph
    .of('aws:ec2/vpc:Vpc')
    .filter((vpc) => !emptied.has(vpc))
    .map(
      (vpc): Group => ({ resource: vpc, id: `default of ${idOfResource(vpc)}`, vpc, rules: [untouchedDefault(vpc)] }),
    );
  return [...written, ...untouched];
}

/** The addresses that a rule speaks of: its blocks, and of prefix lists what the stack keeps itself, else everything. */
export function rangesOfRule(graph: ResourceGraph, rule: GroupRule): readonly AddressRange[] {
  const listed = rule.prefixLists.flatMap((id) => {
    const list = graph.find(id, 'aws:ec2/managedPrefixList:ManagedPrefixList');
    // The list of a gateway endpoint is looked at with the endpoint.
    if (list === undefined) return graph.find(id, 'aws:ec2/vpcEndpoint:VpcEndpoint') === undefined ? everywhere : [];
    const entries = graph
      .of('aws:ec2/managedPrefixListEntry:ManagedPrefixListEntry')
      .filter(({ inputs }) => textAt(inputs, 'prefixListId') === id);
    return [
      ...textsAt({ entries: listOf(list.inputs.entries) }, 'entries[].cidr'),
      ...entries.flatMap(({ inputs }) => textsAt(inputs, 'cidr')),
    ].flatMap(rangesOf);
  });
  return [...rule.ranges, ...listed];
}
