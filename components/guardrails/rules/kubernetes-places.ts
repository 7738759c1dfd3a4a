import { isEverywhere } from '../reachability/address-range';
import { listOf } from '../reachability/input-values';
import type { GuardedGraph } from './guarded-graph';
import { at, type GuardedResource, isSet, listAt, textAt, textsAt } from './guarded-resource';
import { type Rule, unless } from './rule';

const namespace = 'kubernetes:core/v1:Namespace';
const networkPolicy = 'kubernetes:networking.k8s.io/v1:NetworkPolicy';
const nameOf = ({ props }: GuardedResource): string => textAt(props, 'metadata.name');

/** What stands in a namespace, of one type. */
const inside = (graph: GuardedGraph, place: GuardedResource, type: string): readonly GuardedResource[] =>
  graph.of(type).filter(({ props }) => textAt(props, 'metadata.namespace') === nameOf(place));

/** Whether a peer selects namespaces and names none: the empty selector, and `Exists` or `NotIn`, mean those to come as well. */
const isAnyNamespace = (peer: unknown): boolean =>
  isSet(at(peer, 'namespaceSelector')) &&
  Object.keys((at(peer, 'namespaceSelector.matchLabels') ?? {}) as object).length === 0 &&
  !listAt(peer, 'namespaceSelector.matchExpressions').some((one) => textAt(one, 'operator') === 'In');
/** Peers of a rule of a network policy; a rule without peers means everybody (NetworkPolicy v1, `from` and `to`). */
const openRule = (peers: 'from' | 'to') => (rule: unknown) => {
  const named = listAt(rule, peers);
  const isOpen = (peer: unknown) => isAnyNamespace(peer) || isEverywhere(textAt(peer, 'ipBlock.cidr') || '10.0.0.0/8');
  return named.length === 0 || named.some(isOpen);
};

/** What a namespace lets in and out, and who may do what in it. */
export const kubernetesPlaceRules: readonly Rule[] = [
  {
    id: 'kubernetes-namespace-restricted',
    title: 'Each namespace refuses pods that are not restricted',
    references: ['NCSC 3', 'NCSC 5', 'CAF B4.a', 'SATRE 2.4.01', 'PSS restricted'],
    types: [namespace],
    property: 'metadata.labels pod-security.kubernetes.io/enforce',
    // The collector's namespace reads files of the node; the admission policies of the stack name that one way.
    concerns: ({ props }) => (at(props, 'metadata.labels') as Record<string, unknown>)?.['data-lake/zone'] !== 'logs',
    wrong: ({ props }) => {
      const labels = (at(props, 'metadata.labels') ?? {}) as Readonly<Record<string, unknown>>;
      return unless(
        labels['pod-security.kubernetes.io/enforce'] === 'restricted' &&
          isSet(labels['pod-security.kubernetes.io/enforce-version']),
        'The namespace takes pods with rights. Label it pod-security.kubernetes.io/enforce: restricted, with a version.',
      );
    },
  },
  {
    id: 'kubernetes-namespace-closed',
    title: 'Each namespace lets nothing in or out that no policy names',
    references: ['NCSC 3', 'NCSC 11', 'CAF B4.a', 'CAF B3.b', 'SATRE 2.2.09', 'SATRE 2.2.11'],
    types: [namespace],
    property: 'NetworkPolicy spec.podSelector, spec.policyTypes',
    stack: true,
    wrong: (place, graph) =>
      unless(
        inside(graph, place, networkPolicy).some(
          ({ props }) =>
            Object.keys((at(props, 'spec.podSelector') ?? { none: true }) as object).length === 0 &&
            ['Ingress', 'Egress'].every((direction) => textsAt(props, 'spec.policyTypes').includes(direction)) &&
            listAt(props, 'spec.ingress').length === 0 &&
            listAt(props, 'spec.egress').length === 0,
        ),
        'No policy closes the namespace both ways for every pod. Add one with an empty podSelector and no rule.',
      ),
  },
  {
    id: 'kubernetes-no-open-path',
    title: 'No policy opens a path to or from everywhere',
    references: ['NCSC 11', 'NCSC 3', 'CAF B4.a', 'CAF B3.b', 'SATRE 2.2.11', 'SATRE 3.1.12'],
    types: [networkPolicy],
    property: 'spec.egress.to, spec.ingress.from',
    wrong: ({ props }) =>
      unless(
        !listAt(props, 'spec.egress').some(openRule('to')) && !listAt(props, 'spec.ingress').some(openRule('from')),
        'A rule names no peer, or a range as wide as the internet. Name the pods, the namespace or the range of the site.',
      ),
  },
  {
    id: 'kubernetes-namespace-quota',
    title: 'Each namespace has a quota, and brings no public address into being',
    references: ['NCSC 2', 'NCSC 11', 'CAF B5.b', 'SATRE 2.3.03', 'SATRE 2.3.04'],
    types: [namespace],
    property: 'ResourceQuota spec.hard',
    stack: true,
    wrong: (place, graph) =>
      unless(
        inside(graph, place, 'kubernetes:core/v1:ResourceQuota').some(({ props }) => {
          const hard = (at(props, 'spec.hard') ?? {}) as Readonly<Record<string, unknown>>;
          return (
            isSet(hard['limits.memory']) && hard['services.loadbalancers'] === '0' && hard['services.nodeports'] === '0'
          );
        }),
        'The namespace has no quota of memory that also forbids load balancers and node ports. Add one.',
      ),
  },
  {
    id: 'kubernetes-service-internal',
    title: 'No service has an address outside the cluster',
    references: ['NCSC 11', 'CAF B4.a', 'CAF B3.b', 'SATRE 2.2.09'],
    types: ['kubernetes:core/v1:Service'],
    property: 'spec.type, spec.externalIPs',
    wrong: ({ props }) =>
      unless(
        ['', 'ClusterIP'].includes(textAt(props, 'spec.type')) && listAt(props, 'spec.externalIPs').length === 0,
        'The service is reachable from outside the cluster. Make it ClusterIP; senders come in by the gateway.',
      ),
  },
  {
    id: 'kubernetes-role-least',
    title: 'No role holds a wildcard, reads secrets or enters containers',
    references: ['NCSC 9', 'NCSC 12', 'CAF B2.c', 'CAF B2.d', 'SATRE 1.5.03'],
    types: ['kubernetes:rbac.authorization.k8s.io/v1:Role', 'kubernetes:rbac.authorization.k8s.io/v1:ClusterRole'],
    property: 'rules.apiGroups, rules.resources, rules.verbs, rules.nonResourceURLs, aggregationRule',
    wrong: ({ props }) =>
      unless(
        // An aggregated role takes in whatever roles are labelled so later.
        !isSet(at(props, 'aggregationRule')) &&
          listOf(at(props, 'rules')).every((rule) => {
            const resources = textsAt(rule, 'resources');
            const verbs = textsAt(rule, 'verbs');
            const wild = [
              ...resources,
              ...verbs,
              ...textsAt(rule, 'apiGroups'),
              ...textsAt(rule, 'nonResourceURLs'),
            ].some((text) => text.includes('*'));
            const enters = resources.some((text) =>
              /^secrets$|^pods\/(exec|attach|portforward|proxy|ephemeralcontainers)|^(nodes|services)\/proxy|serviceaccounts\/token/.test(
                text,
              ),
            );
            const escalates = verbs.some((verb) => ['escalate', 'bind', 'impersonate'].includes(verb));
            return !wild && !enters && !escalates;
          }),
        'A role holds a wildcard, or a right that leads to secrets or into containers. Name resources and verbs one by one.',
      ),
  },
  {
    id: 'kubernetes-binding-named',
    title: 'No right is bound to everybody who can sign in',
    references: ['NCSC 9', 'NCSC 10', 'CAF B2.a', 'SATRE 1.5.03', 'SATRE 3.2.01'],
    types: [
      'kubernetes:rbac.authorization.k8s.io/v1:RoleBinding',
      'kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding',
    ],
    property: 'subjects, roleRef',
    wrong: ({ props }) =>
      unless(
        listAt(props, 'subjects').every(
          (subject) =>
            !/^system:(authenticated|unauthenticated|anonymous|masters|serviceaccounts$)/.test(textAt(subject, 'name')),
        ) && !['cluster-admin', 'admin', 'edit'].includes(textAt(props, 'roleRef.name')),
        'A right is bound to a group that everybody is in, or to the administrator of the cluster. Bind a group of the sign-in to a role of the lake.',
      ),
  },
  {
    id: 'kubernetes-admission-closed',
    title: 'Admission policies refuse, and refuse when they cannot be evaluated',
    references: ['NCSC 5', 'NCSC 8', 'CAF B4.b', 'CAF C1.a', 'SATRE 2.4.01', 'SATRE 2.4.05'],
    types: ['kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy*'],
    property: 'spec.failurePolicy, spec.validationActions',
    wrong: ({ type, props }) =>
      type.endsWith('Binding')
        ? unless(
            ['Deny', 'Audit'].every((action) => textsAt(props, 'spec.validationActions').includes(action)),
            'The policy is bound so that it only warns, or leaves no trace. Bind it with Deny and Audit.',
          )
        : unless(
            textAt(props, 'spec.failurePolicy') === 'Fail',
            'The policy lets through what it cannot evaluate. Set failurePolicy to Fail.',
          ),
  },
  {
    id: 'kubernetes-labelled',
    title: 'Every object says which lake it belongs to',
    references: ['NCSC 5', 'CAF A3.a', 'SATRE 2.2.01'],
    types: ['kubernetes:*'],
    property: 'metadata.labels app.kubernetes.io/part-of, app.kubernetes.io/instance',
    // What is only read belongs to the site.
    concerns: ({ props }) => isSet(at(props, 'metadata')),
    wrong: ({ props }) => {
      const labels = (at(props, 'metadata.labels') ?? {}) as Readonly<Record<string, unknown>>;
      return unless(
        isSet(labels['app.kubernetes.io/part-of']) && isSet(labels['app.kubernetes.io/instance']),
        'The object does not say which lake it belongs to. Make it with KubernetesParts, which labels it.',
      );
    },
  },
];
