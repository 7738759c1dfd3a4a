import { CustomResource } from '@pulumi/kubernetes/apiextensions';
import { StatefulSet } from '@pulumi/kubernetes/apps/v1';
import { Secret, Service, ServiceAccount } from '@pulumi/kubernetes/core/v1';
import { NetworkPolicy } from '@pulumi/kubernetes/networking/v1';
import { interpolate, type Output, output } from '@pulumi/pulumi';
import { KubernetesParts } from '../core/kubernetes-parts';
import { resourcesOf, restrictedContainer, serverPod, volumeClaim } from '../core/kubernetes-pods';
import { apiServerRule, clusterNames, namesRule, openPath } from '../core/kubernetes-reach';
import type { LakeComponent } from '../core/lake-component';
import { nameOf } from '../core/naming';
import { mebibytes, memoryText, millicores } from '../core/units';
import type { StateHome } from '../function/function-args';
import { archiveOf, archivePlugins, scheduledBackup } from './kubernetes-archive';
import type { StateDatabaseArgs, StateDatabaseResult, StateServer } from './state-database-args';

export interface KubernetesStateDatabase {
  readonly kind: 'kubernetes';
  /** Absent where the site's own server is used. */
  readonly server: StatefulSet | CustomResource | undefined;
}

const port = 5432;
/** `postgres` in the official image (Debian). */
const user = 999;
const labels = { 'app.kubernetes.io/name': 'state-database' };
const serverName = 'state-database';

export function kubernetesStateDatabase(
  component: LakeComponent,
  name: string,
  args: StateDatabaseArgs,
): StateDatabaseResult<KubernetesStateDatabase> {
  const parts = new KubernetesParts(component, name, args, labels);
  const databases = {
    lake: nameOf('database', args.prefix, 'lake'),
    identity: nameOf('database', args.prefix, 'identity'),
  };
  const built = serverOf(parts, args);
  parts.complete();
  return { native: { kind: 'kubernetes', server: built.server }, home: { ...built.home, databases } };
}

function serverOf(
  parts: KubernetesParts,
  args: StateDatabaseArgs,
): { readonly server: KubernetesStateDatabase['server']; readonly home: Omit<StateHome, 'databases'> } {
  const { server: wanted, place, users } = args;
  switch (wanted.kind) {
    case 'existing': {
      openPath(parts, 'state', wanted.reach, users);
      const { host, port: where, ca } = wanted;
      return { server: undefined, home: { host, port: where, ...(ca === undefined ? {} : { ca }) } };
    }
    case 'cloudnativepg': {
      // The operator labels its pods; they are reached by its read-write service.
      const reached = { 'cnpg.io/cluster': serverName };
      const archive = args.archive === undefined ? [] : [archiveOf(parts, place, reached, args.archive)];
      const server = cloudNativePg(parts, args, wanted, archive);
      if (args.archive !== undefined) scheduledBackup(parts, place, server, serverName, args.archive);
      openPath(parts, 'state', { kind: 'pods', place, labels: reached, ports: [port] }, users);
      letOperatorIn(parts, args, wanted.operatorNamespace, reached);
      // Known once the cluster is there; a preview before that does not ask for it.
      const made = Secret.get(
        'state-database-ca',
        server.id.apply((id) => `${id}-ca`),
        { parent: server, provider: args.target.provider },
      );
      const ca = made.data.apply((data) => Buffer.from(data?.['ca.crt'] ?? '', 'base64').toString('utf8'));
      return { server, home: { host: interpolate`${serverName}-rw.${place}.svc.cluster.local`, port, ca } };
    }
    case 'plain': {
      const server = plainServer(parts, args);
      openPath(parts, 'state', { kind: 'pods', place, labels, ports: [port] }, users);
      return { server, home: { host: interpolate`${serverName}.${place}.svc.cluster.local`, port } };
    }
  }
}

function administratorSecret(parts: KubernetesParts, { place, administrator }: StateDatabaseArgs): Output<string> {
  return parts.add(Secret, 'administrator', {
    metadata: { name: 'state-database-administrator', namespace: place },
    // The form CloudNativePG wants; the plain server reads the password alone.
    type: 'kubernetes.io/basic-auth',
    stringData: { username: administrator.user, password: output(administrator.password) },
  }).metadata.name;
}

function cloudNativePg(
  parts: KubernetesParts,
  args: StateDatabaseArgs,
  { instances }: Extract<StateServer, { kind: 'cloudnativepg' }>,
  archive: readonly CustomResource[],
): CustomResource {
  const { target, place, volume } = args;
  if (args.administrator.user !== 'postgres')
    throw new RangeError('administrator.user: CloudNativePG names its administrator postgres. Use that name.');
  const cluster = {
    apiVersion: 'postgresql.cnpg.io/v1',
    kind: 'Cluster',
    metadata: { name: serverName, namespace: place, annotations: { 'pulumi.com/waitFor': 'condition=Ready' } },
    spec: {
      // Named, or the operator takes its own default from its own registry.
      imageName: target.images('postgresCluster'),
      instances,
      enableSuperuserAccess: true,
      superuserSecret: { name: administratorSecret(parts, args) },
      storage: {
        size: memoryText(volume),
        ...(target.storageClass === undefined ? {} : { storageClass: target.storageClass }),
      },
      resources: resourcesOf({ memory: mebibytes(512), cpu: millicores(250) }),
      inheritedMetadata: { labels: parts.labels },
      // A commit is answered when a second instance has it too.
      ...(instances > 1 ? { minSyncReplicas: 1, maxSyncReplicas: instances - 1 } : {}),
      ...(archive.length === 0 ? {} : { plugins: archivePlugins }),
    },
  };
  return parts.add(CustomResource, 'server', cluster, { dependsOn: [...archive] });
}

/** Default-deny also shuts out the operator, which asks each instance for its state, and the instances from the API server. */
function letOperatorIn(
  parts: KubernetesParts,
  { place, target }: StateDatabaseArgs,
  operatorNamespace: string,
  matchLabels: Readonly<Record<string, string>>,
): void {
  const operator = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': operatorNamespace } } };
  const instances = { podSelector: { matchLabels } };
  const ports = [port, 8000].map((number) => ({ protocol: 'TCP', port: number }));
  parts.add(NetworkPolicy, 'operator', {
    metadata: { name: 'state-database-operator', namespace: place },
    spec: {
      podSelector: { matchLabels },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ from: [operator, instances], ports }],
      egress: [
        { to: [instances], ports },
        // The operator's kind has no field for a resolver: its instances ask the cluster's.
        ...(target.resolver === undefined ? [] : [namesRule(clusterNames)]),
        apiServerRule(target),
      ],
    },
  });
}

function plainServer(parts: KubernetesParts, args: StateDatabaseArgs): StatefulSet {
  const { place: namespace, target, volume, administrator } = args;
  const account = parts.add(ServiceAccount, 'account', {
    // As CloudNativePG names the one of its instances.
    metadata: { name: serverName, namespace },
    automountServiceAccountToken: false,
  });
  parts.add(Service, 'service', {
    metadata: { name: serverName, namespace },
    spec: { selector: labels, ports: [{ name: 'postgresql', port, targetPort: port }] },
  });
  const secretName = administratorSecret(parts, args);
  return parts.add(StatefulSet, 'server', {
    metadata: { name: serverName, namespace },
    spec: {
      serviceName: serverName,
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels: parts.labels },
        spec: {
          ...serverPod(target, account.metadata.name, user),
          volumes: [
            { name: 'administrator', secret: { secretName, items: [{ key: 'password', path: 'password' }] } },
            { name: 'run', emptyDir: { medium: 'Memory', sizeLimit: '16Mi' } },
            { name: 'temporary', emptyDir: { sizeLimit: '256Mi' } },
          ],
          containers: [
            {
              name: 'postgres',
              image: target.images('postgres'),
              env: [
                { name: 'POSTGRES_USER', value: administrator.user },
                { name: 'POSTGRES_PASSWORD_FILE', value: '/var/run/administrator/password' },
                { name: 'POSTGRES_INITDB_ARGS', value: '--auth=scram-sha-256 --data-checksums' },
                // Not the volume's root: a file system may keep a folder of its own there, and initdb refuses a full folder.
                { name: 'PGDATA', value: '/var/lib/postgresql/data/pgdata' },
              ],
              ports: [{ name: 'postgresql', containerPort: port }],
              readinessProbe: { exec: { command: ['pg_isready', '-h', '127.0.0.1', '-U', administrator.user] } },
              resources: resourcesOf({ memory: mebibytes(512), cpu: millicores(250) }),
              securityContext: restrictedContainer(user),
              volumeMounts: [
                { name: 'data', mountPath: '/var/lib/postgresql/data' },
                { name: 'administrator', mountPath: '/var/run/administrator', readOnly: true },
                { name: 'run', mountPath: '/var/run/postgresql' },
                { name: 'temporary', mountPath: '/tmp' },
              ],
            },
          ],
        },
      },
      volumeClaimTemplates: [volumeClaim(target, 'data', memoryText(volume))],
    },
  });
}
