import { LimitRange, Namespace, ResourceQuota } from '@pulumi/kubernetes/core/v1';
import { NetworkPolicy } from '@pulumi/kubernetes/networking/v1';
import type { Output } from '@pulumi/pulumi';
import { KubernetesParts } from '../core/kubernetes-parts';
import { clusterNames, type NamesReach, namesRule, openPath, type Reach } from '../core/kubernetes-reach';
import type { LakeComponent } from '../core/lake-component';
import { nameOf } from '../core/naming';
import { cpuText, mebibytes, memoryText } from '../core/units';
import { ownResolver, resolverReach } from './kubernetes-resolver';
import type { NetworkArgs, NetworkResult, NetworkZone, ZoneQuota } from './network-args';

export interface KubernetesNetwork {
  readonly kind: 'kubernetes';
  readonly namespaces: Readonly<Partial<Record<NetworkZone, Namespace>>>;
}

/** Pinned, so that a cluster's upgrade changes what is refused only when this line does. */
const podSecurityVersion = 'v1.34';

/** The collector of logs reads files of its node, which every other standard refuses; admission lets it read those alone. */
const podSecurityOf = (zone: NetworkZone): string => (zone === 'logs' ? 'privileged' : 'restricted');

/** On every namespace and selected by it: which zone it is. */
const zoneLabel = 'data-lake/zone';

/** Kourier's gateway, which passes the calls between functions on (its internal listener, wakes those that sleep). */
const clusterGateway: Reach = {
  kind: 'platform',
  place: 'kourier-system',
  labels: { app: '3scale-kourier-gateway' },
  ports: [8081],
};

export function kubernetesNetwork(
  component: LakeComponent,
  name: string,
  args: NetworkArgs,
): NetworkResult<KubernetesNetwork> {
  const parts = new KubernetesParts(component, name, args);
  const namespaces: Partial<Record<NetworkZone, Namespace>> = {};
  const places: Partial<Record<NetworkZone, Output<string>>> = {};
  const answers = args.resolver === undefined ? clusterNames : resolverReach(nameOf('label', args.prefix, 'names'));
  for (const zone of args.zones) {
    const namespace = parts.add(Namespace, zone, {
      metadata: {
        name: nameOf('label', args.prefix, zone),
        labels: {
          [zoneLabel]: zone,
          ...Object.fromEntries(
            ['enforce', 'audit', 'warn'].flatMap((mode) => [
              [`pod-security.kubernetes.io/${mode}`, podSecurityOf(zone)],
              [`pod-security.kubernetes.io/${mode}-version`, podSecurityVersion],
            ]),
          ),
        },
      },
    });
    namespaces[zone] = namespace;
    places[zone] = namespace.metadata.name;
    closeNamespace(parts, zone, namespace.metadata.name);
    if (zone !== 'names') openNames(parts, zone, namespace.metadata.name, answers);
    limitNamespace(parts, zone, namespace.metadata.name, args.quotas[zone]);
  }
  const { names: _answers, logs: _collects, spark: _computes, ...callers } = places;
  openPath(parts, 'functions', clusterGateway, callers as Readonly<Record<string, Output<string>>>);
  const resolver = args.resolver === undefined ? undefined : ownResolver(parts, args, places);
  parts.complete();
  return { native: { kind: 'kubernetes', namespaces }, places, ...(resolver === undefined ? {} : { resolver }) };
}

function closeNamespace(parts: KubernetesParts, zone: NetworkZone, namespace: Output<string>): void {
  parts.add(NetworkPolicy, `${zone}-closed`, {
    metadata: { name: 'closed', namespace },
    spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
  });
}

/** Policies add up: without this one no pod could even look up the names of what it may reach. */
function openNames(parts: KubernetesParts, zone: NetworkZone, namespace: Output<string>, answers: NamesReach): void {
  parts.add(NetworkPolicy, `${zone}-names`, {
    metadata: { name: 'names', namespace },
    spec: { podSelector: {}, policyTypes: ['Egress'], egress: [namesRule(answers)] },
  });
}

/**
 * A quota on memory and processor refuses pods that name none; the limit range gives those its defaults, as it must to
 * Knative's queue-proxy, which by itself asks for processor time only.
 */
function limitNamespace(
  parts: KubernetesParts,
  zone: NetworkZone,
  namespace: Output<string>,
  { memory, memoryLimit, cpu, pods }: ZoneQuota,
): void {
  parts.add(ResourceQuota, `${zone}-quota`, {
    metadata: { name: 'quota', namespace },
    spec: {
      hard: {
        'requests.memory': memoryText(memory),
        'requests.cpu': cpuText(cpu),
        'limits.memory': memoryText(memoryLimit ?? mebibytes(memory * 2)),
        pods: String(pods),
        'services.loadbalancers': '0',
        'services.nodeports': '0',
      },
    },
  });
  parts.add(LimitRange, `${zone}-limits`, {
    metadata: { name: 'limits', namespace },
    spec: {
      limits: [
        {
          type: 'Container',
          // None of processor time: a default here would be the limit of every function, whatever its own pod leaves out.
          default: { memory: '256Mi' },
          defaultRequest: { memory: '64Mi', cpu: '25m' },
          max: { memory: memoryText(memory) },
        },
      ],
    },
  });
}
