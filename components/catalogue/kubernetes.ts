import { Deployment } from '@pulumi/kubernetes/apps/v1';
import { Job } from '@pulumi/kubernetes/batch/v1';
import { ConfigMap, Secret, Service, ServiceAccount } from '@pulumi/kubernetes/core/v1';
import { all, interpolate, output, secret } from '@pulumi/pulumi';
import { KubernetesParts } from '../core/kubernetes-parts';
import { resourcesOf, restrictedContainer, serverPod } from '../core/kubernetes-pods';
import { openPath, permissionLabels } from '../core/kubernetes-reach';
import type { LakeComponent } from '../core/lake-component';
import { nameOf } from '../core/naming';
import { gibibytes, mebibytes, millicores } from '../core/units';
import type { CatalogueArgs, CatalogueResult } from './catalogue-args';
import { hiveSite, metastoreDatabaseScript } from './hive-configuration';

export interface KubernetesCatalogue {
  readonly kind: 'kubernetes';
  readonly server: Deployment;
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
  const { place: namespace, target } = args;
  const parts = new KubernetesParts(component, name, args, labels);
  const account = parts.add(ServiceAccount, 'account', {
    metadata: { name: serverName, namespace },
    automountServiceAccountToken: false,
  });
  const database = nameOf('database', args.prefix, 'metastore');
  const serviceAccountName = account.metadata.name;
  const job = databaseJob(parts, args, database, serviceAccountName);
  const configuration = parts.add(Secret, 'configuration', {
    metadata: { name: serverName, namespace },
    stringData: {
      'hive-site.xml': siteOf(args, database),
      ...(args.state.ca === undefined ? {} : { 'ca.pem': output(args.state.ca) }),
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
  openPath(parts, 'tables', { kind: 'pods', place: namespace, labels, ports: [port] }, args.users);
  parts.complete();
  const host = interpolate`${serverName}.${namespace}.svc.cluster.local`;
  return {
    native: { kind: 'kubernetes', server },
    home: { address: interpolate`thrift://${host}:${port}`, host, port },
  };
}

const siteOf = ({ state, password, objectStore, login }: CatalogueArgs, database: string) =>
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
  { place: namespace, target, state, administrator, password }: CatalogueArgs,
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
