import { isIP } from 'node:net';
import type { SiteNames } from '../components/network/network-args';
import { choice, listOf, matching, optional, type Settings } from './config-schema';

/** As a sign-in writes them: `nhs:lake-auditors`. Those of the cluster itself (`system:masters`) are not people of the lake. */
const groupName = /^(?!system:)[\w.:@/-]{1,120}$/;
const nameAndAddress = /^[a-z0-9][a-z0-9.-]*=[0-9a-f:.]+$/;

/** What guards the networks of a stack: who resolves names, which images run, who may look. */
export const networkSettings = {
  resolver: optional(
    choice(
      ['own', 'cluster'],
      "Who answers the lake's questions for names; own in production, cluster in development when absent. `own` answers internal names, forwards nothing, and needs Knative's features `kubernetes.podspec-dnspolicy` and `kubernetes.podspec-dnsconfig`.",
    ),
  ),
  siteNames: listOf(
    nameAndAddress,
    'NAME=ADDRESS',
    "Addresses of the site's own servers; the lake's resolver knows no other outside name.",
    [],
  ),
  furtherImageSources: listOf(
    /^[^\s/]+\/\S*$/,
    'the beginning of an image reference, with its host',
    'Images that operators put into the lake (queue-proxy, the instance manager of CloudNativePG); others are refused.',
    ['gcr.io/knative-releases/', 'ghcr.io/cloudnative-pg/'],
  ),
  logCollector: choice(
    ['site', 'vector'],
    "Who collects what pods write: the site's own collector, or one of the lake, into the locked audit bucket.",
    'site',
  ),
  platformEngineers: optional(
    matching(groupName, 'the name of a group', "The cluster's group of those who look after the lake."),
  ),
  operators: listOf(
    /^[a-z0-9]([a-z0-9-]{0,48}[a-z0-9])?=(?!system:)[\w.:@/-]{1,120}$/,
    'NAME=USER',
    "People who operate the lake (`lake … --stack`): the name in its audit, and the user of the cluster's sign-in.",
    [],
  ),
  auditors: optional(matching(groupName, 'the name of a group', 'The group of those who check its rules.')),
  researchers: optional(matching(groupName, 'the name of a group', 'The group of those who work in the TRE.')),
} as const;

type NetworkSettings = Settings<typeof networkSettings> & { readonly environment: 'production' | 'development' };

export const ownResolver = ({ resolver, environment }: NetworkSettings): boolean =>
  (resolver ?? (environment === 'production' ? 'own' : 'cluster')) === 'own';

export const siteNamesOf = ({ siteNames }: Pick<NetworkSettings, 'siteNames'>): SiteNames =>
  Object.fromEntries(siteNames.map((text) => text.split('=', 2) as [string, string]));

/** The people who operate the lake: user of the cluster's sign-in by the name in the audit. */
export const operatorsOf = ({ operators }: Pick<NetworkSettings, 'operators'>): Readonly<Record<string, string>> =>
  Object.fromEntries(operators.map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]));

/** Two names of one user would be the two people that a re-identification takes. */
export function checkOperators({ operators }: Pick<NetworkSettings, 'operators'>): readonly string[] {
  const users = Object.values(operatorsOf({ operators }));
  return new Set(users).size === operators.length
    ? []
    : ['operators: a name or a user stands twice; allowed: each person once, as one NAME=USER'];
}

interface SiteServers {
  readonly objectStoreEndpoint: string | undefined;
  readonly keyRingAddress: string | undefined;
  readonly keycloakIssuer: string | undefined;
  readonly backupEndpoint: string | undefined;
  readonly stateDatabaseHost: string | undefined;
  readonly metastoreHost: string | undefined;
}

/** With a resolver of its own the lake finds a server of the site only where its address is named. */
export function checkNames(config: NetworkSettings & SiteServers): readonly string[] {
  const names = siteNamesOf(config);
  const wrong = Object.entries(names).filter(([, address]) => isIP(address) === 0);
  const hostOf = (address: string | undefined): string | undefined =>
    address === undefined ? undefined : new URL(address).hostname;
  const hosts = {
    objectStoreEndpoint: hostOf(config.objectStoreEndpoint),
    keyRingAddress: hostOf(config.keyRingAddress),
    keycloakIssuer: hostOf(config.keycloakIssuer),
    backupEndpoint: hostOf(config.backupEndpoint),
    stateDatabaseHost: config.stateDatabaseHost,
    metastoreHost: config.metastoreHost,
  };
  const unknown = Object.entries(hosts).filter(
    ([, host]) =>
      host !== undefined && isIP(host) === 0 && !host.endsWith('.cluster.local') && names[host] === undefined,
  );
  return [
    ...wrong.map(([name]) => `siteNames: no address for ${name}; allowed: ${networkSettings.siteNames.allowed}`),
    ...(ownResolver(config) ? unknown : []).map(
      ([key, host]) =>
        `siteNames: no entry for ${host} (${key}); the lake's own resolver forwards nothing; allowed: ${networkSettings.siteNames.allowed}`,
    ),
  ];
}
