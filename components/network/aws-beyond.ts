import { LogGroup } from '@pulumi/aws/cloudwatch';
import {
  CustomerGateway,
  PeeringConnectionOptions,
  Route,
  type RouteArgs,
  VpcPeeringConnection,
  VpcPeeringConnectionAccepter,
  VpnConnection,
  VpnConnectionRoute,
  VpnGateway,
} from '@pulumi/aws/ec2';
import { AuthorizationRule, Endpoint, NetworkAssociation } from '@pulumi/aws/ec2clientvpn';
import type { Provider } from '@pulumi/aws/provider';
import type { Input, Output } from '@pulumi/pulumi';
import type { AwsParts } from '../core/aws-parts';
import { awsName } from '../core/aws-target';
import type { AwsNetworkName, AwsTier } from './aws-plan';
import type { AwsVpc } from './aws-vpc';

/** The network of the team that looks at marts with tools of its own. */
export interface AwsAnalytics {
  readonly vpcId: string;
  readonly accountId: string;
  /** The range that reaches the warehouse, and nothing else of the research network. */
  readonly range: string;
  /** Whether the warehouse asks a PostgreSQL there, too. @default false */
  readonly asked?: boolean;
  /** Of the team's account, so that both ends are made here; without it their own stack accepts the connection. */
  readonly accepter?: Provider;
}

/** A way in for people or systems of the site, by a tunnel. */
export type AwsVpn =
  /** From the site's own gateway, to one of the two networks. */
  | {
      readonly kind: 'site';
      readonly network: AwsNetworkName;
      /** Public IPv4 of the site's gateway. */
      readonly gateway: string;
      readonly asn: number;
      readonly ranges: readonly string[];
    }
  /** For single people to the research network, who sign in at the site's own identity provider. */
  | {
      readonly kind: 'client';
      /** A certificate of ACM that the endpoint shows. */
      readonly certificateArn: string;
      readonly samlProviderArn: string;
      /** IPv4 of the people's machines, /22 to /12, apart from every other. */
      readonly range: string;
      /** The group of the identity provider that is let in. */
      readonly group: string;
    };

/** Routes from the warehouse to the analytics team and to nobody else: peering leads no further (VPC Peering Guide). */
export function addPeering(parts: AwsParts, tre: AwsVpc, analytics: AwsAnalytics): Output<string> {
  const { target } = parts;
  const { accountId, vpcId, range, accepter } = analytics;
  const here = accountId === target.accountId;
  const peering = parts.add(VpcPeeringConnection, 'peering', {
    vpcId: tre.vpcId,
    peerVpcId: vpcId,
    peerOwnerId: accountId,
    tags: { Name: awsName(target, 'analytics') },
  });
  const provider = accepter ?? (here ? target.provider : undefined);
  if (provider !== undefined) {
    const accepted = parts.add(
      VpcPeeringConnectionAccepter,
      'peering-accepter',
      { vpcPeeringConnectionId: peering.id, autoAccept: true },
      { provider },
    );
    // The team finds the warehouse by its name.
    parts.add(
      PeeringConnectionOptions,
      'peering-options',
      { vpcPeeringConnectionId: peering.id, requester: { allowRemoteVpcDnsResolution: true } },
      { dependsOn: [accepted] },
    );
  }
  addRoutes(parts, 'peering-route', tre.routeTableIds.warehouse, {
    destinationCidrBlock: range,
    vpcPeeringConnectionId: peering.id,
  });
  return peering.id;
}

/** The same route in every table of a tier; the first has the role's own name. */
function addRoutes(
  parts: AwsParts,
  role: string,
  tables: readonly Output<string>[],
  route: Omit<RouteArgs, 'routeTableId'>,
): void {
  tables.forEach((routeTableId, index) => {
    parts.add(Route, index === 0 ? role : `${role}-${index + 1}`, { routeTableId, ...route });
  });
}

/** IKEv2 with AES-256-GCM and groups of 384 bits or more, both phases (NCSC, "Using IPsec to protect data"). */
const strong = {
  IkeVersions: ['ikev2'],
  Phase1EncryptionAlgorithms: ['AES256-GCM-16'],
  Phase2EncryptionAlgorithms: ['AES256-GCM-16'],
  Phase1IntegrityAlgorithms: ['SHA2-384'],
  Phase2IntegrityAlgorithms: ['SHA2-384'],
  Phase1DhGroupNumbers: [20],
  Phase2DhGroupNumbers: [20],
};

const tunnel = <Number extends 1 | 2>(number: Number, logGroupArn: Output<string>) => ({
  ...Object.fromEntries(Object.entries(strong).map(([name, value]) => [`tunnel${number}${name}`, value])),
  [`tunnel${number}LogOptions`]: {
    cloudwatchLogOptions: { logEnabled: true, logGroupArn, logOutputFormat: 'json' },
  },
});

/** Tiers that a tunnel leads to: where people and systems of the site have business. */
const reached: Readonly<Record<AwsNetworkName, readonly AwsTier[]>> = {
  lake: ['endpoints'],
  tre: ['workspaces', 'warehouse'],
};

interface VpnLogs {
  readonly logKeyArn: Input<string>;
  readonly logRetentionDays: number;
}

const logOf = (parts: AwsParts, { logKeyArn, logRetentionDays }: VpnLogs): LogGroup =>
  parts.keep(LogGroup, 'vpn-logs', {
    name: `/lake/${awsName(parts.target, 'vpn')}`,
    kmsKeyId: logKeyArn,
    retentionInDays: logRetentionDays,
  });

export function addSiteVpn(
  parts: AwsParts,
  network: AwsVpc,
  { gateway, asn, ranges, network: name }: Extract<AwsVpn, { kind: 'site' }>,
  logs: VpnLogs,
): void {
  const { target } = parts;
  const { arn: logGroupArn } = logOf(parts, logs);
  const site = parts.add(CustomerGateway, 'vpn-site', {
    bgpAsn: String(asn),
    ipAddress: gateway,
    type: 'ipsec.1',
    tags: { Name: awsName(target, 'site') },
  });
  const here = parts.add(VpnGateway, 'vpn-gateway', { vpcId: network.vpcId, tags: { Name: awsName(target, 'site') } });
  const connection = parts.add(VpnConnection, 'vpn-connection', {
    customerGatewayId: site.id,
    vpnGatewayId: here.id,
    type: 'ipsec.1',
    staticRoutesOnly: true,
    // The shared keys never stand in the state.
    presharedKeyStorage: 'SecretsManager',
    ...tunnel(1, logGroupArn),
    ...tunnel(2, logGroupArn),
    tags: { Name: awsName(target, 'site') },
  });
  ranges.forEach((range, index) => {
    parts.add(VpnConnectionRoute, `vpn-range-${index + 1}`, {
      vpnConnectionId: connection.id,
      destinationCidrBlock: range,
    });
    for (const tier of reached[name])
      addRoutes(parts, `vpn-range-${index + 1}-${tier}`, network.routeTableIds[tier], {
        destinationCidrBlock: range,
        gatewayId: here.id,
      });
  });
}

/** @param peopleGroup of its interfaces: what it opens is what people reach */
export function addClientVpn(
  parts: AwsParts,
  tre: AwsVpc,
  { certificateArn, samlProviderArn, range, group }: Extract<AwsVpn, { kind: 'client' }>,
  logs: VpnLogs,
  peopleGroup: Output<string>,
): void {
  const { target } = parts;
  const { name: logGroup } = logOf(parts, logs);
  const endpoint = parts.add(Endpoint, 'vpn-people', {
    description: awsName(target, 'people'),
    serverCertificateArn: certificateArn,
    clientCidrBlock: range,
    authenticationOptions: [{ type: 'federated-authentication', samlProviderArn }],
    connectionLogOptions: { enabled: true, cloudwatchLogGroup: logGroup },
    // Only what is meant for the network goes into the tunnel.
    splitTunnel: true,
    sessionTimeoutHours: 8,
    disconnectOnSessionTimeout: true,
    transportProtocol: 'tcp',
    vpcId: tre.vpcId,
    securityGroupIds: [peopleGroup],
    tags: { Name: awsName(target, 'people') },
  });
  tre.subnetIds.workspaces.forEach((subnetId, index) => {
    parts.add(NetworkAssociation, `vpn-people-${index + 1}`, { clientVpnEndpointId: endpoint.id, subnetId });
  });
  tre.ranges.workspaces.forEach((targetNetworkCidr, index) => {
    parts.add(AuthorizationRule, `vpn-people-range-${index + 1}`, {
      clientVpnEndpointId: endpoint.id,
      targetNetworkCidr,
      accessGroupId: group,
    });
  });
}
