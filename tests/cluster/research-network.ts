import { setTimeout as pause } from 'node:timers/promises';
import { fullSettings } from '../components/dev-stack';
import { deploy, type Json, workloadsOf } from '../components/recorded-lake';
import { kindOf, type Recorded } from '../support/pulumi-mocks';
import type { Site } from './site';

interface ProbingPod {
  readonly account: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The research environment's network on the cluster. */
export interface ResearchNetwork {
  readonly namespace: string;
  readonly workspace: ProbingPod;
  readonly engine: ProbingPod;
  readonly engineAddress: string;
  readonly enginePort: number;
  /** Of the gateway that leads to the functions. */
  readonly functionsAddress: string;
  remove(): void;
}

const namespace = 'lake-tre';
const enginePort = 8443;

/** What the program makes of the research environment, but for its servers: no registry here has their images. */
const applied = new Set(['Namespace', 'NetworkPolicy', 'ServiceAccount', 'LimitRange', 'ResourceQuota']);

/**
 * Brings the network of the research environment to the cluster as the program of a whole stack renders it: its namespace and
 * accounts, and every network policy of any zone that names it. In place of its engine a server that takes connections.
 */
export async function researchNetwork(site: Site): Promise<ResearchNetwork> {
  const recorded = await deploy('apply', settingsOf(site), reads);
  const objects = recorded.filter((one) => applied.has(kindOf(one)) && concerns(one));
  const [first, ...rest] = [...objects].sort((one) => (kindOf(one) === 'Namespace' ? -1 : 1)).map(objectOf);
  site.apply(first!);
  site.apply(...rest);
  const template = (name: string) => workloadsOf(recorded.filter((one) => one.name === name))[0]!;
  const workspace = template('tre-flu-workspace');
  const engine = template('research-warehouse-server');
  site.apply(standIn(engine.labels));
  const podOf = (name: string, where: string) =>
    site.json<{ status: { podIP?: string } }>('get', 'pod', '-n', where, name).status.podIP;
  for (let wait = 0; podOf('engine', namespace) === undefined; wait += 1) {
    if (wait > 300) throw new Error('The stand-in of the engine got no address.');
    await pause(500);
  }
  site.kubectl('wait', '-n', namespace, 'pod/engine', '--for=condition=Ready', '--timeout=300s');
  return {
    namespace,
    workspace: { account: 'workspace', labels: workspace.labels },
    engine: { account: 'research-warehouse', labels: engine.labels },
    engineAddress: podOf('engine', namespace)!,
    enginePort,
    functionsAddress: site.clusterAddress('kourier-system', 'kourier-internal'),
    remove: () => void site.kubectl('delete', 'namespace', namespace, '--wait=true'),
  };
}

const objectOf = ({ type, inputs }: Recorded): object => {
  const [, group = '', kind] = /^kubernetes:(.+):(\w+)$/.exec(type) ?? [];
  const apiVersion = group.startsWith('core/') ? group.slice('core/'.length) : group;
  return { ...inputs, apiVersion: apiVersion.replace(/^networking\//, 'networking.k8s.io/'), kind };
};

function concerns({ inputs }: Recorded): boolean {
  const { name, namespace: place } = inputs.metadata as Json;
  if (name === namespace || place === namespace) return true;
  // The zones of logs and of the metastore are not on this cluster's stack.
  return ['lake-stores', 'lake-names'].includes(String(place)) && JSON.stringify(inputs.spec ?? {}).includes(namespace);
}

function settingsOf(site: Site): Readonly<Record<string, string>> {
  const { config } = JSON.parse(site.settings()) as { readonly config: Readonly<Record<string, unknown>> };
  const own = Object.entries(config).flatMap(([key, value]) => {
    const name = /^nhs-data-lake:(\w+)$/.exec(key)?.[1];
    return name === undefined ? [] : [[name, typeof value === 'string' ? value : JSON.stringify(value)]];
  });
  const settings = Object.fromEntries(own) as Record<string, string>;
  const { warehouse, warehouseUsers, certificateIssuer, peopleGateway, workspaces } = fullSettings;
  const research = { warehouse, warehouseUsers, certificateIssuer, peopleGateway, workspaces } as Record<
    string,
    string
  >;
  const images = { ...JSON.parse(fullSettings.images!), ...JSON.parse(settings.images!) };
  return { ...settings, ...research, images: JSON.stringify(images) };
}

const value = Buffer.from('value').toString('base64');
const reads = {
  'state-database-credentials': { data: { password: value, 'ca.crt': value } },
  'users-of-warehouse': { data: { 'password.db': value, 'group.db': value } },
};

const server = `require('node:net').createServer((socket) => socket.end()).listen(${enginePort});`;

const standIn = (labels: Readonly<Record<string, string>>): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'engine', namespace, labels },
  spec: {
    serviceAccountName: 'research-warehouse',
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 1,
    containers: [
      {
        name: 'engine',
        image: 'dev.local/lake:1',
        imagePullPolicy: 'IfNotPresent',
        command: ['/usr/bin/node', '-e', server],
        resources: { requests: { memory: '64Mi', cpu: '50m' }, limits: { memory: '128Mi' } },
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 65532,
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
          seccompProfile: { type: 'RuntimeDefault' },
        },
      },
    ],
  },
});
