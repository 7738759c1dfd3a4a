import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { run, toolPath } from '../support/machine-tools';
import { purpose, writeMart } from '../support/written-mart';

const { assembleImage } = require('../../functions/hosts/knative/image.js') as {
  assembleImage(target: string): string;
};

/** The network of the cluster tool: this machine is its .0.1, the API server its .0.2. */
const network = process.env.LAKE_CLUSTER_NET ?? '10.213';
const hostAddress = `${network}.0.1`;
const postgresPort = 15_432;
const postgresFolders = [18, 17, 16, 15].map((version) => `/usr/lib/postgresql/${version}/bin`);
/** The mart of the site's own in the image: every condition, for research. */
export const researchMart = 'for_research';

/** The people who operate the lake: users of the cluster's sign-in by their names in its audit. */
export const operators = { ann: 'ann@site.example', ben: 'ben@site.example' } as const;

const cache = join(process.env.XDG_CACHE_HOME ?? join(process.env.HOME ?? '', '.cache'), 'lake-tools');

/** What is missing on this machine for the suite, in words; undefined when all is there. */
export function missingForCluster(): string | undefined {
  if (toolPath('cluster') === undefined) return 'the scripts that bring a cluster to this machine';
  if (process.getuid?.() !== 0) return 'the rights of root, which a node needs';
  if (!existsSync(kubectlFolder)) return 'the cluster (../shared/tools/cluster build all)';
  if (postgresFolders.every((folder) => !existsSync(folder))) return 'PostgreSQL';
  if (binaryOf('versitygw') === undefined || binaryOf('openbao') === undefined)
    return 'versitygw and OpenBao (../shared/tools/emulators install versitygw openbao)';
  return undefined;
}

/** Where the cluster's own kubectl is. */
export const kubectlFolder = join(cache, 'cluster', 'bin');

function binaryOf(name: 'versitygw' | 'openbao' | 'coredns'): string | undefined {
  if (name === 'coredns') return join(kubectlFolder, name);
  const file = { versitygw: 'versitygw', openbao: 'bao' }[name];
  const folder = readdirSync(cache).find((entry) => entry.startsWith(`${name}-`));
  return folder === undefined ? undefined : join(cache, folder, file);
}

const volume = (name: string, path: string): object => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name, labels: { site: 'test' } },
  spec: {
    capacity: { storage: '20Gi' },
    accessModes: ['ReadWriteOnce'],
    storageClassName: 'node-folder',
    persistentVolumeReclaimPolicy: 'Retain',
    local: { path },
    nodeAffinity: {
      required: {
        nodeSelectorTerms: [
          { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['lake-node'] }] },
        ],
      },
    },
  },
});

/**
 * A site as the lake meets one: a real cluster with one node and Knative, images in its store, volumes, and beside it a PostgreSQL
 * server with a certificate of its own authority.
 */
export class Site {
  readonly folder = mkdtempSync(join(tmpdir(), 'lake-site-'));
  readonly kubeconfig: string;
  readonly administrator = { user: 'postgres', password: randomBytes(12).toString('hex') };
  readonly stateDatabase = { host: hostAddress, port: postgresPort };
  /** Servers as programs of this machine. */
  readonly programs = { versitygw: binaryOf('versitygw')! };
  #postgres: ChildProcess | undefined;

  private constructor() {
    this.kubeconfig = run(toolPath('cluster')!, ['up', '--knative']).trim().split('\n').at(-1)!;
  }

  static async start(): Promise<Site> {
    const site = new Site();
    chmodSync(site.folder, 0o755);
    site.#loadImages();
    // What the lake's own resolver asks of Knative (docs/configuration.md).
    const features = { 'kubernetes.podspec-dnspolicy': 'enabled', 'kubernetes.podspec-dnsconfig': 'enabled' };
    const patch = JSON.stringify({ data: features });
    site.kubectl('patch', 'configmap', 'config-features', '-n', 'knative-serving', '--type=merge', '-p', patch);
    site.#makeVolumes();
    await site.#startPostgres();
    const authority = readFileSync(join(site.folder, 'postgres', 'ca.crt'), 'utf8');
    site.apply(
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'site' } },
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'lake-postgres', namespace: 'site' },
        stringData: { password: site.administrator.password, 'ca.crt': authority },
      },
    );
    return site;
  }

  get authority(): string {
    return readFileSync(join(this.folder, 'postgres', 'ca.crt'), 'utf8');
  }

  kubectl(...args: readonly string[]): string {
    return run(toolPath('cluster')!, ['kubectl', ...args]);
  }

  /** What somebody runs kubectl with who is signed in to the cluster as this user. */
  signedInAs(user: string): { readonly KUBECONFIG: string } {
    return { KUBECONFIG: run(toolPath('cluster')!, ['kubeconfig', '--user', user]).trim() };
  }

  json<Value = unknown>(...args: readonly string[]): Value {
    return JSON.parse(this.kubectl(...args, '-o', 'json')) as Value;
  }

  apply(...objects: readonly object[]): void {
    const list = { apiVersion: 'v1', kind: 'List', items: objects };
    run(toolPath('cluster')!, ['kubectl', 'apply', '-f', '-'], JSON.stringify(list));
  }

  /** Asks the API server whether it would take an object, every field of it; throws when it would not. */
  dryRun(object: object): void {
    const asking = ['kubectl', 'create', '--dry-run=server', '--validate=strict', '-f', '-'];
    run(toolPath('cluster')!, asking, JSON.stringify(object));
  }

  /** Sends access reviews; gives whether each was allowed. */
  review(reviews: readonly object[]): readonly boolean[] {
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: reviews });
    const decided = 'jsonpath={.status.allowed}{"\\n"}';
    const text = run(toolPath('cluster')!, ['kubectl', 'create', '-f', '-', '-o', decided], list);
    return text
      .trim()
      .split('\n')
      .map((line) => line === 'true');
  }

  /** The settings of a development stack here. */
  settings(): string {
    const apiServer = [`${network}.0.2/32`, `${this.clusterAddress('default', 'kubernetes')}/32`];
    return JSON.stringify({
      config: {
        'pulumi:disable-default-providers': ['kubernetes'],
        'nhs-data-lake:environment': 'development',
        'nhs-data-lake:domain': 'lake.local',
        'nhs-data-lake:scheme': 'http',
        'nhs-data-lake:apiServerCidrs': apiServer,
        'nhs-data-lake:images': {
          lake: 'dev.local/lake:1',
          versitygw: 'dev.local/versitygw:1',
          openbao: 'dev.local/openbao:1',
          coredns: 'dev.local/coredns:1',
        },
        'nhs-data-lake:resolver': 'own',
        'nhs-data-lake:objectStore': 'versitygw',
        'nhs-data-lake:keyRing': 'openbao',
        'nhs-data-lake:stateDatabase': 'existing',
        'nhs-data-lake:stateDatabaseHost': this.stateDatabase.host,
        'nhs-data-lake:stateDatabasePort': this.stateDatabase.port,
        'nhs-data-lake:stateDatabaseCidrs': [`${this.stateDatabase.host}/32`],
        'nhs-data-lake:stateDatabaseCredentials': 'site/lake-postgres',
        'nhs-data-lake:volumeGibibytes': 5,
        'nhs-data-lake:auditLockDays': 1,
        'nhs-data-lake:operators': Object.entries(operators).map(([name, user]) => `${name}=${user}`),
        'nhs-data-lake:retentionSchedule': '{}',
      },
    });
  }

  clusterAddress(namespace: string, service: string): string {
    return this.json<{ spec: { clusterIP: string } }>('get', 'service', '-n', namespace, service).spec.clusterIP;
  }

  stop(): void {
    this.#postgres?.kill('SIGINT');
    // Kept where someone looks at what a run left, or other work goes on in it.
    if (process.env.LAKE_KEEP_CLUSTER === undefined) run(toolPath('cluster')!, ['down']);
    else this.kubectl('delete', 'persistentvolume', '-l', 'site=test', '--wait=false');
    rmSync(this.folder, { recursive: true, force: true });
  }

  #loadImages(): void {
    const cluster = toolPath('cluster')!;
    const lake = assembleImage(join(this.folder, 'image'));
    // A site has marts of its own in its image.
    writeMart(join(lake, 'functions', 'marts', 'library'), researchMart, [purpose('research')]);
    run(cluster, [
      'load-image',
      'dev.local/lake:1',
      lake,
      '--base',
      'node',
      '--entrypoint',
      '/usr/bin/node',
      '/app/knative.js',
    ]);
    for (const name of ['versitygw', 'openbao', 'coredns'] as const) {
      const file = binaryOf(name)!;
      const root = join(this.folder, name);
      const inside = `/usr/local/bin/${file.slice(file.lastIndexOf('/') + 1)}`;
      mkdirSync(join(root, 'usr', 'local', 'bin'), { recursive: true });
      copyFileSync(file, join(root, inside));
      run(cluster, ['load-image', `dev.local/${name}:1`, root, '--entrypoint', inside]);
    }
  }

  /** The cluster has no provisioner: folders of the node stand for volumes. */
  #makeVolumes(): void {
    const folders = ['first', 'second'].map((name) => join(this.folder, 'volumes', name));
    for (const folder of folders) mkdirSync(folder, { recursive: true });
    this.apply(
      {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'StorageClass',
        metadata: { name: 'node-folder', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
        provisioner: 'kubernetes.io/no-provisioner',
        volumeBindingMode: 'WaitForFirstConsumer',
      },
      ...folders.map((folder, index) => volume(`folder-${randomBytes(4).toString('hex')}-${index}`, folder)),
    );
  }

  async #startPostgres(): Promise<void> {
    const folder = join(this.folder, 'postgres');
    mkdirSync(folder);
    const openssl = (...args: readonly string[]): string => run('openssl', args);
    const at = (name: string): string => join(folder, name);
    const keyPair = ['-newkey', 'rsa:2048', '-nodes'];
    openssl(
      'req',
      '-x509',
      ...keyPair,
      '-keyout',
      at('ca.key'),
      '-out',
      at('ca.crt'),
      '-days',
      '2',
      '-subj',
      '/CN=site authority',
    );
    openssl('req', ...keyPair, '-keyout', at('server.key'), '-out', at('server.csr'), '-subj', '/CN=site postgres');
    writeFileSync(at('names'), `subjectAltName=IP:${hostAddress}`);
    const signing = ['-CA', at('ca.crt'), '-CAkey', at('ca.key'), '-CAcreateserial', '-extfile', at('names')];
    openssl('x509', '-req', '-in', at('server.csr'), ...signing, '-out', at('server.crt'), '-days', '2');
    writeFileSync(at('password'), this.administrator.password);
    run('chown', ['-R', 'postgres', folder]);
    chmodSync(at('server.key'), 0o600);
    const programs = postgresFolders.find((one) => existsSync(one))!;
    // PostgreSQL refuses to run as root.
    const asPostgres = ['--reuid=postgres', '--regid=postgres', '--clear-groups'];
    const data = at('data');
    run('setpriv', [
      ...asPostgres,
      join(programs, 'initdb'),
      '-D',
      data,
      '-U',
      this.administrator.user,
      `--pwfile=${at('password')}`,
      '-A',
      'scram-sha-256',
    ]);
    appendFileSync(join(data, 'pg_hba.conf'), `hostssl all all ${network}.0.0/16 scram-sha-256\n`);
    const settings = {
      listen_addresses: hostAddress,
      port: String(postgresPort),
      unix_socket_directories: folder,
      fsync: 'off',
      ssl: 'on',
      ssl_cert_file: at('server.crt'),
      ssl_key_file: at('server.key'),
    };
    const options = Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
    this.#postgres = spawn('setpriv', [...asPostgres, join(programs, 'postgres'), '-D', data, ...options], {
      cwd: folder,
      stdio: 'ignore',
    });
    for (let wait = 0; wait < 400; wait += 1) {
      try {
        run(join(programs, 'pg_isready'), ['-q', '-h', hostAddress, '-p', String(postgresPort)]);
        return;
      } catch {
        await pause(200);
      }
    }
    throw new Error('PostgreSQL did not start.');
  }
}
