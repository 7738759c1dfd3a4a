import type { RecordedResource } from '../resource-graph';
import { amountAt, type CostModel, type CostOf, line } from './cost-line';

type Fields = Readonly<Record<string, unknown>>;
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const within = (value: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((inner, key) => (inner as Fields | undefined)?.[key], value);

/** A quantity of Kubernetes as a number of cores or of GiB (kubernetes.io, "Resource units"). */
function quantity(text: unknown): number {
  const found = /^([0-9.]+)(m|Ki|Mi|Gi|Ti)?$/.exec(String(text ?? '0'));
  const factors: Readonly<Record<string, number>> = { m: 0.001, Ki: 1 / 1024 / 1024, Mi: 1 / 1024, Gi: 1, Ti: 1024 };
  return found === null ? 0 : Number(found[1]) * (factors[found[2] ?? ''] ?? 1);
}

/** What the pods of a workload ask for, by the number of them there may be. */
const pods =
  (spec: string, numberOf: (resource: RecordedResource) => number): CostOf =>
  (resource) => {
    const containers = listOf(within(resource.inputs, `${spec}.containers`));
    const asked = (what: string): number =>
      containers.reduce<number>((sum, one) => sum + quantity(within(one, `resources.requests.${what}`)), 0);
    const count = numberOf(resource);
    return [line('processor', asked('cpu') * count), line('memory', asked('memory') * count)];
  };
const replicas = ({ inputs }: RecordedResource): number => amountAt(inputs, 'spec.replicas') ?? 1;
const volumes: CostOf = ({ inputs }) => [
  line(
    'volume GiB',
    listOf(within(inputs, 'spec.volumeClaimTemplates')).reduce<number>(
      (sum, claim) => sum + quantity(within(claim, 'spec.resources.requests.storage')),
      0,
    ),
  ),
];
const template = 'spec.template.spec';

/** What a lake asks of a cluster. A service that sleeps is counted with one pod. */
export const kubernetesCosts: CostModel = {
  costs: {
    'kubernetes:apps/v1:Deployment': pods(template, replicas),
    'kubernetes:apps/v1:DaemonSet': pods(template, () => 1),
    'kubernetes:apps/v1:StatefulSet': (resource, use, stack) => [
      ...pods(template, replicas)(resource, use, stack),
      ...volumes(resource, use, stack),
    ],
    'kubernetes:serving.knative.dev/v1:Service': pods(template, () => 1),
    'kubernetes:core/v1:PersistentVolumeClaim': ({ inputs }) => [
      line('volume GiB', quantity(within(inputs, 'spec.resources.requests.storage'))),
    ],
    'kubernetes:postgresql.cnpg.io/v1:Cluster': ({ inputs }) => {
      const instances = amountAt(inputs, 'spec.instances') ?? 1;
      return [
        line('processor', quantity(within(inputs, 'spec.resources.requests.cpu')) * instances),
        line('memory', quantity(within(inputs, 'spec.resources.requests.memory')) * instances),
        line('volume GiB', quantity(within(inputs, 'spec.storage.size')) * instances),
      ];
    },
    // The zones' data lies in the site's object store, or in the one that the stack brings: one network's namespace stands for it.
    'kubernetes:core/v1:Namespace': ({ name }, { storedGibibytes, messages, messageKibibytes }) =>
      name.endsWith('-stores')
        ? [
            line('object GiB', storedGibibytes, 'storedGibibytes'),
            line('object GiB', (messages * messageKibibytes) / 1024 / 1024, 'messageKibibytes'),
          ]
        : [],
  },
  free: [
    // They end, or take what others leave.
    'kubernetes:batch/v1:*',
    'kubernetes:sparkoperator.k8s.io/*',
    'kubernetes:admissionregistration.k8s.io/*',
    'kubernetes:barmancloud.cnpg.io/*',
    'kubernetes:cert-manager.io/*',
    'kubernetes:core/v1:*',
    'kubernetes:eventing.knative.dev/*',
    'kubernetes:k8s.keycloak.org/*',
    'kubernetes:messaging.knative.dev/*',
    'kubernetes:networking.internal.knative.dev/*',
    'kubernetes:networking.k8s.io/*',
    'kubernetes:operator.knative.dev/*',
    'kubernetes:policy/*',
    'kubernetes:postgresql.cnpg.io/*',
    'kubernetes:rbac.authorization.k8s.io/*',
    'kubernetes:serving.knative.dev/v1beta1:*',
    'kubernetes:serving.knative.dev/v1alpha1:*',
    'kubernetes:networking.knative.dev/*',
  ],
};
