import { NetworkPolicy } from '@pulumi/kubernetes/networking/v1';
import type { Input } from '@pulumi/pulumi';
import type { Manifest, Use } from '../../functions/manifest';
import type { KubernetesParts, Labels } from './kubernetes-parts';
import type { KubernetesTarget } from './kubernetes-target';

/** Where something can be reached, as a network policy says it. */
export type Reach =
  | { readonly kind: 'pods'; readonly place: Input<string>; readonly labels: Labels; readonly ports: readonly number[] }
  /** Of the cluster's own parts: it lets callers in by itself, and a policy there would shut out everyone else. */
  | { readonly kind: 'platform'; readonly place: string; readonly labels: Labels; readonly ports: readonly number[] }
  /** Outside the cluster: a site's own service. */
  | { readonly kind: 'ranges'; readonly cidrs: readonly string[]; readonly ports: readonly number[] };

/** What a pod may be let to; a label on the pod says so, and for functions only a manifest sets it. */
export type Permission =
  | Extract<Use['port'], 'objectStore' | 'key' | 'state' | 'events'>
  | 'functions'
  | 'issuer'
  | 'tables'
  | 'warehouse'
  | 'archive';

const permissionLabel = (permission: Permission): string => `data-lake/may-reach-${permission.toLowerCase()}`;

/** The labels of a pod that may reach these. */
export const permissionLabels = (permissions: readonly Permission[]): Labels =>
  Object.fromEntries(permissions.map((permission) => [permissionLabel(permission), 'yes']));

/**
 * What the manifest of a function lets its pods reach: nothing else decides it.
 *
 * @param metastore whether one is there; without one the catalogue is in the state database
 */
export function permissionsOf(manifest: Manifest, metastore = false): readonly Permission[] {
  const ports = new Set<Use['port'] | Permission>(Object.values(manifest.uses).map(({ port }) => port));
  if (ports.has('catalogue')) ports.add(metastore ? 'tables' : 'state');
  // Whose token a caller shows is asked of the key service.
  if (ports.has('callers')) ports.add('key');
  if (ports.has('requests')) ports.add('functions');
  const all = ['objectStore', 'key', 'state', 'events', 'tables', 'functions'] as const;
  return all.filter((port) => ports.has(port));
}

const namespaceNamed = (name: Input<string>) => ({ matchLabels: { 'kubernetes.io/metadata.name': name } });

export const portsOf = (reach: Reach) => reach.ports.map((port) => ({ protocol: 'TCP', port }));

/** A peer of a policy's `to`: the pods, or the ranges. */
export const peersOf = (reach: Reach) =>
  reach.kind !== 'ranges'
    ? [{ namespaceSelector: namespaceNamed(reach.place), podSelector: { matchLabels: reach.labels } }]
    : reach.cidrs.map((cidr) => ({ ipBlock: { cidr } }));

/**
 * Opens one path, at both ends: out of each of the places for pods with the permission, and into the pods that are reached.
 *
 * @param from the namespaces by a short name that goes into the names of the policies
 */
export function openPath(
  parts: KubernetesParts,
  permission: Permission,
  reach: Reach,
  from: Readonly<Record<string, Input<string>>>,
): void {
  const podSelector = { matchLabels: permissionLabels([permission]) };
  const role = permission.toLowerCase();
  for (const [zone, namespace] of Object.entries(from)) {
    parts.add(NetworkPolicy, `${role}-from-${zone}`, {
      metadata: { name: `to-${role}`, namespace },
      spec: { podSelector, policyTypes: ['Egress'], egress: [{ to: peersOf(reach), ports: portsOf(reach) }] },
    });
  }
  // Nobody is let in by no policy; a policy whose `from` is empty lets everybody in.
  if (reach.kind !== 'pods' || Object.keys(from).length === 0) return;
  parts.add(NetworkPolicy, `${role}-into`, {
    metadata: { name: `from-${role}-users`, namespace: reach.place },
    spec: {
      podSelector: { matchLabels: reach.labels },
      policyTypes: ['Ingress'],
      ingress: [
        {
          from: Object.values(from).map((name) => ({ namespaceSelector: namespaceNamed(name), podSelector })),
          ports: portsOf(reach),
        },
      ],
    },
  });
}

/** Who answers questions for names. */
export interface NamesReach {
  readonly place: Input<string>;
  readonly labels: Labels;
  readonly port: number;
}

/** The cluster's own; it forwards what it does not know, so a name asked for can carry something out. */
export const clusterNames: NamesReach = { place: 'kube-system', labels: { 'k8s-app': 'kube-dns' }, port: 53 };

export const namesPorts = (port: number) => ['UDP', 'TCP'].map((protocol) => ({ protocol, port }));

/** A rule of a policy's `egress`. */
export const namesRule = ({ place, labels, port }: NamesReach) => ({
  to: [{ namespaceSelector: namespaceNamed(place), podSelector: { matchLabels: labels } }],
  ports: namesPorts(port),
});

/** Another: to the API server, by its service and by its own port. */
export const apiServerRule = ({ apiServerCidrs }: KubernetesTarget) => ({
  to: apiServerCidrs.map((cidr) => ({ ipBlock: { cidr } })),
  ports: [443, 6443].map((port) => ({ protocol: 'TCP', port })),
});
