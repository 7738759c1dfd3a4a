import type { GraphResource } from '../../../components/guardrails/reachability/graph-resource';
import { account, analytics, arnOf, idOf, inZone, policy, region, written } from './written-resource';

export const lakeCidr = '10.20.0.0/16';
export const treCidr = '10.30.0.0/16';
export const analyticsCidr = '10.60.0.0/16';
export const siteCidr = '192.168.50.0/24';
export const projects = ['flu', 'frailty'] as const;

/** Only our account, only ours: what an endpoint lets through. */
const oursAlone = (...resources: readonly string[]): string =>
  policy({
    Sid: 'OursAlone',
    Effect: 'Allow',
    Principal: '*',
    Action: '*',
    Resource: resources,
    Condition: { StringEquals: { 'aws:PrincipalAccount': account, 'aws:ResourceAccount': account } },
  });

const tiers = [
  { zone: 'lake', name: 'lake', cidrs: ['10.20.0.0/24', '10.20.1.0/24'] },
  { zone: 'identity', name: 'identity', cidrs: ['10.20.16.0/24', '10.20.17.0/24'] },
] as const;

function subnets(vpc: string, name: string, cidrs: readonly string[], tags: Readonly<Record<string, string>>) {
  return cidrs.flatMap((cidrBlock, index) => {
    const subnet = `${name}-${'ab'[index]}`;
    return [
      written('aws:ec2/subnet:Subnet', subnet, {
        vpcId: idOf(vpc),
        cidrBlock,
        availabilityZone: `${region}${'ab'[index]}`,
        mapPublicIpOnLaunch: false,
        tags,
      }),
      written('aws:ec2/routeTableAssociation:RouteTableAssociation', subnet, {
        subnetId: idOf(subnet),
        routeTableId: idOf(`${name}-routes`),
      }),
    ];
  });
}

function group(vpc: string, name: string, tags: Readonly<Record<string, string>>): GraphResource {
  return written('aws:ec2/securityGroup:SecurityGroup', name, { vpcId: idOf(vpc), tags });
}

/** Both halves of one permitted conversation between two security groups. */
function conversation(from: string, to: string, port: number): readonly GraphResource[] {
  const ports = { ipProtocol: 'tcp', fromPort: port, toPort: port };
  return [
    written('aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule', `${from}-to-${to}`, {
      securityGroupId: idOf(from),
      referencedSecurityGroupId: idOf(to),
      ...ports,
    }),
    written('aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule', `${to}-from-${from}`, {
      securityGroupId: idOf(to),
      referencedSecurityGroupId: idOf(from),
      ...ports,
    }),
  ];
}

/** Names of AWS and nothing else are answered in a VPC. */
function names(vpc: string): readonly GraphResource[] {
  const list = (name: string, domains: string[]) =>
    written('aws:route53/resolverFirewallDomainList:ResolverFirewallDomainList', `${vpc}-${name}`, { domains });
  const rule = (name: string, priority: number, outcome: { action: string; blockResponse?: string }) =>
    written('aws:route53/resolverFirewallRule:ResolverFirewallRule', `${vpc}-${name}`, {
      firewallRuleGroupId: idOf(`${vpc}-names`),
      firewallDomainListId: idOf(`${vpc}-${name}`),
      priority,
      ...outcome,
    });
  return [
    list('known', ['*.amazonaws.com.', '*.lake.internal.']),
    list('every', ['*.']),
    written('aws:route53/resolverFirewallRuleGroup:ResolverFirewallRuleGroup', `${vpc}-names`, {}),
    rule('known', 100, { action: 'ALLOW' }),
    rule('every', 200, { action: 'BLOCK', blockResponse: 'NXDOMAIN' }),
    written('aws:route53/resolverFirewallRuleGroupAssociation:ResolverFirewallRuleGroupAssociation', `${vpc}-names`, {
      vpcId: idOf(vpc),
      firewallRuleGroupId: idOf(`${vpc}-names`),
      priority: 101,
    }),
    written('aws:ec2/flowLog:FlowLog', `${vpc}-flows`, {
      vpcId: idOf(vpc),
      trafficType: 'ALL',
      logDestinationType: 's3',
      logDestination: arnOf('aws:s3/bucket:Bucket', 'audit'),
    }),
  ];
}

const lakeNetwork: readonly GraphResource[] = [
  written('aws:ec2/vpc:Vpc', 'lake', {
    cidrBlock: lakeCidr,
    enableDnsHostnames: true,
    enableDnsSupport: true,
    tags: inZone('lake'),
  }),
  written('aws:ec2/defaultSecurityGroup:DefaultSecurityGroup', 'lake-default', { vpcId: idOf('lake') }),
  ...tiers.flatMap(({ zone, name, cidrs }) => [
    written('aws:ec2/routeTable:RouteTable', `${name}-routes`, { vpcId: idOf('lake'), tags: inZone(zone) }),
    ...subnets('lake', name, cidrs, inZone(zone)),
    group('lake', `${name}-functions`, inZone(zone)),
    group('lake', `${name}-database`, inZone(zone)),
    ...conversation(`${name}-functions`, `${name}-database`, 5432),
    ...conversation(`${name}-functions`, 'lake-endpoints', 443),
    written('aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule', `${name}-to-s3`, {
      securityGroupId: idOf(`${name}-functions`),
      prefixListId: 'lake-s3-prefixes',
      ipProtocol: 'tcp',
      fromPort: 443,
      toPort: 443,
    }),
  ]),
  group('lake', 'lake-endpoints', inZone('lake')),
  written('aws:ec2/networkAcl:NetworkAcl', 'lake-acl', {
    vpcId: idOf('lake'),
    subnetIds: tiers.flatMap(({ name }) => ['a', 'b'].map((half) => idOf(`${name}-${half}`))),
    egress: [
      { ruleNo: 100, action: 'allow', protocol: 'tcp', cidrBlock: lakeCidr, fromPort: 0, toPort: 65535 },
      { ruleNo: 110, action: 'allow', protocol: 'tcp', cidrBlock: siteCidr, fromPort: 1024, toPort: 65535 },
      // The addresses of S3 are public ones, and a gateway endpoint's prefix list cannot stand in an ACL.
      { ruleNo: 120, action: 'allow', protocol: 'tcp', cidrBlock: '0.0.0.0/0', fromPort: 443, toPort: 443 },
    ],
    ingress: [{ ruleNo: 100, action: 'allow', protocol: 'tcp', cidrBlock: '0.0.0.0/0', fromPort: 0, toPort: 65535 }],
  }),
  {
    ...written('aws:ec2/vpcEndpoint:VpcEndpoint', 'lake-s3', {
      vpcId: idOf('lake'),
      serviceName: `com.amazonaws.${region}.s3`,
      vpcEndpointType: 'Gateway',
      routeTableIds: [idOf('lake-routes'), idOf('identity-routes')],
      policy: oursAlone('arn:aws:s3:::landing/*', 'arn:aws:s3:::identity/*', 'arn:aws:s3:::curated/*'),
    }),
    outputs: { prefixListId: 'lake-s3-prefixes' },
  },
  ...['kms', 'sns', 'sqs', 'sts', 'logs'].map((service) =>
    written('aws:ec2/vpcEndpoint:VpcEndpoint', `lake-${service}`, {
      vpcId: idOf('lake'),
      serviceName: `com.amazonaws.${region}.${service}`,
      vpcEndpointType: 'Interface',
      privateDnsEnabled: true,
      subnetIds: [idOf('lake-a'), idOf('lake-b')],
      securityGroupIds: [idOf('lake-endpoints')],
      policy: oursAlone('*'),
    }),
  ),
  ...names('lake'),
  // The site's own network, for the operators of the lake: declared.
  written('aws:ec2/vpnGateway:VpnGateway', 'site', { vpcId: idOf('lake') }),
  written('aws:ec2/customerGateway:CustomerGateway', 'site', {
    type: 'ipsec.1',
    bgpAsn: '65000',
    ipAddress: '192.0.2.7',
  }),
  written('aws:ec2/vpnConnection:VpnConnection', 'site', {
    type: 'ipsec.1',
    vpnGatewayId: idOf('site'),
    customerGatewayId: idOf('site'),
    staticRoutesOnly: true,
  }),
  written('aws:ec2/route:Route', 'lake-to-site', {
    routeTableId: idOf('lake-routes'),
    destinationCidrBlock: siteCidr,
    gatewayId: idOf('site'),
  }),
  written('aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule', 'lake-endpoints-from-site', {
    securityGroupId: idOf('lake-endpoints'),
    cidrIpv4: siteCidr,
    ipProtocol: 'tcp',
    fromPort: 443,
    toPort: 443,
  }),
];

const treNetwork: readonly GraphResource[] = [
  written('aws:ec2/vpc:Vpc', 'tre', {
    cidrBlock: treCidr,
    enableDnsHostnames: true,
    enableDnsSupport: true,
    tags: inZone('tre'),
  }),
  written('aws:ec2/defaultSecurityGroup:DefaultSecurityGroup', 'tre-default', { vpcId: idOf('tre') }),
  ...projects.flatMap((project, index) => [
    written('aws:ec2/routeTable:RouteTable', `${project}-routes`, { vpcId: idOf('tre'), tags: inZone('tre', project) }),
    ...subnets('tre', project, [`10.30.${index}.0/25`, `10.30.${index}.128/25`], inZone('tre', project)),
    group('tre', `${project}-workspace`, inZone('tre', project)),
    ...conversation(`${project}-workspace`, 'tre-endpoints', 443),
    ...conversation(`${project}-workspace`, 'tre-warehouse', 5439),
    written('aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule', `${project}-to-s3`, {
      securityGroupId: idOf(`${project}-workspace`),
      prefixListId: 'tre-s3-prefixes',
      ipProtocol: 'tcp',
      fromPort: 443,
      toPort: 443,
    }),
  ]),
  written('aws:ec2/routeTable:RouteTable', 'tre-shared-routes', { vpcId: idOf('tre'), tags: inZone('tre') }),
  ...subnets('tre', 'tre-shared', ['10.30.200.0/24', '10.30.201.0/24'], inZone('tre')),
  group('tre', 'tre-endpoints', inZone('tre')),
  group('tre', 'tre-warehouse', inZone('tre')),
  {
    ...written('aws:ec2/vpcEndpoint:VpcEndpoint', 'tre-s3', {
      vpcId: idOf('tre'),
      serviceName: `com.amazonaws.${region}.s3`,
      vpcEndpointType: 'Gateway',
      routeTableIds: [...projects.map((project) => idOf(`${project}-routes`)), idOf('tre-shared-routes')],
      policy: oursAlone('arn:aws:s3:::marts', 'arn:aws:s3:::marts/*'),
    }),
    outputs: { prefixListId: 'tre-s3-prefixes' },
  },
  ...['kms', 'ssm', 'glue'].map((service) =>
    written('aws:ec2/vpcEndpoint:VpcEndpoint', `tre-${service}`, {
      vpcId: idOf('tre'),
      serviceName: `com.amazonaws.${region}.${service}`,
      vpcEndpointType: 'Interface',
      privateDnsEnabled: true,
      subnetIds: [idOf('tre-shared-a'), idOf('tre-shared-b')],
      securityGroupIds: [idOf('tre-endpoints')],
      policy: oursAlone('*'),
    }),
  ),
  ...names('tre'),
  // The analytics team looks at the warehouse from its own account: declared.
  written('aws:ec2/vpcPeeringConnection:VpcPeeringConnection', 'analytics', {
    vpcId: idOf('tre'),
    peerVpcId: 'vpc-analytics',
    peerOwnerId: analytics,
    autoAccept: false,
  }),
  written('aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter', 'analytics', {
    vpcPeeringConnectionId: idOf('analytics'),
    autoAccept: true,
  }),
  written('aws:ec2/route:Route', 'tre-to-analytics', {
    routeTableId: idOf('tre-shared-routes'),
    destinationCidrBlock: analyticsCidr,
    vpcPeeringConnectionId: idOf('analytics'),
  }),
  written('aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule', 'tre-warehouse-from-analytics', {
    securityGroupId: idOf('tre-warehouse'),
    cidrIpv4: analyticsCidr,
    ipProtocol: 'tcp',
    fromPort: 5439,
    toPort: 5439,
  }),
];

export const networks: readonly GraphResource[] = [
  written('aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions', 'closed', {
    internetGatewayBlockMode: 'block-bidirectional',
  }),
  ...lakeNetwork,
  ...treNetwork,
];
