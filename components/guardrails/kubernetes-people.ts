import { type NetworkZone, networkZones } from '../network/network-args';
import type { PeopleRole } from './guardrails-args';

export interface RoleRule {
  readonly apiGroups: string[];
  readonly resources: string[];
  readonly verbs: string[];
}

const look = ['get', 'list', 'watch'];

const workloads: readonly RoleRule[] = [
  { apiGroups: [''], resources: ['pods', 'services', 'persistentvolumeclaims', 'events'], verbs: look },
  { apiGroups: ['apps'], resources: ['deployments', 'statefulsets', 'replicasets'], verbs: look },
  { apiGroups: ['batch'], resources: ['jobs', 'cronjobs'], verbs: look },
  { apiGroups: ['serving.knative.dev'], resources: ['services', 'revisions', 'routes'], verbs: look },
  { apiGroups: ['autoscaling.internal.knative.dev'], resources: ['podautoscalers'], verbs: look },
];

const sparkJobs: readonly RoleRule[] = [
  { apiGroups: ['sparkoperator.k8s.io'], resources: ['scheduledsparkapplications', 'sparkapplications'], verbs: look },
];

const limits: readonly RoleRule[] = [
  { apiGroups: [''], resources: ['resourcequotas', 'limitranges', 'configmaps', 'serviceaccounts'], verbs: look },
  { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: look },
];

/** A pod that is deleted is made anew: a restart without a change. */
const restart: readonly RoleRule[] = [{ apiGroups: [''], resources: ['pods'], verbs: ['delete'] }];
const logs: readonly RoleRule[] = [{ apiGroups: [''], resources: ['pods/log'], verbs: ['get'] }];

/** Where the rules of the lake stand; the bodies of Secrets are never among them. */
const rules: readonly RoleRule[] = [
  { apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles', 'rolebindings'], verbs: look },
];

/**
 * What each role may do in each zone; a zone that is not named shows them nothing. Secrets, tokens, exec, attach, port-forward
 * and debug containers are nobody's: changes go through the stack.
 */
export const peopleRules: Readonly<Record<PeopleRole, Readonly<Partial<Record<NetworkZone, readonly RoleRule[]>>>>> = {
  platformEngineers: {
    lake: [...workloads, ...limits, ...logs, ...restart],
    stores: [...workloads, ...limits, ...logs, ...restart],
    names: [...workloads, ...limits, ...restart],
    logs: [...workloads, ...limits, ...restart],
    tre: [...workloads, ...limits, ...logs, ...restart],
    // What a script prints may be rows.
    spark: [...workloads, ...sparkJobs, ...limits, ...restart],
    // Where identity and keys are, they see that something is unwell and restart it; what it writes is for others.
    identity: [...workloads, ...limits, ...restart],
    keys: [...workloads, ...limits, ...restart],
  },
  auditors: Object.fromEntries(networkZones.map((zone) => [zone, [...workloads, ...limits, ...rules]])),
  researchers: { tre: [{ apiGroups: [''], resources: ['pods', 'events'], verbs: look }] },
};

/** Beyond the zones: only auditors, and only the rules themselves. */
export const auditorClusterRules: readonly RoleRule[] = [
  { apiGroups: [''], resources: ['namespaces'], verbs: look },
  {
    apiGroups: ['admissionregistration.k8s.io'],
    resources: ['validatingadmissionpolicies', 'validatingadmissionpolicybindings'],
    verbs: look,
  },
  {
    apiGroups: ['rbac.authorization.k8s.io'],
    resources: ['clusterroles', 'clusterrolebindings'],
    verbs: look,
  },
];
