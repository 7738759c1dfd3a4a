import { StatefulSet } from '@pulumi/kubernetes/apps/v1';
import { ConfigMap, Secret, Service, ServiceAccount } from '@pulumi/kubernetes/core/v1';
import { NetworkPolicy } from '@pulumi/kubernetes/networking/v1';
import { ClusterRoleBinding } from '@pulumi/kubernetes/rbac/v1';
import { interpolate, output } from '@pulumi/pulumi';
import { KubernetesParts } from '../core/kubernetes-parts';
import { asking, resourcesOf, restrictedContainer, restrictedPod, volumeClaim } from '../core/kubernetes-pods';
import { apiServerRule, openPath } from '../core/kubernetes-reach';
import type { LakeComponent } from '../core/lake-component';
import { nameOf } from '../core/naming';
import { mebibytes, millicores } from '../core/units';
import type { KeyRingArgs, KeyRingResult } from './key-ring-args';
import { openBaoConfiguration, openBaoPaths, openBaoPort } from './openbao-configuration';

export interface KubernetesKeyRing {
  readonly kind: 'kubernetes';
  /** Absent where the site's own server is used. */
  readonly server: StatefulSet | undefined;
}

/** `openbao` in the official image. */
const user = 100;
const labels = { 'app.kubernetes.io/name': 'openbao' };

export function kubernetesKeyRing(
  component: LakeComponent,
  name: string,
  args: KeyRingArgs,
): KeyRingResult<KubernetesKeyRing> {
  const parts = new KubernetesParts(component, name, args, labels);
  const { mount, place, users, existing } = args;
  const preparingRole = nameOf('label', mount, 'preparing');
  if (existing !== undefined) {
    openPath(parts, 'key', existing.reach, users);
    parts.complete();
    const home = { address: existing.address, mount };
    return { native: { kind: 'kubernetes', server: undefined }, home, preparingRole };
  }
  const server = openBao(parts, args, preparingRole);
  openPath(parts, 'key', { kind: 'pods', place, labels, ports: [openBaoPort] }, users);
  parts.complete();
  const address = interpolate`http://openbao.${place}.svc.cluster.local:${openBaoPort}`;
  return { native: { kind: 'kubernetes', server }, home: { address, mount }, preparingRole };
}

function openBao(parts: KubernetesParts, args: KeyRingArgs, role: string): StatefulSet {
  const { place: namespace, target, preparing } = args;
  const account = parts.add(ServiceAccount, 'account', { metadata: { name: 'openbao', namespace } });
  // To ask the API server whose token a login shows (TokenReview), and nothing else.
  parts.add(ClusterRoleBinding, 'token-review', {
    metadata: { name: nameOf('label', target.instance, 'openbao-token-review') },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:auth-delegator' },
    subjects: [{ kind: 'ServiceAccount', name: account.metadata.name, namespace }],
  });
  parts.add(NetworkPolicy, 'api-server', {
    metadata: { name: 'openbao-api-server', namespace },
    spec: {
      podSelector: { matchLabels: labels },
      policyTypes: ['Egress'],
      egress: [apiServerRule(target)],
    },
  });
  const configuration = parts.add(ConfigMap, 'configuration', {
    metadata: { name: 'openbao', namespace },
    data: {
      'openbao.hcl': output(preparing.place).apply((where) =>
        openBaoConfiguration(
          args.mount,
          args.manifests.map((manifest) => manifest.name),
          { namespace: where, name: preparing.name, role },
        ),
      ),
    },
  });
  const seal = parts.add(Secret, 'seal', {
    metadata: { name: 'openbao-seal', namespace },
    stringData: { key: output(args.sealKey) },
  });
  parts.add(Service, 'service', {
    metadata: { name: 'openbao', namespace },
    spec: { selector: labels, ports: [{ name: 'api', port: openBaoPort, targetPort: openBaoPort }] },
  });
  return parts.add(StatefulSet, 'server', {
    metadata: { name: 'openbao', namespace },
    spec: {
      serviceName: 'openbao',
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels: parts.labels },
        spec: {
          serviceAccountName: account.metadata.name,
          ...asking(target),
          enableServiceLinks: false,
          securityContext: restrictedPod(user),
          volumes: [
            { name: 'configuration', configMap: { name: configuration.metadata.name } },
            { name: 'seal', secret: { secretName: seal.metadata.name } },
          ],
          containers: [
            {
              name: 'openbao',
              image: target.images('openbao'),
              command: ['bao', 'server', `-config=${openBaoPaths.configuration}/openbao.hcl`],
              ports: [{ name: 'api', containerPort: openBaoPort }],
              // 200 only when initialised, unsealed and active.
              readinessProbe: { httpGet: { path: '/v1/sys/health', port: openBaoPort } },
              resources: resourcesOf({ memory: mebibytes(256), cpu: millicores(100) }),
              securityContext: restrictedContainer(user),
              volumeMounts: [
                { name: 'data', mountPath: openBaoPaths.data, subPath: 'data' },
                { name: 'data', mountPath: openBaoPaths.audit, subPath: 'audit' },
                { name: 'configuration', mountPath: openBaoPaths.configuration, readOnly: true },
                { name: 'seal', mountPath: openBaoPaths.seal, readOnly: true },
              ],
            },
          ],
        },
      },
      volumeClaimTemplates: [volumeClaim(target, 'data', '1Gi')],
    },
  });
}
