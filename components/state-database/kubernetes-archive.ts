import { CustomResource } from '@pulumi/kubernetes/apiextensions';
import { Secret } from '@pulumi/kubernetes/core/v1';
import { NetworkPolicy } from '@pulumi/kubernetes/networking/v1';
import { type Input, output } from '@pulumi/pulumi';
import type { Archive } from '../core/archive';
import type { KubernetesParts, Labels } from '../core/kubernetes-parts';
import { peersOf, portsOf } from '../core/kubernetes-reach';

const archiveName = 'state-database-archive';
/** Barman Cloud as a plugin: CloudNativePG's own support for object stores is deprecated since 1.26. */
const plugin = 'barman-cloud.cloudnative-pg.io';

/** What the cluster of CloudNativePG names: every change of the databases goes to the archive as it happens. */
export const archivePlugins = [{ name: plugin, isWALArchiver: true, parameters: { barmanObjectName: archiveName } }];

/** The archive itself and the way to it; the cluster waits for it. */
export function archiveOf(
  parts: KubernetesParts,
  namespace: Input<string>,
  instances: Labels,
  { endpoint, bucket, login, reach }: Archive,
): CustomResource {
  const secret = parts.add(Secret, 'archive-credentials', {
    metadata: { name: archiveName, namespace },
    stringData: { accessKeyId: output(login.accessKeyId), secretAccessKey: output(login.secretAccessKey) },
  });
  const from = (key: string) => ({ name: secret.metadata.name, key });
  parts.add(NetworkPolicy, 'archive-path', {
    metadata: { name: archiveName, namespace },
    spec: {
      podSelector: { matchLabels: instances },
      policyTypes: ['Egress'],
      egress: [{ to: peersOf(reach), ports: portsOf(reach) }],
    },
  });
  return parts.add(CustomResource, 'archive', {
    apiVersion: 'barmancloud.cnpg.io/v1',
    kind: 'ObjectStore',
    metadata: { name: archiveName, namespace },
    spec: {
      retentionPolicy: '30d',
      configuration: {
        destinationPath: `s3://${bucket}/state-database/`,
        endpointURL: endpoint,
        s3Credentials: { accessKeyId: from('accessKeyId'), secretAccessKey: from('secretAccessKey') },
        wal: { compression: 'gzip' },
        data: { compression: 'gzip' },
      },
    },
  });
}

/** Whole copies at a schedule, from which the changes go on. */
export function scheduledBackup(
  parts: KubernetesParts,
  namespace: Input<string>,
  cluster: CustomResource,
  clusterName: string,
  { schedule }: Archive,
): void {
  parts.add(
    CustomResource,
    'scheduled-backup',
    {
      apiVersion: 'postgresql.cnpg.io/v1',
      kind: 'ScheduledBackup',
      metadata: { name: clusterName, namespace },
      spec: {
        // Its cron begins with seconds.
        schedule: `0 ${schedule}`,
        immediate: true,
        backupOwnerReference: 'cluster',
        cluster: { name: clusterName },
        method: 'plugin',
        pluginConfiguration: { name: plugin },
      },
    },
    { dependsOn: [cluster] },
  );
}
