import { isEverywhere } from '../reachability/address-range';
import { listOf } from '../reachability/input-values';
import { awsAccount, awsType } from './aws-types';
import type { GuardedGraph } from './guarded-graph';
import { at, type GuardedResource, isSet, kindOf, listAt, textAt, textsAt } from './guarded-resource';
import { narrowsBy, statementsIn } from './policy-judgements';
import { type Rule, unless } from './rule';

const vpc = awsType('ec2', 'Vpc');
const gateway = awsType('ec2', 'InternetGateway');
/** What leads out of a network, or makes a part of it an address of the internet. */
const ways = ['NatGateway', 'EgressOnlyInternetGateway', 'Eip', 'InternetGatewayAttachment'].map((kind) =>
  awsType('ec2', kind),
);
/** A part of Crosswalk's component, which makes a gateway in every network and takes no argument against it. */
const isCrosswalks = ({ urn }: GuardedResource): boolean => urn.includes('$awsx:ec2:Vpc$');
const ranges = (props: unknown): readonly string[] =>
  [
    'cidrIpv4',
    'cidrIpv6',
    'cidrBlocks',
    'ipv6CidrBlocks',
    'destinationCidrBlock',
    'destinationIpv6CidrBlock',
    'cidrBlock',
    'ipv6CidrBlock',
    'cidr',
  ].flatMap((key) => textsAt(props, key));
const open = (rules: readonly unknown[]): boolean => rules.flatMap(ranges).some(isEverywhere);

/** Rules of security groups come alone, in their group, or in the older form with a direction. */
const directed = (direction: 'ingress' | 'egress') => {
  const kind = direction === 'ingress' ? 'SecurityGroupIngressRule' : 'SecurityGroupEgressRule';
  return {
    types: [awsType('vpc', kind), awsType('ec2', 'SecurityGroup'), awsType('ec2', 'SecurityGroupRule')],
    rules: (resource: GuardedResource): readonly unknown[] => {
      if (kindOf(resource) === 'SecurityGroup') return listAt(resource.props, direction);
      const other = kindOf(resource) === 'SecurityGroupRule' && textAt(resource.props, 'type') !== direction;
      return other ? [] : [resource.props];
    },
  };
};
/** A rule may name a list instead of a range. */
const lists = ['ManagedPrefixList', 'ManagedPrefixListEntry'].map((kind) => awsType('ec2', kind));
const [incoming, outgoing] = [directed('ingress'), directed('egress')];
/** Keys by which an endpoint is held to callers or things of this account. */
const ourThings = [
  'aws:principalaccount',
  'aws:principalorgid',
  'aws:principalarn',
  'aws:resourceaccount',
  'aws:resourceorgid',
];
/** `*`, or an ARN whose account or bucket is a pattern. */
const isOfAnyAccount = (resource: string): boolean =>
  /^[*?]+$/.test(resource) ||
  /^arn:[^:]*:s3:::[^/]*[*?]/.test(resource) ||
  /^arn:(?:[^:]*:){3}[^:]*[*?][^:]*:/.test(resource);
/** The account itself lets nothing through gateways to the internet. */
const isClosed = (graph: GuardedGraph): boolean =>
  graph
    .of(awsType('ec2', 'VpcBlockPublicAccessOptions'))
    .some(({ props }) => textAt(props, 'internetGatewayBlockMode') === 'block-bidirectional');
const hasNetwork = (_account: GuardedResource, graph: GuardedGraph): boolean => graph.of(vpc).length > 0;

/** Networks from which nothing leads to the internet, by no way that AWS has. */
export const awsNetworkRules: readonly Rule[] = [
  {
    id: 'vpc-no-way-out',
    title: 'No network has a gateway to the internet or an address of it',
    references: ['NCSC 11', 'CAF B4.a', 'CAF B3.b', 'SATRE 2.2.11', 'SATRE 3.1.12'],
    types: [vpc],
    property: 'InternetGateway (but a closed one of awsx), NatGateway, EgressOnlyInternetGateway, Eip: none',
    stack: true,
    wrong: (_network, graph) => {
      const gateways = graph.of(gateway);
      return unless(
        graph.of(...ways).length === 0 && gateways.every((one) => isCrosswalks(one) && isClosed(graph)),
        'There is a gateway or an address of the internet in the stack. Take it out.',
      );
    },
  },
  {
    id: 'vpc-public-access-blocked',
    title: 'The account refuses traffic through gateways to the internet, should one ever be made',
    references: ['NCSC 11', 'CAF B4.a', 'SATRE 2.2.11', 'FSBP EC2.172'],
    types: [awsAccount],
    property: 'VpcBlockPublicAccessOptions internetGatewayBlockMode',
    stack: true,
    concerns: hasNetwork,
    wrong: (_account, graph) =>
      unless(
        isClosed(graph),
        'The account lets gateways to the internet carry traffic. Set internetGatewayBlockMode to block-bidirectional.',
      ),
  },
  {
    id: 'route-no-default',
    title: 'No route leads everywhere',
    references: ['NCSC 11', 'CAF B4.a', 'SATRE 2.2.09', 'SATRE 2.2.11'],
    types: [
      ...['Route', 'RouteTable', 'DefaultRouteTable'].map((kind) => awsType('ec2', kind)),
      awsType('ec2clientvpn', 'Route'),
    ],
    property: 'destinationCidrBlock, routes',
    wrong: ({ props }) =>
      unless(!open([props, ...listAt(props, 'routes')]), 'A route leads everywhere. Name the range it is for.'),
  },
  {
    id: 'vpc-default-group-empty',
    title: 'The security group that everything has by default opens nothing',
    references: ['NCSC 11', 'CAF B4.a', 'SATRE 2.2.09', 'FSBP EC2.2'],
    types: [vpc],
    property: 'DefaultSecurityGroup ingress, egress',
    stack: true,
    wrong: (network, graph) =>
      unless(
        graph
          .beside(network, awsType('ec2', 'DefaultSecurityGroup'), 'vpcId')
          .some(({ props }) => listAt(props, 'ingress').length === 0 && listAt(props, 'egress').length === 0),
        'The default security group of the network opens something. Adopt it with neither ingress nor egress.',
      ),
  },
  {
    id: 'vpc-flow-logged',
    title: 'All traffic of a network is logged, the refused too',
    references: ['NCSC 13', 'CAF C1.a', 'SATRE 2.2.09', 'SATRE 2.5.03', 'FSBP EC2.6'],
    types: [vpc],
    property: 'FlowLog trafficType',
    stack: true,
    wrong: (network, graph) =>
      unless(
        graph
          .beside(network, awsType('ec2', 'FlowLog'), 'vpcId')
          .some(({ props }) => textAt(props, 'trafficType') === 'ALL'),
        'The traffic of the network is not logged whole. Add a FlowLog with trafficType ALL.',
      ),
  },
  {
    id: 'vpc-names-guarded',
    title: 'A network asks for no name outside, and each question is logged',
    references: ['NCSC 11', 'NCSC 13', 'CAF B4.a', 'CAF C1.a', 'SATRE 2.2.11'],
    types: [vpc],
    property: 'ResolverFirewallRuleGroupAssociation, ResolverQueryLogConfigAssociation',
    stack: true,
    wrong: (network, graph) =>
      unless(
        graph.beside(network, awsType('route53', 'ResolverFirewallRuleGroupAssociation'), 'vpcId').length > 0 &&
          graph.beside(network, awsType('route53', 'ResolverQueryLogConfigAssociation'), 'resourceId').length > 0,
        'Names are a way out of a network without any other. Give it a resolver firewall and a log of questions.',
      ),
  },
  {
    id: 'subnet-no-public-address',
    title: 'Nothing gets a public address by itself',
    references: ['NCSC 11', 'CAF B4.a', 'SATRE 2.2.09', 'FSBP EC2.15'],
    types: [awsType('ec2', 'Subnet')],
    property: 'mapPublicIpOnLaunch, assignIpv6AddressOnCreation',
    wrong: ({ props }) =>
      unless(
        at(props, 'mapPublicIpOnLaunch') !== true && at(props, 'assignIpv6AddressOnCreation') !== true,
        'What is made in the subnet gets a public address. Take mapPublicIpOnLaunch and assignIpv6AddressOnCreation out.',
      ),
  },
  {
    id: 'security-group-no-open-ingress',
    title: 'No security group lets everybody in',
    references: ['NCSC 11', 'CAF B4.a', 'SATRE 2.2.09', 'FSBP EC2.13', 'FSBP EC2.18', 'FSBP EC2.19'],
    types: incoming.types,
    property: 'ingress: cidrIpv4, cidrIpv6',
    wrong: (resource) =>
      unless(!open(incoming.rules(resource)), 'The security group lets everybody in. Name a group, a list or a range.'),
  },
  {
    id: 'security-group-no-open-egress',
    title: 'No security group lets out to everywhere',
    references: ['NCSC 11', 'CAF B4.a', 'SATRE 2.2.11', 'SATRE 3.1.12'],
    types: [...outgoing.types, ...lists],
    property: 'egress: cidrIpv4, cidrIpv6; ranges of prefix lists',
    wrong: (resource) =>
      unless(
        !open(
          lists.includes(resource.type)
            ? [resource.props, ...listAt(resource.props, 'entries')]
            : outgoing.rules(resource),
        ),
        'The security group lets out to everywhere. Name a group, a list or a range.',
      ),
  },
  {
    id: 'endpoint-policy',
    title: 'An endpoint of a service is for named things, not for every account of AWS',
    references: ['NCSC 11', 'NCSC 3', 'CAF B4.a', 'CAF B3.b', 'SATRE 2.2.11', 'SATRE 3.1.12'],
    types: [awsType('ec2', 'VpcEndpoint'), awsType('ec2', 'VpcEndpointPolicy')],
    property: 'policy',
    wrong: ({ props }) => {
      const statements = statementsIn(props.policy);
      const wide = statements.some(
        ({ allow, resources, notResources, conditions }) =>
          allow &&
          (notResources.length > 0 || resources.some(isOfAnyAccount)) &&
          !conditions.some((condition) => narrowsBy(condition, ourThings)),
      );
      return unless(
        statements.length > 0 && !wide,
        'Through the endpoint any account of AWS can be reached. Give it a policy that names this account.',
      );
    },
  },
  {
    id: 'vpn-logged',
    title: 'A tunnel of another network is logged and uses no old protocol',
    references: [
      'NCSC 1',
      'NCSC 13',
      'CAF B3.b',
      'CAF C1.a',
      'SATRE 2.8.02',
      'SATRE 2.5.03',
      'FSBP EC2.171',
      'FSBP EC2.51',
    ],
    types: [awsType('ec2', 'VpnConnection'), awsType('ec2clientvpn', 'Endpoint')],
    property: 'tunnel log options and IKE versions; connectionLogOptions.enabled',
    wrong: ({ type, props }) => {
      if (type.endsWith(':Endpoint'))
        return unless(
          at(props, 'connectionLogOptions.enabled') === true,
          'Connections are not logged. Set connectionLogOptions.',
        );
      const tunnels = ['tunnel1', 'tunnel2'];
      return unless(
        tunnels.every(
          (tunnel) =>
            at(props, `${tunnel}LogOptions.cloudwatchLogOptions.logEnabled`) === true &&
            textsAt(props, `${tunnel}IkeVersions`).join() === 'ikev2',
        ),
        'A tunnel is not logged, or takes IKEv1. Set log options and IKE versions of both tunnels.',
      );
    },
  },
  {
    id: 'vpc-attached-by-name',
    title: 'Networks are joined to named networks only',
    references: ['NCSC 3', 'NCSC 11', 'CAF B4.a', 'SATRE 2.2.10', 'FSBP EC2.23'],
    types: [awsType('ec2', 'VpcPeeringConnection'), awsType('ec2transitgateway', 'TransitGateway')],
    property: 'peerVpcId, autoAcceptSharedAttachments',
    wrong: ({ type, props }) =>
      type.endsWith(':TransitGateway')
        ? unless(
            textAt(props, 'autoAcceptSharedAttachments') !== 'enable',
            'Any account that is shared with can join the networks. Accept attachments by hand.',
          )
        : unless(
            isSet(at(props, 'peerVpcId')) && listOf(at(props, 'peerVpcId')).length === 1,
            'The peering names no network. Set peerVpcId.',
          ),
  },
];
