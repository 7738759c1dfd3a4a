import { Provider } from '@pulumi/aws/provider';
import { backupRoleArn } from '../components/backup/aws';
import type { AwsPlace, AwsTarget } from '../components/core/aws-target';
import type { StoreUsers } from '../components/key-ring/aws-key-policy';
import type { AwsAnalytics, AwsVpn } from '../components/network/aws-beyond';
import type { AwsService } from '../components/network/aws-endpoints';
import { backupManifest } from '../functions/backup/manifest';
import type { Zone } from '../functions/manifest';
import type { AwsConfig } from './aws-settings';

/** The account and whose it is, as the settings say. */
export function placeOf(config: AwsConfig): Omit<AwsPlace, 'stack'> {
  const { accountId, region, name, owner, costCentre, environment, breakGlass, boundary } = config;
  const [first, second, ...others] = config.zones;
  const [deployer, ...deployers] = config.deployers;
  if (first === undefined || second === undefined || deployer === undefined)
    throw new RangeError('zones, deployers: the settings were not checked.');
  return {
    ...{ accountId, region, name, owner, costCentre, environment, breakGlass },
    zones: [first, second, ...others],
    deployers: [deployer, ...deployers],
    ...(boundary === undefined ? {} : { boundary }),
  };
}

/** Ways of the lake's network, and one to its own API for those who come by a link or a tunnel. */
export const privateServices: readonly AwsService[] = [
  'kms',
  'sns',
  'lambda',
  'secretsmanager',
  'glue',
  'logs',
  'sts',
  'execute-api',
];

/** Who is beyond the networks: the analytics team, the site's own gateway or its people. */
export function beyondOf(config: AwsConfig): { readonly analytics?: AwsAnalytics; readonly vpn?: AwsVpn } {
  const { analyticsVpc: vpcId, analyticsAccount: accountId, analyticsRange: range, vpnGateway: gateway } = config;
  const accepter = accepterOf(config);
  const analytics =
    vpcId === undefined || accountId === undefined || range === undefined
      ? undefined
      : {
          ...{ vpcId, accountId, range, asked: config.federation !== undefined },
          ...(accepter === undefined ? {} : { accepter }),
        };
  const vpn: AwsVpn | undefined =
    gateway === undefined
      ? config.vpnPeople && { kind: 'client', ...config.vpnPeople }
      : { kind: 'site', network: 'lake', gateway, asn: config.vpnAsn, ranges: config.vpnRanges };
  return { ...(analytics === undefined ? {} : { analytics }), ...(vpn === undefined ? {} : { vpn }) };
}

/** Acts in the account of the analytics team, and in no other. */
const accepterOf = ({ region, analyticsRole, analyticsAccount }: AwsConfig): Provider | undefined =>
  analyticsRole === undefined || analyticsAccount === undefined
    ? undefined
    : new Provider('aws-analytics', {
        region,
        allowedAccountIds: [analyticsAccount],
        assumeRoles: [{ roleArn: analyticsRole, sessionName: 'lake-peering' }],
      });

/** The zones that are copied, as the backup's manifest says. */
export const copiedZones: readonly Zone[] = Object.values(backupManifest.uses).map(({ zone }) => zone);

/** The role of backups reads what it copies, and puts it back at a restore. */
export const copied = (target: AwsTarget): Readonly<Partial<Record<Zone, StoreUsers>>> => {
  const role = backupRoleArn(target);
  return Object.fromEntries(copiedZones.map((zone) => [zone, { readers: [role], writers: [role] }]));
};
