import { Secret } from '@pulumi/kubernetes/core/v1';
import { Provider } from '@pulumi/kubernetes/provider';
import { getStack, type Output, secret } from '@pulumi/pulumi';
import { imageSources, imagesFrom } from '../../components/core/kubernetes-images';
import type { Reach } from '../../components/core/kubernetes-reach';
import type { KubernetesTarget } from '../../components/core/kubernetes-target';
import { nameOf } from '../../components/core/naming';
import type { StateServer } from '../../components/state-database/state-database-args';
import type { LakeConfig } from '../config';
import type { SiteParts } from '../site-parts';

/** A cluster as the kubeconfig names it, with an explicit provider; what the site has already is read from its Secrets. */
export function kubernetesSite(config: LakeConfig): SiteParts {
  const provider = new Provider('cluster', {
    ...(config.kubeContext === undefined ? {} : { context: config.kubeContext }),
    enableServerSideApply: true,
  });
  const target: KubernetesTarget = {
    kind: 'kubernetes',
    provider,
    instance: nameOf('label', config.name, getStack()),
    images: imagesFrom(config.imageRegistry, config.images, config.imageDigests),
    imageSources: [
      ...imageSources(config.imageRegistry, config.images),
      ...config.furtherImageSources,
      // Loaded into the nodes, never pulled: no registry has this name.
      ...(config.environment === 'development' ? ['dev.local/'] : []),
    ],
    storageClass: config.storageClass,
    apiServerCidrs: config.apiServerCidrs,
  };
  const read = (name: string, place: string): SecretReader => new SecretReader(name, place, provider);
  return {
    target,
    ...objectStoreOf(config, read),
    ...stateOf(config, read),
    keyRing: keyRingOf(config),
    warehouseUsers: warehouseUsersOf(config, read),
    metastore: metastoreOf(config),
    archive: archiveOf(config, read),
  };
}

/** The values of one Secret of the site; they stay secret in the state. */
class SecretReader {
  readonly #data: Output<Record<string, string>>;

  constructor(name: string, place: string, provider: Provider) {
    this.#data = secret(Secret.get(name, place, { provider }).data);
  }

  value(key: string, place: string): Output<string> {
    return this.#data.apply((data) => {
      const value = data?.[key];
      if (value === undefined)
        throw new RangeError(`The Secret ${place} has no key ${key}. Add it, then deploy again.`);
      return Buffer.from(value, 'base64').toString('utf8');
    });
  }
}

type Read = (name: string, place: string) => SecretReader;

const portOf = (address: string): number => {
  const { port, protocol } = new URL(address);
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
};

const rangesOf = (cidrs: readonly string[], port: number): Reach => ({ kind: 'ranges', cidrs, ports: [port] });

function objectStoreOf(config: LakeConfig, read: Read): Pick<SiteParts, 'objectStore'> {
  const { objectStoreEndpoint: endpoint, objectStoreCredentials: place } = config;
  if (config.objectStore !== 'existing' || endpoint === undefined || place === undefined)
    return { objectStore: undefined };
  const credentials = read('object-store-credentials', place);
  return {
    objectStore: {
      existing: {
        endpoint,
        region: config.objectStoreRegion,
        reach: rangesOf(config.objectStoreCidrs, portOf(endpoint)),
      },
      loginOf: (name) => ({
        accessKeyId: credentials.value(`${name}.accessKeyId`, place),
        secretAccessKey: credentials.value(`${name}.secretAccessKey`, place),
      }),
    },
  };
}

function stateOf(config: LakeConfig, read: Read): Pick<SiteParts, 'stateServer' | 'stateAdministrator'> {
  if (config.stateDatabase === 'plain') return { stateServer: { kind: 'plain' }, stateAdministrator: undefined };
  const { stateDatabaseHost: host, stateDatabaseCredentials: place, stateDatabasePort: port } = config;
  if (config.stateDatabase === 'cloudnativepg' || host === undefined || place === undefined) {
    const stateServer: StateServer = {
      kind: 'cloudnativepg',
      instances: config.stateDatabaseInstances,
      operatorNamespace: config.stateDatabaseOperator,
    };
    return { stateServer, stateAdministrator: undefined };
  }
  const credentials = read('state-database-credentials', place);
  return {
    stateServer: {
      kind: 'existing',
      host,
      port,
      ca: credentials.value('ca.crt', place),
      reach: rangesOf(config.stateDatabaseCidrs, port),
    },
    stateAdministrator: { user: 'postgres', password: credentials.value('password', place) },
  };
}

function archiveOf(config: LakeConfig, read: Read): SiteParts['archive'] {
  const { backupEndpoint: endpoint, backupRegion: region, backupBucket: bucket, backupCredentials: place } = config;
  if (endpoint === undefined || bucket === undefined || place === undefined) return undefined;
  const credentials = read('archive-credentials', place);
  return {
    endpoint,
    region,
    bucket,
    login: {
      accessKeyId: credentials.value('accessKeyId', place),
      secretAccessKey: credentials.value('secretAccessKey', place),
    },
    reach: rangesOf(config.backupCidrs, portOf(endpoint)),
    schedule: config.backupSchedule,
  };
}

function warehouseUsersOf({ warehouse, warehouseUsers: place }: LakeConfig, read: Read): SiteParts['warehouseUsers'] {
  if (warehouse !== 'trino' || place === undefined) return undefined;
  const users = read('users-of-warehouse', place);
  return { passwords: users.value('password.db', place), groups: users.value('group.db', place) };
}

function metastoreOf({ metastoreHost: host, metastorePort: port, metastoreCidrs }: LakeConfig): SiteParts['metastore'] {
  return host === undefined ? undefined : { kind: 'existing', host, port, reach: rangesOf(metastoreCidrs, port) };
}

function keyRingOf({ keyRing, keyRingAddress, keyRingCidrs }: LakeConfig): SiteParts['keyRing'] {
  if (keyRing !== 'existing' || keyRingAddress === undefined) return undefined;
  return { address: keyRingAddress, reach: rangesOf(keyRingCidrs, portOf(keyRingAddress)) };
}
