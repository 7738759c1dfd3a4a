/**
 * The rules of admission as CEL (https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/). `dyn`
 * because one rule meets several kinds; each expression holds for what is allowed.
 */

const operations = ['CREATE', 'UPDATE'];

/** What runs pods, and pods themselves: a template is refused where a person sees it, a pod whoever made it. */
export const workloadKinds = [
  { apiGroups: [''], apiVersions: ['v1'], resources: ['pods', 'pods/ephemeralcontainers'], operations },
  {
    apiGroups: ['apps'],
    apiVersions: ['v1'],
    resources: ['deployments', 'statefulsets', 'daemonsets', 'replicasets'],
    operations,
  },
  { apiGroups: ['batch'], apiVersions: ['v1'], resources: ['jobs', 'cronjobs'], operations },
  { apiGroups: ['serving.knative.dev'], apiVersions: ['v1'], resources: ['services', 'configurations'], operations },
];

/** What is there already may still be labelled and deleted after the rules have become stricter. */
export const changesSpecification = {
  name: 'changes-the-specification',
  expression: "request.operation == 'CREATE' || dyn(object.spec) != dyn(oldObject.spec)",
};

const listOf = (values: readonly string[]): string => `[${values.map((value) => JSON.stringify(value)).join(', ')}]`;

/**
 * @param accounts service accounts by namespace
 * @param logReaders namespaces whose pods may read the nodes' log files of pods
 */
export const workloadVariables = (
  imageSources: readonly string[],
  accounts: Readonly<Record<string, readonly string[]>>,
  logReaders: readonly string[],
) => [
  { name: 'specification', expression: 'dyn(object.spec)' },
  {
    name: 'template',
    expression:
      'has(variables.specification.jobTemplate) ? variables.specification.jobTemplate.spec.template : has(variables.specification.template) ? variables.specification.template : dyn(object)',
  },
  { name: 'pod', expression: 'dyn(variables.template.spec)' },
  {
    name: 'containers',
    expression:
      'dyn(variables.pod.containers) + (has(variables.pod.initContainers) ? dyn(variables.pod.initContainers) : dyn([]))',
  },
  { name: 'logReaders', expression: listOf(logReaders) },
  { name: 'podLogs', expression: "'/var/log/pods'" },
  { name: 'sources', expression: listOf(imageSources) },
  {
    name: 'accounts',
    expression: `{${Object.entries(accounts)
      .map(([namespace, names]) => `${JSON.stringify(namespace)}: ${listOf(names)}`)
      .join(', ')}}`,
  },
];

interface Rule {
  readonly name: string;
  readonly expression: string;
  readonly message: string;
}

/** A message names the rule and what is allowed, never what was submitted. */
export const workloadRules = (imageSources: readonly string[]): readonly Rule[] => [
  {
    name: 'images',
    expression: 'variables.containers.all(c, variables.sources.exists(source, c.image.startsWith(source)))',
    message: `An image of another source was refused. Images begin with ${imageSources.join(' or ')}. Mirror it there, or add its source to the stack.`,
  },
  {
    name: 'memory',
    expression:
      "variables.containers.all(c, has(c.resources) && has(c.resources.limits) && 'memory' in c.resources.limits)",
    message: 'A container without a memory limit was refused. Set resources.limits.memory.',
  },
  {
    name: 'host-paths',
    expression:
      '!has(variables.pod.volumes) || variables.pod.volumes.all(v, !has(v.hostPath) || (request.namespace in variables.logReaders && v.hostPath.path == variables.podLogs && variables.containers.all(c, !has(c.volumeMounts) || c.volumeMounts.all(m, m.name != v.name || (has(m.readOnly) && m.readOnly)))))',
    message: 'A volume of the node was refused. Use an emptyDir or a claim.',
  },
  {
    name: 'host-namespaces',
    expression:
      '!(has(variables.pod.hostNetwork) && variables.pod.hostNetwork) && !(has(variables.pod.hostPID) && variables.pod.hostPID) && !(has(variables.pod.hostIPC) && variables.pod.hostIPC)',
    message: "The node's network and processes are refused. Leave hostNetwork, hostPID and hostIPC out.",
  },
  {
    name: 'privileged',
    expression:
      'variables.containers.all(c, !has(c.securityContext) || !(has(c.securityContext.privileged) && c.securityContext.privileged))',
    message: 'A privileged container was refused. Leave securityContext.privileged out.',
  },
  {
    name: 'accounts',
    expression:
      "(has(variables.pod.serviceAccountName) ? variables.pod.serviceAccountName : 'default') in variables.accounts[request.namespace]",
    message: "Another service account was refused. Only the lake's own run here; the stack declares them.",
  },
  {
    name: 'debug-containers',
    expression: '!has(variables.pod.ephemeralContainers) || variables.pod.ephemeralContainers.size() == 0',
    message: 'A debug container was refused: it would bring foreign code beside patient data. Read the logs.',
  },
];

export const policyKinds = [
  { apiGroups: ['networking.k8s.io'], apiVersions: ['v1'], resources: ['networkpolicies'], operations },
];

const directions = [
  { rules: 'egress', peers: 'to' },
  { rules: 'ingress', peers: 'from' },
];

/** Shorter prefixes are no place of the site: two halves of the address space are everywhere too. */
const shortestPrefix = 8;
const namedPeer = [
  `(!has(p.ipBlock) || cidr(p.ipBlock.cidr).prefixLength() >= ${shortestPrefix})`,
  '(!has(p.namespaceSelector) || (has(p.namespaceSelector.matchLabels) && p.namespaceSelector.matchLabels.size() > 0) || (has(p.namespaceSelector.matchExpressions) && p.namespaceSelector.matchExpressions.size() > 0))',
].join(' && ');

/** In a network policy no peer means every peer, and an empty selector of namespaces all of them (NetworkPolicy v1). */
export const policyRules: readonly Rule[] = directions.map(({ rules, peers }) => ({
  name: rules,
  expression: `!has(object.spec.${rules}) || object.spec.${rules}.all(r, has(r.${peers}) && r.${peers}.size() > 0 && r.${peers}.all(p, ${namedPeer}))`,
  message: `A network policy whose ${rules} leads to everywhere was refused. Name namespaces, or ranges of /${shortestPrefix} or longer.`,
}));
