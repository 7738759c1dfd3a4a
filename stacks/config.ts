import { Config, runtime } from '@pulumi/pulumi';
import { imageNames } from '../components/core/kubernetes-images';
import { checkDeclaredProviders, declaredProviderForm } from '../functions/provider-access/declared-providers';
import { backupSettings, checkBackup } from './backup-settings';
import {
  type ConfigSource,
  choice,
  digestsOf,
  listOf,
  mapOf,
  matching,
  optional,
  parsed,
  readSettings,
  type Settings,
  secretText,
  wholeNumber,
} from './config-schema';
import { checkNames, checkOperators, networkSettings } from './network-settings';
import { checkPlatform, platformSettings } from './platform-settings';
import { retentionSettings } from './retention-settings';
import { cidr, hostName, inNamespace, origin } from './site-places';
import { checkSpark, sparkSettings } from './spark-settings';
import { checkTokens, tokenSettings } from './token-settings';
import { checkWarehouse, warehouseSettings } from './warehouse-settings';

const label = /^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$/;
const image = /^[^\s:@/]+(:[0-9]+)?(\/[^\s:@]+)+(:[\w.-]+)?(@sha256:[0-9a-f]{64})?$/;

/** Every setting of a stack. docs/configuration.md is generated from it. */
export const schema = {
  target: {
    ...choice(['kubernetes'], 'Where the lake is deployed.', 'kubernetes'),
    // With aws the settings are those of aws-settings.ts.
    allowed: 'kubernetes, aws',
  },
  environment: choice(
    ['production', 'development'],
    'Production refuses servers on one volume, a static seal and plain HTTP.',
    'production',
  ),
  name: matching(
    label,
    'a word of at most 20 of a-z, 0-9 and -',
    'Begins the names of namespaces, buckets and databases.',
    'lake',
  ),
  domain: matching(
    hostName,
    'a host name',
    "The cluster's domain for Knative services: senders reach ingest.NAMESPACE.DOMAIN.",
  ),
  scheme: choice(['https', 'http'], 'How senders reach the lake; https ends at the gateway.', 'https'),
  requestsPerMinute: wholeNumber(1, 1_000_000, 'Requests a provider may make in a minute.', 6000),
  ingestPods: wholeNumber(1, 100, 'The most pods of the ingestion API at one time.', 10),
  kubeContext: optional(
    matching(/^\S+$/, 'the name of a context', 'Context of the kubeconfig; its current one when absent.'),
  ),
  apiServerCidrs: listOf(
    cidr,
    'a CIDR range of /8 or longer',
    'Where pods find the API server: its address and its service address.',
  ),
  storageClass: optional(
    matching(hostName, 'a name', "Storage class of the volumes; the cluster's default when absent."),
  ),
  imageRegistry: optional(
    matching(/^[^\s/]+(\/[^\s]+)?$/, 'a host, with a path if need be', 'Mirror that serves every image (air gap).'),
  ),
  images: mapOf(
    imageNames,
    image,
    'an image reference with a tag or a digest',
    'Whole references of single images; `lake` is required.',
  ),
  imageDigests: digestsOf(
    image,
    'The digest of each image by its reference, as `lake stack lock` writes them; an image without one is run by its tag.',
  ),
  providers: parsed(
    checkDeclaredProviders,
    `a list, each item ${declaredProviderForm}`,
    'Who may send; the register of the lake becomes this list at every deployment. `lake provider key` makes a key pair.',
    [],
  ),
  deploymentSecret: secretText(
    '32 characters or more',
    'The root of every password and key that the stack makes itself.',
  ),
  objectStore: choice(
    ['existing', 'versitygw'],
    "The site's own S3 endpoint, or a server for development.",
    'existing',
  ),
  objectStoreEndpoint: optional(matching(origin, 'an origin such as https://s3.example.nhs.uk', 'The S3 endpoint.')),
  objectStoreRegion: matching(/^[a-z0-9-]+$/, 'a name of a-z, 0-9 and -', 'Its region.', 'eu-west-2'),
  objectStoreCidrs: listOf(cidr, 'a CIDR range of /8 or longer', 'Where it is, for the network policies.', []),
  objectStoreCredentials: optional(
    matching(
      inNamespace,
      'NAMESPACE/NAME',
      'A Secret with `FUNCTION.accessKeyId` and `FUNCTION.secretAccessKey` for each function.',
    ),
  ),
  auditLockDays: wholeNumber(
    0,
    3653,
    "Days for which nobody can delete an audit record. The object store needs Object Lock: a site's own endpoint has the audit bucket made with it. 0 is without a lock, for development.",
    3653,
  ),
  stateDatabase: choice(
    ['cloudnativepg', 'existing', 'plain'],
    'How PostgreSQL comes to be; plain is for development.',
    'cloudnativepg',
  ),
  stateDatabaseInstances: wholeNumber(1, 9, 'Instances of the CloudNativePG cluster.', 3),
  stateDatabaseOperator: matching(label, 'a namespace', 'Where the CloudNativePG operator runs.', 'cnpg-system'),
  stateDatabaseHost: optional(matching(hostName, 'a host name', 'The existing server.')),
  stateDatabasePort: wholeNumber(1, 65_535, 'Its port.', 5432),
  stateDatabaseCidrs: listOf(cidr, 'a CIDR range of /8 or longer', 'Where it is, for the network policies.', []),
  stateDatabaseCredentials: optional(
    matching(
      inNamespace,
      'NAMESPACE/NAME',
      'A Secret with the `password` of its role postgres, and `ca.crt` of the server.',
    ),
  ),
  keyRing: choice(['existing', 'openbao'], "The site's own OpenBao, or a server for development.", 'existing'),
  keyRingAddress: optional(
    matching(origin, 'an origin such as https://bao.example.nhs.uk:8200', 'The existing OpenBao.'),
  ),
  keyRingCidrs: listOf(cidr, 'a CIDR range of /8 or longer', 'Where it is, for the network policies.', []),
  events: choice(['direct', 'broker'], 'Events go to the functions themselves, or through a Knative broker.', 'direct'),
  brokerClass: matching(/^\w+$/, 'the class of a broker', 'Which broker Knative Eventing makes.', 'Kafka'),
  brokerIngress: matching(
    origin,
    'an origin',
    'Where that class of broker takes events.',
    'http://kafka-broker-ingress.knative-eventing.svc.cluster.local',
  ),
  deadLetterSink: optional(matching(origin, 'an origin', 'Where a broker puts events that no attempt delivered.')),
  volumeGibibytes: wholeNumber(1, 16_384, 'Size of each volume of the servers that the stack brings.', 20),
  ...tokenSettings,
  ...networkSettings,
  ...warehouseSettings,
  ...sparkSettings,
  ...platformSettings,
  ...backupSettings,
  ...retentionSettings,
} as const;

export type LakeConfig = Settings<typeof schema>;

/** What only several values together show. */
function checkTogether(config: LakeConfig): readonly string[] {
  const problems: string[] = [];
  const need = (key: keyof LakeConfig, because: string): void => {
    const value = config[key];
    if (value === undefined || (Array.isArray(value) && value.length === 0))
      problems.push(`${key}: missing; it is needed because ${because}; allowed: ${schema[key].allowed}`);
  };
  const refuse = (key: keyof LakeConfig, value: string, instead: string): void => {
    if (config[key] === value)
      problems.push(
        `${key}: ${JSON.stringify(value)}; allowed in production: ${instead}, or set environment to development`,
      );
  };
  if (config.images.lake === undefined)
    problems.push('images: no key lake; allowed: the full reference of your image of the lake');
  if (config.objectStore === 'existing') {
    for (const key of ['objectStoreEndpoint', 'objectStoreCidrs', 'objectStoreCredentials'] as const)
      need(key, 'objectStore is existing');
  }
  if (config.stateDatabase === 'existing') {
    for (const key of ['stateDatabaseHost', 'stateDatabaseCidrs', 'stateDatabaseCredentials'] as const)
      need(key, 'stateDatabase is existing');
  }
  if (config.keyRing === 'existing') {
    for (const key of ['keyRingAddress', 'keyRingCidrs'] as const) need(key, 'keyRing is existing');
  }
  if (config.events === 'broker') need('deadLetterSink', 'events is broker');
  problems.push(
    ...checkTokens(config),
    ...checkNames(config),
    ...checkOperators(config),
    ...checkWarehouse(config),
    ...checkSpark(config),
    ...checkPlatform(config),
    ...checkBackup(config),
  );
  if (config.environment === 'production') {
    refuse('resolver', 'cluster', 'own');
    refuse('scheme', 'http', 'https');
    refuse('objectStore', 'versitygw', 'existing');
    refuse('stateDatabase', 'plain', 'cloudnativepg, existing');
    refuse('keyRing', 'openbao', 'existing');
    if (config.auditLockDays === 0)
      problems.push('auditLockDays: 0; allowed in production: a whole number from 1 to 3653');
    for (const key of ['objectStoreEndpoint', 'keyRingAddress'] as const) {
      if (config[key]?.startsWith('http:'))
        problems.push(`${key}: ${JSON.stringify(config[key])}; allowed in production: an https origin`);
    }
  }
  return problems;
}

/** @throws ConfigError with everything that is wrong. */
export const readConfig = (source: ConfigSource): LakeConfig => readSettings(schema, source, checkTogether);

/** The configuration of the stack that is being deployed. */
export function pulumiConfig(): ConfigSource {
  const config = new Config();
  const prefix = `${config.name}:`;
  return {
    keys: () =>
      Object.keys(runtime.allConfig())
        .filter((key) => key.startsWith(prefix))
        .map((key) => key.slice(prefix.length)),
    text: (key) => config.get(key),
    secret: (key) => config.getSecret(key),
  };
}
