import { VpcBlockPublicAccessOptions } from '@pulumi/aws/ec2';
import type { Input } from '@pulumi/pulumi';
import { type AwsComponentArgs, AwsParts } from '../core/aws-parts';
import type { LakeComponent } from '../core/lake-component';
import { type AwsAnalytics, type AwsVpn, addClientVpn, addPeering, addSiteVpn } from './aws-beyond';
import { type AwsEndpoints, type AwsService, addEndpoints } from './aws-endpoints';
import { type AwsLakeGroups, type AwsResearchGroups, AwsWays, addLakeGroups, addResearchGroups } from './aws-groups';
import { addLists } from './aws-lists';
import { type AwsNetworkName, refuseOverlaps } from './aws-plan';
import { type AwsLayoutName, type AwsVpc, addVpc } from './aws-vpc';

export interface AwsNetworkArgs extends AwsComponentArgs {
  /** IPv4 of the lake's network, 16 to 20 bits of prefix. @default 10.80.0.0/16 */
  readonly lakeRange?: string;
  /** IPv4 of the research network. @default 10.81.0.0/16 */
  readonly treRange?: string;
  /** Services each network has a way to, beside S3. */
  readonly services?: Readonly<Partial<Record<AwsNetworkName, readonly AwsService[]>>>;
  /** ARNs of buckets and access points that each network's way to S3 leads to. */
  readonly storeResources: Readonly<Record<AwsNetworkName, readonly string[]>>;
  /** ARNs of objects in AWS's own buckets that agents of a service fetch. @default none */
  readonly readable?: readonly string[];
  readonly logKeyArn: Input<string>;
  /** Days; one of CloudWatch's own figures. */
  readonly logRetentionDays: number;
  /** Resources of our own, or `awsx.ec2.Vpc` where accounts standardise on it. @default plain */
  readonly layout?: AwsLayoutName;
  readonly analytics?: AwsAnalytics;
  readonly vpn?: AwsVpn;
  /** Whether a crawler stands in the lake's network. @default false */
  readonly crawler?: boolean;
  /** Whether Amazon Quick Sight has a connection to the warehouse. @default false */
  readonly reports?: boolean;
  /** @default monitor */
  readonly encryption?: 'monitor' | 'enforce';
  /** Whether the account's own block of internet gateways is this stack's; one stack of a region sets it. @default true */
  readonly accountBlock?: boolean;
}

/** One of the two networks, as others stand in it. */
export interface AwsNetworkHome<Groups> extends AwsVpc {
  readonly groups: Groups;
  readonly endpoints: AwsEndpoints;
}

export interface AwsNetworkResult {
  readonly native: { readonly kind: 'aws' };
  readonly lake: AwsNetworkHome<AwsLakeGroups>;
  readonly tre: AwsNetworkHome<AwsResearchGroups>;
}

/** What the first functions, jobs and workspaces need. */
const usualServices: Readonly<Record<AwsNetworkName, readonly AwsService[]>> = {
  lake: ['kms', 'sns', 'lambda', 'secretsmanager', 'glue', 'logs', 'sts'],
  tre: ['kms', 'glue', 'logs', 'sts', 'redshift-data', 'secretsmanager', 'ssm', 'ssmmessages'],
};

/**
 * Two networks, lake and research, in two zones or more, without any gateway to the internet: what is inside reaches S3 and
 * the named services of this account, and the account itself refuses internet gateways.
 */
export function awsNetwork(component: LakeComponent, name: string, args: AwsNetworkArgs): AwsNetworkResult {
  const {
    lakeRange = '10.80.0.0/16',
    treRange = '10.81.0.0/16',
    analytics,
    vpn,
    encryption = 'monitor',
    layout = 'plain',
  } = args;
  const { logKeyArn, logRetentionDays, readable = [] } = args;
  const site = vpn?.kind === 'site' ? vpn.ranges : [];
  refuseOverlaps({
    lakeRange,
    treRange,
    ...(analytics === undefined ? {} : { 'analytics.range': analytics.range }),
    ...(vpn?.kind === 'client' ? { 'vpn.range': vpn.range } : {}),
    ...Object.fromEntries(site.map((range, index) => [`vpn.ranges[${index}]`, range])),
  });
  const parts = new AwsParts(component, name, args, { zone: 'network', classification: 'none' });
  if (args.accountBlock !== false)
    parts.add(VpcBlockPublicAccessOptions, 'account', { internetGatewayBlockMode: 'block-bidirectional' });

  const lake = addVpc(parts, {
    network: 'lake',
    range: lakeRange,
    place: { zone: 'lake', classification: 'none' },
    encryption,
    layout,
  });
  const tre = addVpc(parts, {
    network: 'tre',
    range: treRange,
    place: { zone: 'tre', classification: 'none' },
    encryption,
    layout,
  });
  const siteOf = (network: AwsNetworkName) => (vpn?.kind === 'site' && vpn.network === network ? vpn.ranges : []);
  addLists(parts, lake, tre, {
    lake: siteOf('lake'),
    tre: [
      ...siteOf('tre'),
      ...(analytics === undefined ? [] : [analytics.range]),
      // People of the client VPN come with an address of its interface in a workspaces' subnet.
      ...(vpn?.kind === 'client' ? tre.ranges.workspaces : []),
    ],
  });
  const endpointsOf = (network: AwsNetworkName, vpc: AwsVpc): AwsEndpoints =>
    addEndpoints(parts, vpc, {
      network,
      services: args.services?.[network] ?? usualServices[network],
      storeTiers: network === 'lake' ? ['lake', 'identity'] : ['workspaces', 'warehouse'],
      storeResources: args.storeResources[network],
      readable,
    });
  const lakeEndpoints = endpointsOf('lake', lake);
  const treEndpoints = endpointsOf('tre', tre);
  const lakeWays = new AwsWays(parts, 'lake', lake);
  const treWays = new AwsWays(parts, 'tre', tre);
  const lakeGroups = addLakeGroups(lakeWays, lakeEndpoints, args.crawler === true);
  const treGroups = addResearchGroups(treWays, treEndpoints, args.reports === true);
  if (analytics !== undefined) {
    treWays.openRange('analytics-to-warehouse', analytics.range, treGroups.warehouse, 5439);
    if (analytics.asked === true)
      treWays.openBeyond('warehouse-to-analytics', treGroups.warehouse, analytics.range, 5432);
    addPeering(parts, tre, analytics);
  }
  const api = lakeEndpoints.groups['execute-api'];
  siteOf('lake').forEach((range, index) => {
    if (api !== undefined) lakeWays.openRange(`site-${index + 1}-to-api`, range, api, 443);
  });
  siteOf('tre').forEach((range, index) => {
    treWays.openRange(`site-${index + 1}-to-warehouse`, range, treGroups.warehouse, 5439);
    treWays.openRange(`site-${index + 1}-to-workspaces`, range, treGroups.workspaces, 443);
  });
  const vpnLogs = { logKeyArn, logRetentionDays };
  if (vpn?.kind === 'site') addSiteVpn(parts, { lake, tre }[vpn.network], vpn, vpnLogs);
  if (vpn?.kind === 'client') {
    const people = treWays.group('people', 'People who come by the client VPN', {
      zone: 'tre',
      classification: 'none',
    });
    treWays.open('people-to-workspaces', people, treGroups.workspaces, 443);
    addClientVpn(parts, tre, vpn, vpnLogs, people);
  }
  parts.complete();
  return {
    native: { kind: 'aws' },
    lake: { ...lake, groups: lakeGroups, endpoints: lakeEndpoints },
    tre: { ...tre, groups: treGroups, endpoints: treEndpoints },
  };
}
