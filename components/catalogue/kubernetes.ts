import { Deployment } from '@pulumi/kubernetes/apps/v1';
import { Job } from '@pulumi/kubernetes/batch/v1';
import { ConfigMap, Secret, Service, ServiceAccount } from '@pulumi/kubernetes/core/v1';
import { all, interpolate, output, secret } from '@pulumi/pulumi';
import { KubernetesParts } from '../core/kubernetes-parts';
import { resourcesOf, restrictedContainer, serverPod } from '../core/kubernetes-pods';
import { openPath, permissionLabels, type Reach } from '../core/kubernetes-reach';
import type { KubernetesTarget } from '../core/kubernetes-target';
import type { LakeComponent } from '../core/lake-component';
import { nameOf } from '../core/naming';
import { gibibytes, mebibytes, millicores } from '../core/units';
import type { CatalogueArgs, CatalogueResult, OwnMetastore } from './catalogue-args';
import { hiveSite, metastoreDatabaseScript } from './hive-configuration';

export interface KubernetesCatalogue {
  readonly kind: 'kubernetes';
  /** Absent where the site's own metastore is used. */
  readonly server: Deployment | undefined;
}

const port = 9083;
/** `hive` in the official image. */
const hiveUser = 1000;
/** `postgres` in the official image; here it runs psql alone. */
const postgresUser = 999;
const labels = { 'app.kubernetes.io/name': 'hive-metastore' };
const serverName = 'hive-metastore';
const caFile = '/etc/hive-secrets/ca.pem';

export function kubernetesCatalogue(
  component: LakeComponent,
  name: string,
  args: CatalogueArgs,
): CatalogueResult<KubernetesCatalogue> {
  const { metastore, target, users } = args;
  const parts = new KubernetesParts(component, name, args, labels);
  const built =
    metastore.kind === 'existing'
      ? { server: undefined, host: metastore.host, port: metastore.port, reach: metastore.reach }
      : addServer(parts, target, metastore);
  openPath(parts, 'tables', built.reach, users);
  parts.complete();
  const { server, host, port: open } = built;
  return {
    native: { kind: 'kubernetes', server },
    home: { address: interpolate`thrift://${host}:${open}`, host, port: open },
  };
}

function addServer(parts: KubernetesParts, target: KubernetesTarget, own: OwnMetastore) {
  const { place: namespace } = own;
  const account = parts.add(ServiceAccount, 'account', {
    metadata: { name: serverName, namespace },
    automountServiceAccountToken: false,
  });
  const database = nameOf('database', own.prefix, 'metastore');
  const serviceAccountName = account.metadata.name;
  const job = databaseJob(parts, target, own, database, serviceAccountName);
  const configuration = parts.add(Secret, 'configuration', {
    metadata: { name: serverName, namespace },
    stringData: {
      'hive-site.xml': siteOf(own, database),
      ...(own.state.ca === undefined ? {} : { 'ca.pem': output(own.state.ca) }),
    },
  });
  const server = parts.add(
    Deployment,
    'server',
    {
      metadata: { name: serverName, namespace },
      spec: {
        replicas: 1,
        strategy: { type: 'Recreate' },
        selector: { matchLabels: labels },
        template: {
          metadata: { labels: { ...parts.labels, ...permissionLabels(['state', 'objectStore']) } },
          spec: {
            ...serverPod(target, serviceAccountName, hiveUser),
            volumes: [
              { name: 'configuration', secret: { secretName: configuration.metadata.name } },
              { name: 'temporary', emptyDir: { sizeLimit: '512Mi' } },
            ],
            containers: [
              {
                name: 'metastore',
                // The official image has no driver of PostgreSQL: give one that has (images.hiveMetastore).
                image: target.images('hiveMetastore'),
                env: [
                  { name: 'SERVICE_NAME', value: 'metastore' },
                  { name: 'DB_DRIVER', value: 'postgres' },
                  { name: 'HADOOP_CLIENT_OPTS', value: '-Xmx512m -Djava.io.tmpdir=/tmp' },
                ],
                ports: [{ name: 'thrift', containerPort: port }],
                readinessProbe: { tcpSocket: { port }, initialDelaySeconds: 10 },
                resources: resourcesOf({ memory: mebibytes(768), cpu: millicores(200), memoryLimit: gibibytes(1) }),
                securityContext: restrictedContainer(hiveUser),
                volumeMounts: [
                  {
                    name: 'configuration',
                    mountPath: '/opt/hive/conf/hive-site.xml',
                    subPath: 'hive-site.xml',
                    readOnly: true,
                  },
                  { name: 'configuration', mountPath: '/etc/hive-secrets', readOnly: true },
                  { name: 'temporary', mountPath: '/tmp' },
                ],
              },
            ],
          },
        },
      },
    },
    { dependsOn: [job] },
  );
  parts.add(Service, 'service', {
    metadata: { name: serverName, namespace },
    spec: { selector: labels, ports: [{ name: 'thrift', port, targetPort: port }] },
  });
  const reach: Reach = { kind: 'pods', place: namespace, labels, ports: [port] };
  return { server, host: interpolate`${serverName}.${namespace}.svc.cluster.local`, port, reach };
}

const siteOf = ({ state, password, objectStore, login }: OwnMetastore, database: string) =>
  secret(
    all([
      output(state.host),
      output(password),
      output(objectStore.endpoint),
      output(login.accessKeyId),
      output(login.secretAccessKey),
    ]).apply(([host, key, endpoint, accessKeyId, secretAccessKey]) =>
      hiveSite(
        {
          host,
          port: state.port,
          name: database,
          role: database,
          password: key,
          ...(state.ca === undefined ? {} : { caFile }),
        },
        objectStore,
        endpoint,
        { accessKeyId, secretAccessKey },
      ),
    ),
  );

function databaseJob(
  parts: KubernetesParts,
  target: KubernetesTarget,
  { place: namespace, state, administrator, password }: OwnMetastore,
  database: string,
  serviceAccountName: ReturnType<typeof interpolate>,
): Job {
  const credentials = parts.add(Secret, 'database-credentials', {
    metadata: { name: 'hive-metastore-database', namespace },
    stringData: {
      PGPASSWORD: output(administrator.password),
      METASTORE_PASSWORD: output(password),
      ...(state.ca === undefined ? {} : { 'ca.pem': output(state.ca) }),
    },
  });
  const script = parts.add(ConfigMap, 'database-script', {
    metadata: { name: 'hive-metastore-database', namespace },
    data: { 'database.sql': metastoreDatabaseScript(database, database) },
  });
  const secretName = credentials.metadata.name;
  const fromSecret = (key: string) => ({ name: key, valueFrom: { secretKeyRef: { name: secretName, key } } });
  const ssl =
    state.ca === undefined
      ? [{ name: 'PGSSLMODE', value: 'disable' }]
      : [
          { name: 'PGSSLMODE', value: 'verify-full' },
          { name: 'PGSSLROOTCERT', value: '/etc/database-secrets/ca.pem' },
        ];
  return parts.add(Job, 'database', {
    metadata: { name: 'hive-metastore-database', namespace },
    spec: {
      backoffLimit: 6,
      template: {
        metadata: {
          labels: {
            ...parts.labels,
            'app.kubernetes.io/name': 'hive-metastore-database',
            ...permissionLabels(['state']),
          },
        },
        spec: {
          restartPolicy: 'OnFailure',
          ...serverPod(target, serviceAccountName, postgresUser),
          volumes: [
            { name: 'script', configMap: { name: script.metadata.name } },
            { name: 'secrets', secret: { secretName } },
          ],
          containers: [
            {
              name: 'psql',
              image: target.images('postgres'),
              command: ['psql', '-v', 'ON_ERROR_STOP=1', '-f', '/etc/database/database.sql'],
              env: [
                { name: 'PGHOST', value: output(state.host) },
                { name: 'PGPORT', value: String(state.port) },
                { name: 'PGUSER', value: administrator.user },
                { name: 'PGDATABASE', value: 'postgres' },
                ...['PGPASSWORD', 'METASTORE_PASSWORD'].map(fromSecret),
                ...ssl,
              ],
              resources: resourcesOf({ memory: mebibytes(32), cpu: millicores(25), memoryLimit: mebibytes(128) }),
              securityContext: restrictedContainer(postgresUser),
              volumeMounts: [
                { name: 'script', mountPath: '/etc/database', readOnly: true },
                { name: 'secrets', mountPath: '/etc/database-secrets', readOnly: true },
              ],
            },
          ],
        },
      },
    },
  });
}
