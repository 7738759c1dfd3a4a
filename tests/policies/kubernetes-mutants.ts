import { add, drop, flip, type Mutant } from './mutation';

const namespace = 'kubernetes:core/v1:Namespace';
const service = 'kubernetes:core/v1:Service';
const policy = 'kubernetes:networking.k8s.io/v1:NetworkPolicy';
const role = 'kubernetes:rbac.authorization.k8s.io/v1:Role';
const binding = 'kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding';
const deployment = 'kubernetes:apps/v1:Deployment';
const container = 'spec.template.spec.containers.0';

/** For each rule about Kubernetes one change that it must find. */
export const kubernetesMutants: Readonly<Record<string, Mutant>> = {
  'kubernetes-namespace-restricted': flip(namespace, 'metadata.labels', {
    'app.kubernetes.io/part-of': 'nhs-data-lake',
    'app.kubernetes.io/instance': 'lake',
    'pod-security.kubernetes.io/enforce': 'baseline',
    'pod-security.kubernetes.io/enforce-version': 'v1.34',
  }),
  'kubernetes-namespace-closed': flip(policy, 'spec.policyTypes', ['Ingress'], ({ name }) => name.endsWith('-closed')),
  'kubernetes-no-open-path': flip(
    policy,
    'spec.egress',
    [{ to: [{ ipBlock: { cidr: '0.0.0.0/0' } }] }],
    ({ name }) => !name.endsWith('-closed'),
  ),
  'kubernetes-namespace-quota': drop('kubernetes:core/v1:ResourceQuota'),
  'kubernetes-service-internal': flip(service, 'spec.type', 'LoadBalancer'),
  'kubernetes-role-least': flip(role, 'rules', [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }]),
  'kubernetes-binding-named': flip(binding, 'subjects', [{ kind: 'Group', name: 'system:authenticated' }]),
  'kubernetes-admission-closed': flip(
    'kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy',
    'spec.failurePolicy',
    'Ignore',
  ),
  'kubernetes-labelled': flip(service, 'metadata.labels', undefined),
  'kubernetes-container-restricted': flip(deployment, `${container}.securityContext.allowPrivilegeEscalation`, true),
  'kubernetes-container-read-only': flip(deployment, `${container}.securityContext.readOnlyRootFilesystem`, false),
  'kubernetes-pod-apart-from-node': flip(deployment, 'spec.template.spec.hostNetwork', true),
  'kubernetes-container-limited': flip(deployment, `${container}.resources.limits`, undefined),
  'kubernetes-pod-own-account': flip(deployment, 'spec.template.spec.serviceAccountName', 'default'),
  'kubernetes-container-no-plain-credential': flip(deployment, `${container}.env`, [
    { name: 'PGPASSWORD', value: 'x' },
  ]),
  'kubernetes-container-named-image': flip(deployment, `${container}.image`, 'registry.example.nhs.uk/lake:latest'),
};

const open = ({ name }: { readonly name: string }): boolean => !name.endsWith('-closed');
const metadata = { labels: { 'app.kubernetes.io/part-of': 'x', 'app.kubernetes.io/instance': 'x' } };
const good = {
  name: 'x',
  image: 'registry.example.nhs.uk/lake:1.0.0',
  resources: { limits: { memory: '1Gi' } },
  securityContext: {
    runAsNonRoot: true,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  },
};
/** A container that keeps every rule but the one about rights. */
const bare = { ...good, securityContext: { readOnlyRootFilesystem: true } };
const goodPod = { serviceAccountName: 'x', containers: [good] };
const hostPod = { ...goodPod, hostNetwork: true };

/** Further ways to break a rule, each of which it must find too. */
export const furtherKubernetesMutants: readonly (readonly [rule: string, Mutant])[] = [
  ['kubernetes-namespace-closed', drop(policy, ({ name }) => name.endsWith('-closed'))],
  ['kubernetes-no-open-path', flip(policy, 'spec.ingress', [{}], ({ name }) => !name.endsWith('-closed'))],
  [
    'kubernetes-no-open-path',
    flip(policy, 'spec.egress', [{ to: [{ ipBlock: { cidr: '::/0' } }] }], ({ name }) => !name.endsWith('-closed')),
  ],
  ['kubernetes-no-open-path', flip(policy, 'spec.ingress', [{ from: [{ ipBlock: { cidr: '128.0.0.0/1' } }] }], open)],
  ...[{}, { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'Exists' }] }].map(
    (namespaceSelector) =>
      ['kubernetes-no-open-path', flip(policy, 'spec.ingress', [{ from: [{ namespaceSelector }] }], open)] as const,
  ),
  ['kubernetes-container-no-plain-credential', flip(deployment, `${container}.args`, ['--db-password=made-up'])],
  ['kubernetes-role-least', flip(role, 'rules', [{ nonResourceURLs: ['*'], verbs: ['get'] }])],
  ['kubernetes-role-least', flip(role, 'rules', [{ apiGroups: [''], resources: ['services/proxy'], verbs: ['get'] }])],
  ['kubernetes-role-least', flip(role, 'rules', [{ apiGroups: [''], resources: ['nodes/proxy'], verbs: ['get'] }])],
  ['kubernetes-role-least', flip(role, 'aggregationRule', { clusterRoleSelectors: [{ matchLabels: { any: 'x' } }] })],
  ['kubernetes-binding-named', flip(binding, 'roleRef.name', 'edit')],
  ['kubernetes-container-restricted', flip(deployment, 'spec.template.spec.ephemeralContainers', [bare])],
  ['kubernetes-container-restricted', flip(deployment, 'spec.template.spec.initContainers', [bare])],
  ['kubernetes-pod-apart-from-node', flip(deployment, `${container}.ports`, [{ containerPort: 1, hostPort: 1 }])],
  [
    'kubernetes-pod-apart-from-node',
    flip(deployment, 'spec.template.spec.volumes', [{ name: 'node', hostPath: { path: '/' } }]),
  ],
  ...[
    ['kubernetes:batch/v1:CronJob', { jobTemplate: { spec: { template: { spec: hostPod } } } }],
    ['kubernetes:core/v1:ReplicationController', { template: { spec: hostPod } }],
    ['kubernetes:serving.knative.dev/v1:Configuration', { template: { spec: hostPod } }],
    [
      'kubernetes:sparkoperator.k8s.io/v1beta2:SparkApplication',
      { driver: { template: { spec: hostPod } }, executor: { template: { spec: goodPod } } },
    ],
  ].map(([type, spec]) => ['kubernetes-pod-apart-from-node', add(String(type), { metadata, spec })] as const),
  ['kubernetes-role-least', flip(role, 'rules', [{ apiGroups: ['*'], resources: ['pods'], verbs: ['get'] }])],
  ['kubernetes-container-restricted', flip(deployment, `${container}.securityContext.capabilities.add`, ['NET_ADMIN'])],
  ['kubernetes-container-named-image', flip(deployment, `${container}.image`, 'registry.example.nhs.uk/lake')],
  [
    'kubernetes-namespace-quota',
    flip('kubernetes:core/v1:ResourceQuota', 'spec.hard', { 'limits.memory': '1Gi', 'services.nodeports': '0' }),
  ],
  [
    'kubernetes-service-internal',
    add('kubernetes:core/v1:Service', {
      metadata: { labels: { 'app.kubernetes.io/part-of': 'x', 'app.kubernetes.io/instance': 'x' } },
      spec: { type: 'NodePort' },
    }),
  ],
];
