import { lakeCidr, treCidr } from '../hand-written-stack/networks';
import { idOf, inZone, stranger, written } from '../hand-written-stack/written-resource';
import { add, change, inTurn, type Leak } from './leak';

const httpsAnywhere = (group: string) =>
  written('aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule', `${group}-anywhere`, {
    securityGroupId: idOf(group),
    cidrIpv4: '0.0.0.0/0',
    ipProtocol: 'tcp',
    fromPort: 443,
    toPort: 443,
  });

/** The account closes internet gateways: who opens one makes an exception for its network. */
const opened = (network: string) =>
  written('aws:ec2/vpcBlockPublicAccessExclusion:VpcBlockPublicAccessExclusion', network, {
    vpcId: idOf(network),
    internetGatewayExclusionMode: 'allow-bidirectional',
  });

/** Answers have to pass the list of the lake's subnets as well. */
const answersTo = (cidrBlock: string) =>
  change('aws:ec2/networkAcl:NetworkAcl', 'lake-acl', (now) => ({
    ...now,
    egress: [
      ...(now.egress as NetworkAclEntry[]),
      { ruleNo: 200, action: 'allow', protocol: 'tcp', cidrBlock, fromPort: 1024, toPort: 65535 },
    ],
  }));

interface NetworkAclEntry {
  readonly ruleNo: number;
  readonly action: string;
  readonly protocol: string;
  readonly cidrBlock: string;
  readonly fromPort: number;
  readonly toPort: number;
}

/** Leaks by routes, gateways and addresses. */
export const routeLeaks: readonly Leak[] = [
  {
    name: 'an internet gateway, so that a workspace can install packages',
    reaches: 'internet',
    through: ['flu-workspace', 'flu-routes', 'packages'],
    plant: add(
      written('aws:ec2/internetGateway:InternetGateway', 'packages', { vpcId: idOf('tre') }),
      written('aws:ec2/route:Route', 'flu-to-packages', {
        routeTableId: idOf('flu-routes'),
        destinationCidrBlock: '0.0.0.0/0',
        gatewayId: idOf('packages'),
      }),
      httpsAnywhere('flu-workspace'),
      opened('tre'),
    ),
  },
  {
    name: 'a NAT gateway in a public subnet, its route written into the route table',
    reaches: 'internet',
    through: ['lake-functions', 'lake-routes', 'lake-nat', 'lake-exit'],
    plant: inTurn(
      change('aws:ec2/routeTable:RouteTable', 'lake-routes', (now) => ({
        ...now,
        routes: [{ cidrBlock: '0.0.0.0/0', natGatewayId: idOf('lake-nat') }],
      })),
      add(
        written('aws:ec2/internetGateway:InternetGateway', 'lake-exit', { vpcId: idOf('lake') }),
        written('aws:ec2/subnet:Subnet', 'lake-public', { vpcId: idOf('lake'), cidrBlock: '10.20.99.0/28' }),
        written('aws:ec2/routeTable:RouteTable', 'lake-public-routes', {
          vpcId: idOf('lake'),
          routes: [{ cidrBlock: '0.0.0.0/0', gatewayId: idOf('lake-exit') }],
        }),
        written('aws:ec2/routeTableAssociation:RouteTableAssociation', 'lake-public', {
          subnetId: idOf('lake-public'),
          routeTableId: idOf('lake-public-routes'),
        }),
        written('aws:ec2/eip:Eip', 'lake-nat', { domain: 'vpc' }),
        written('aws:ec2/natGateway:NatGateway', 'lake-nat', {
          subnetId: idOf('lake-public'),
          allocationId: idOf('lake-nat'),
        }),
        httpsAnywhere('lake-functions'),
      ),
      change('aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions', 'closed', () => ({
        internetGatewayBlockMode: 'off',
      })),
    ),
  },
  {
    name: 'IPv6 through an egress-only gateway',
    reaches: 'internet',
    through: ['frailty-workspace', 'frailty-routes', 'six'],
    plant: inTurn(
      change('aws:ec2/vpc:Vpc', 'tre', (now) => ({ ...now, assignGeneratedIpv6CidrBlock: true })),
      add(
        written('aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway', 'six', { vpcId: idOf('tre') }),
        written('aws:ec2/route:Route', 'frailty-six', {
          routeTableId: idOf('frailty-routes'),
          destinationIpv6CidrBlock: '::/0',
          egressOnlyGatewayId: idOf('six'),
        }),
        written('aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule', 'frailty-six', {
          securityGroupId: idOf('frailty-workspace'),
          cidrIpv6: '::/0',
          ipProtocol: '-1',
        }),
        written('aws:ec2/vpcBlockPublicAccessExclusion:VpcBlockPublicAccessExclusion', 'six', {
          subnetId: idOf('frailty-a'),
          internetGatewayExclusionMode: 'allow-egress',
        }),
      ),
    ),
  },
  {
    name: "the trust's shared transit gateway",
    reaches: 'transit gateway tgw-trust',
    through: ['identity-functions', 'identity-routes', 'trust'],
    plant: add(
      written('aws:ec2transitgateway/vpcAttachment:VpcAttachment', 'trust', {
        transitGatewayId: 'tgw-trust',
        vpcId: idOf('lake'),
        subnetIds: [idOf('identity-a')],
      }),
      written('aws:ec2/route:Route', 'identity-to-trust', {
        routeTableId: idOf('identity-routes'),
        destinationCidrBlock: '10.0.0.0/8',
        transitGatewayId: 'tgw-trust',
      }),
      written('aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule', 'identity-to-trust', {
        securityGroupId: idOf('identity-functions'),
        cidrIpv4: '10.80.0.0/16',
        ipProtocol: '-1',
      }),
    ),
  },
  {
    name: "a peering of the lake with a supplier's account, who connects to the database",
    reaches: `account ${stranger}`,
    through: ['lake-database', 'lake-routes', 'supplier'],
    plant: inTurn(
      answersTo('172.31.8.0/24'),
      add(
        written('aws:ec2/vpcPeeringConnection:VpcPeeringConnection', 'supplier', {
          vpcId: idOf('lake'),
          peerVpcId: 'vpc-supplier',
          peerOwnerId: stranger,
        }),
        written('aws:ec2/route:Route', 'lake-to-supplier', {
          routeTableId: idOf('lake-routes'),
          destinationCidrBlock: '172.31.0.0/16',
          vpcPeeringConnectionId: idOf('supplier'),
        }),
        written('aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule', 'database-from-supplier', {
          securityGroupId: idOf('lake-database'),
          cidrIpv4: '172.31.8.0/24',
          ipProtocol: 'tcp',
          fromPort: 5432,
          toPort: 5432,
        }),
      ),
    ),
  },
  {
    name: 'a peering of the research network with the lake: workspaces reach the curated database',
    reaches: 'zone lake',
    through: ['flu-workspace', 'inside', 'lake-database'],
    plant: inTurn(
      answersTo(treCidr),
      add(
        written('aws:ec2/vpcPeeringConnection:VpcPeeringConnection', 'inside', {
          vpcId: idOf('tre'),
          peerVpcId: idOf('lake'),
          autoAccept: true,
        }),
        written('aws:ec2/route:Route', 'flu-to-lake', {
          routeTableId: idOf('flu-routes'),
          destinationCidrBlock: lakeCidr,
          vpcPeeringConnectionId: idOf('inside'),
        }),
        written('aws:ec2/route:Route', 'lake-to-flu', {
          routeTableId: idOf('lake-routes'),
          destinationCidrBlock: treCidr,
          vpcPeeringConnectionId: idOf('inside'),
        }),
        written('aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule', 'flu-to-lake', {
          securityGroupId: idOf('flu-workspace'),
          cidrIpv4: lakeCidr,
          ipProtocol: 'tcp',
          fromPort: 5432,
          toPort: 5432,
        }),
        written('aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule', 'database-from-flu', {
          securityGroupId: idOf('lake-database'),
          cidrIpv4: treCidr,
          ipProtocol: 'tcp',
          fromPort: 5432,
          toPort: 5432,
        }),
      ),
    ),
  },
  {
    name: 'two projects that work together share a port',
    reaches: 'project frailty',
    through: ['flu-workspace', 'frailty-workspace'],
    plant: add(
      written('aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule', 'flu-shares', {
        securityGroupId: idOf('flu-workspace'),
        cidrIpv4: '10.30.1.0/24',
        ipProtocol: 'tcp',
        fromPort: 8888,
        toPort: 8888,
      }),
      written('aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule', 'frailty-shares', {
        securityGroupId: idOf('frailty-workspace'),
        referencedSecurityGroupId: idOf('flu-workspace'),
        ipProtocol: 'tcp',
        fromPort: 8888,
        toPort: 8888,
      }),
    ),
  },
  {
    name: 'a load balancer for a dashboard, facing the internet',
    reaches: 'internet',
    through: ['dashboard', 'dashboard-exit'],
    plant: add(
      written('aws:ec2/internetGateway:InternetGateway', 'dashboard-exit', { vpcId: idOf('tre') }),
      written('aws:ec2/route:Route', 'shared-to-everyone', {
        routeTableId: idOf('tre-shared-routes'),
        destinationCidrBlock: '0.0.0.0/0',
        gatewayId: idOf('dashboard-exit'),
      }),
      written('aws:ec2/securityGroup:SecurityGroup', 'dashboard', {
        vpcId: idOf('tre'),
        ingress: [{ cidrBlocks: ['0.0.0.0/0'], protocol: 'tcp', fromPort: 443, toPort: 443 }],
      }),
      written('aws:lb/loadBalancer:LoadBalancer', 'dashboard', {
        internal: false,
        loadBalancerType: 'application',
        subnets: [idOf('tre-shared-a'), idOf('tre-shared-b')],
        securityGroups: [idOf('dashboard')],
        tags: inZone('tre'),
      }),
      opened('tre'),
    ),
  },
  {
    name: 'a second tunnel, to a supplier, propagated into the routes of the identity zone',
    reaches: 'VPN connection supplier',
    through: ['identity-database', 'supplier'],
    plant: inTurn(
      answersTo('172.20.0.0/16'),
      change('aws:ec2/routeTable:RouteTable', 'identity-routes', (now) => ({
        ...now,
        propagatingVgws: [idOf('supplier')],
      })),
      add(
        written('aws:ec2/vpnGateway:VpnGateway', 'supplier', { vpcId: idOf('lake') }),
        written('aws:ec2/customerGateway:CustomerGateway', 'supplier', {
          type: 'ipsec.1',
          bgpAsn: '65100',
          ipAddress: '198.51.100.9',
        }),
        written('aws:ec2/vpnConnection:VpnConnection', 'supplier', {
          type: 'ipsec.1',
          vpnGatewayId: idOf('supplier'),
          customerGatewayId: idOf('supplier'),
        }),
        written('aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule', 'identity-from-supplier', {
          securityGroupId: idOf('identity-database'),
          cidrIpv4: '172.20.0.0/16',
          ipProtocol: 'tcp',
          fromPort: 5432,
          toPort: 5432,
        }),
      ),
    ),
  },
];
