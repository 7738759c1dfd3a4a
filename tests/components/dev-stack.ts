import { output, secret } from '@pulumi/pulumi';
import type { ConfigSource } from '../../stacks/config-schema';

/** The settings of a development stack, as `pulumi config` would give them. */
export const devSettings: Readonly<Record<string, string>> = {
  environment: 'development',
  domain: 'lake.localhost',
  scheme: 'http',
  apiServerCidrs: '["10.96.0.1/32"]',
  images: '{"lake":"dev.local/lake:1"}',
  objectStore: 'versitygw',
  stateDatabase: 'plain',
  keyRing: 'openbao',
};

/** Everything that a stack can bring, on a development cluster. */
export const fullSettings: Readonly<Record<string, string>> = {
  ...devSettings,
  resolver: 'own',
  images:
    '{"lake":"dev.local/lake:1","workspace":"dev.local/workspace:1","hiveMetastore":"dev.local/hive-metastore:1"}',
  warehouse: 'trino',
  warehouseUsers: 'people/warehouse-users',
  certificateIssuer: 'site',
  peopleGateway: 'people',
  workspaces: '["flu","frailty"]',
  logCollector: 'vector',
};

/** Large runs beside everything else; they end, so they are not of what a stack always asks for. */
export const sparkStackSettings: Readonly<Record<string, string>> = {
  ...fullSettings,
  images: JSON.stringify({
    ...JSON.parse(fullSettings.images ?? ''),
    spark: `registry.example.nhs.uk/spark@sha256:${'5'.repeat(64)}`,
  }),
  sparkJobs: JSON.stringify([
    { name: 'measures', script: 'measures.py', arguments: ['--year', '2026'], longestMinutes: 90 },
    { name: 'cohorts', script: 'research/cohorts.py' },
  ]),
};

/** The settings of a site that brings its own servers. */
export const siteSettings: Readonly<Record<string, string>> = {
  domain: 'lake.example.nhs.uk',
  apiServerCidrs: '["192.0.2.10/32"]',
  images: '{"lake":"registry.example.nhs.uk/lake:1"}',
  objectStoreEndpoint: 'https://s3.example.nhs.uk',
  objectStoreCidrs: '["192.0.2.20/32"]',
  objectStoreCredentials: 'platform/lake-object-store',
  keyRingAddress: 'https://bao.example.nhs.uk:8200',
  keyRingCidrs: '["192.0.2.30/32"]',
  siteNames: '["s3.example.nhs.uk=192.0.2.20","bao.example.nhs.uk=192.0.2.30"]',
};

export const deploymentSecret = 'a secret of the deployment, long enough';

export const sourceOf = (settings: Readonly<Record<string, string>>, root = deploymentSecret): ConfigSource => ({
  keys: () => [...Object.keys(settings), 'deploymentSecret'],
  text: (key) => settings[key],
  secret: (key) => (key === 'deploymentSecret' ? secret(output(root)) : undefined),
});
