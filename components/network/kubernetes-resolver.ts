import { createHash } from 'node:crypto';
import { Deployment } from '@pulumi/kubernetes/apps/v1';
import { ConfigMap, Service, ServiceAccount } from '@pulumi/kubernetes/core/v1';
import { NetworkPolicy } from '@pulumi/kubernetes/networking/v1';
import { ClusterRole, ClusterRoleBinding } from '@pulumi/kubernetes/rbac/v1';
import { all, type Input, type Output } from '@pulumi/pulumi';
import type { KubernetesParts } from '../core/kubernetes-parts';
import { resourcesOf, restrictedContainer, restrictedPod } from '../core/kubernetes-pods';
import { apiServerRule, type NamesReach, namesPorts } from '../core/kubernetes-reach';
import { nameOf } from '../core/naming';
import { mebibytes, millicores } from '../core/units';
import type { NetworkArgs, Places, SiteNames } from './network-args';

const labels = { 'app.kubernetes.io/name': 'resolver' };
const name = 'resolver';
/** Above 1024: the container has no right to a lower one. */
const port = 5353;
/** `nonroot` in the official image. */
const user = 65532;

export const resolverReach = (place: Input<string>): NamesReach => ({ place, labels, port });

/** Names of the cluster's own parts that functions call through; all others in the cluster do not exist for the lake. */
const platformNamespaces = ['default', 'kourier-system', 'knative-serving', 'knative-eventing'];

/**
 * The Corefile (https://coredns.io/manual/configuration/). No `forward`, no `/etc/resolv.conf`: a name that is not the lake's is
 * answered here, so none leaves the cluster.
 */
export function corefile(namespaces: readonly string[], siteNames: SiteNames): string {
  const block = (zone: string, ...lines: readonly string[]): string =>
    `${zone}:${port} {\n${['errors', ...lines].map((line) => `    ${line}\n`).join('')}}\n`;
  return [
    block(
      'cluster.local',
      'ready :8181',
      `kubernetes cluster.local {\n        namespaces ${namespaces.join(' ')}\n        ttl 5\n    }`,
    ),
    ...Object.entries(siteNames).map(([host, address]) =>
      block(host, `hosts {\n        ${address} ${host}\n        ttl 60\n    }`),
    ),
    block('.', 'template ANY ANY {\n        rcode NXDOMAIN\n    }'),
  ].join('');
}

/** @returns the address of its service */
export function ownResolver(
  parts: KubernetesParts,
  { target, resolver, prefix }: NetworkArgs,
  places: Places,
): Output<string> {
  const namespace = places.names;
  if (namespace === undefined) throw new RangeError('A resolver runs in the zone names. Add it to `zones`.');
  const zones = Object.values(places);
  const account = parts.add(ServiceAccount, 'resolver-account', { metadata: { name, namespace } });
  const clusterName = nameOf('label', prefix, 'names', 'resolver');
  // What the plugin watches (https://coredns.io/plugins/kubernetes/); names of services are no secret of the lake.
  parts.add(ClusterRole, 'resolver-role', {
    metadata: { name: clusterName },
    rules: [
      { apiGroups: [''], resources: ['services', 'namespaces'], verbs: ['list', 'watch'] },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
    ],
  });
  parts.add(ClusterRoleBinding, 'resolver-rights', {
    metadata: { name: clusterName },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: clusterName },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  });
  parts.add(NetworkPolicy, 'resolver', {
    metadata: { name, namespace },
    spec: {
      podSelector: { matchLabels: labels },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [
        {
          from: zones.map((zone) => ({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': zone } } })),
          ports: namesPorts(port),
        },
      ],
      egress: [apiServerRule(target)],
    },
  });
  const text = all(zones).apply((own) => corefile([...own, ...platformNamespaces], resolver?.siteNames ?? {}));
  const configuration = parts.add(ConfigMap, 'resolver-configuration', {
    metadata: { name, namespace },
    data: { Corefile: text },
  });
  parts.add(Deployment, 'resolver-server', {
    metadata: { name, namespace },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: {
        metadata: {
          labels: { ...parts.labels, ...labels },
          // A changed Corefile is read by new pods, one after the other.
          annotations: { 'data-lake/corefile': text.apply((one) => createHash('sha256').update(one).digest('hex')) },
        },
        spec: {
          serviceAccountName: account.metadata.name,
          enableServiceLinks: true,
          // It asks nobody itself.
          dnsPolicy: 'None',
          dnsConfig: { nameservers: ['127.0.0.1'] },
          securityContext: restrictedPod(user),
          volumes: [{ name: 'configuration', configMap: { name: configuration.metadata.name } }],
          containers: [
            {
              name: 'coredns',
              image: target.images('coredns'),
              args: ['-conf', '/etc/coredns/Corefile'],
              ports: namesPorts(port).map(({ protocol }) => ({
                name: `dns-${protocol.toLowerCase()}`,
                containerPort: port,
                protocol,
              })),
              readinessProbe: { httpGet: { path: '/ready', port: 8181 } },
              resources: resourcesOf({ memory: mebibytes(48), cpu: millicores(50), memoryLimit: mebibytes(128) }),
              securityContext: {
                ...restrictedContainer(user),
                // The binary of the official image carries this capability, and does not start without it.
                capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] },
              },
              volumeMounts: [{ name: 'configuration', mountPath: '/etc/coredns', readOnly: true }],
            },
          ],
        },
      },
    },
  });
  const service = parts.add(Service, 'resolver-service', {
    metadata: { name, namespace },
    spec: {
      selector: labels,
      ports: namesPorts(53).map(({ protocol }) => ({
        name: `dns-${protocol.toLowerCase()}`,
        protocol,
        port: 53,
        targetPort: port,
      })),
    },
  });
  return service.spec.clusterIP;
}
