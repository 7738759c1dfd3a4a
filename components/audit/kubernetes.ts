import { DaemonSet } from '@pulumi/kubernetes/apps/v1';
import { ConfigMap, Secret, ServiceAccount } from '@pulumi/kubernetes/core/v1';
import { all, type Output, output } from '@pulumi/pulumi';
import { KubernetesParts } from '../core/kubernetes-parts';
import { asking, resourcesOf } from '../core/kubernetes-pods';
import { permissionLabels, permissionsOf } from '../core/kubernetes-reach';
import type { LakeComponent } from '../core/lake-component';
import { mebibytes, millicores } from '../core/units';
import { apiServerAuditPolicy } from './api-server-policy';
import type { AuditArgs, AuditResult, LogCollector } from './audit-args';
import { podLogFolder, vectorConfiguration, vectorData } from './vector-configuration';

export interface KubernetesAudit {
  readonly kind: 'kubernetes';
  /** Absent where the site collects the nodes' logs itself. */
  readonly collector: DaemonSet | undefined;
}

export function kubernetesAudit(component: LakeComponent, name: string, args: AuditArgs): AuditResult<KubernetesAudit> {
  const parts = new KubernetesParts(component, name, args);
  const namespaces = all(Object.values(args.places));
  const policy = namespaces.apply(apiServerAuditPolicy);
  parts.add(ConfigMap, 'policy', {
    metadata: { name: 'api-server-audit-policy', namespace: args.place },
    data: { 'policy.json': policy },
  });
  const collector = args.collector === undefined ? undefined : vector(parts, args, args.collector, namespaces);
  parts.complete();
  return { native: { kind: 'kubernetes', collector }, policy };
}

function vector(
  parts: KubernetesParts,
  { target }: AuditArgs,
  { manifest, place: namespace, objectStore, login, prefix }: LogCollector,
  namespaces: Output<string[]>,
): DaemonSet {
  const { name } = manifest;
  const labels = { 'app.kubernetes.io/name': name };
  const account = parts.add(ServiceAccount, 'account', {
    metadata: { name, namespace },
    automountServiceAccountToken: false,
  });
  const configuration = parts.add(ConfigMap, 'configuration', {
    metadata: { name, namespace },
    data: {
      'vector.json': all([namespaces, output(objectStore.endpoint)]).apply(([read, endpoint]) =>
        vectorConfiguration(read, objectStore, endpoint, objectStore.buckets.audit, prefix),
      ),
    },
  });
  const secret = parts.add(Secret, 'credentials', {
    metadata: { name: `${name}-credentials`, namespace },
    stringData: {
      AWS_ACCESS_KEY_ID: output(login.accessKeyId),
      AWS_SECRET_ACCESS_KEY: output(login.secretAccessKey),
    },
  });
  const fromSecret = (key: string) => ({
    name: key,
    valueFrom: { secretKeyRef: { name: secret.metadata.name, key } },
  });
  return parts.add(DaemonSet, 'collector', {
    metadata: { name, namespace },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels: { ...parts.labels, ...labels, ...permissionLabels(permissionsOf(manifest)) } },
        spec: {
          serviceAccountName: account.metadata.name,
          automountServiceAccountToken: false,
          ...asking(target),
          enableServiceLinks: false,
          volumes: [
            { name: 'configuration', configMap: { name: configuration.metadata.name } },
            { name: 'pods', hostPath: { path: podLogFolder, type: 'Directory' } },
            { name: 'data', emptyDir: { sizeLimit: '512Mi' } },
          ],
          containers: [
            {
              name: 'vector',
              image: target.images('collector'),
              args: ['--config', '/etc/vector/vector.json'],
              env: [
                { name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
                ...['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'].map(fromSecret),
              ],
              resources: resourcesOf({ memory: mebibytes(128), cpu: millicores(50), memoryLimit: mebibytes(256) }),
              // The nodes' log files are root's: this one right reads them, and nothing is written but its own data.
              securityContext: {
                runAsUser: 0,
                runAsGroup: 0,
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'], add: ['DAC_READ_SEARCH'] },
                seccompProfile: { type: 'RuntimeDefault' },
              },
              volumeMounts: [
                { name: 'configuration', mountPath: '/etc/vector', readOnly: true },
                { name: 'pods', mountPath: podLogFolder, readOnly: true },
                { name: 'data', mountPath: vectorData },
              ],
            },
          ],
        },
      },
    },
  });
}
