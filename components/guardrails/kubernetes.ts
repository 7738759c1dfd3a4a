import {
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from '@pulumi/kubernetes/admissionregistration/v1';
import { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from '@pulumi/kubernetes/rbac/v1';
import { all, type Output } from '@pulumi/pulumi';
import { KubernetesParts } from '../core/kubernetes-parts';
import type { LakeComponent } from '../core/lake-component';
import { nameOf } from '../core/naming';
import { type GuardrailsArgs, peopleRoles } from './guardrails-args';
import {
  changesSpecification,
  policyKinds,
  policyRules,
  workloadKinds,
  workloadRules,
  workloadVariables,
} from './kubernetes-admission';
import { openDesks } from './kubernetes-operators';
import { auditorClusterRules, peopleRules, type RoleRule } from './kubernetes-people';

export interface KubernetesGuardrails {
  readonly kind: 'kubernetes';
  readonly policies: readonly ValidatingAdmissionPolicy[];
}

const rbacGroup = 'rbac.authorization.k8s.io';
/** The zones' namespaces; `kubernetes.io/metadata.name` is the API server's own label and cannot be changed. */
type ZonePlaces = readonly (readonly [string, Output<string>])[];

export function kubernetesGuardrails(
  component: LakeComponent,
  name: string,
  args: GuardrailsArgs,
): KubernetesGuardrails {
  const parts = new KubernetesParts(component, name, args);
  const places: ZonePlaces = Object.entries(args.places);
  const policies = [workloadPolicy(parts, args, places), pathPolicy(parts, args, places)];
  giveRights(parts, args, places);
  openDesks(parts, args, places);
  parts.complete();
  return { kind: 'kubernetes', policies };
}

function workloadPolicy(parts: KubernetesParts, args: GuardrailsArgs, places: ZonePlaces): ValidatingAdmissionPolicy {
  const { imageSources } = args;
  const accounts = all(
    places.map(([zone, place]) => place.apply((namespace) => [namespace, accountsOf(args, zone)] as const)),
  ).apply((pairs) => Object.fromEntries(pairs));
  const logReaders = all(places.filter(([zone]) => zone === 'logs').map(([, place]) => place));
  const name = nameOf('label', args.target.instance, 'workloads');
  const policy = parts.add(ValidatingAdmissionPolicy, 'workloads', {
    metadata: { name },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: { resourceRules: workloadKinds },
      matchConditions: [changesSpecification],
      variables: all([accounts, logReaders]).apply(([known, readers]) =>
        workloadVariables(imageSources, known, readers),
      ),
      validations: workloadRules(imageSources).map(({ expression, message }) => ({ expression, message })),
    },
  });
  bind(parts, 'workloads', name, policy, places);
  return policy;
}

const accountsOf = ({ accounts }: GuardrailsArgs, zone: string): readonly string[] =>
  (accounts as Readonly<Record<string, readonly string[]>>)[zone] ?? [];

function pathPolicy(parts: KubernetesParts, args: GuardrailsArgs, places: ZonePlaces): ValidatingAdmissionPolicy {
  const name = nameOf('label', args.target.instance, 'paths');
  const policy = parts.add(ValidatingAdmissionPolicy, 'paths', {
    metadata: { name },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: { resourceRules: policyKinds },
      matchConditions: [changesSpecification],
      validations: policyRules.map(({ expression, message }) => ({ expression, message })),
    },
  });
  bind(parts, 'paths', name, policy, places);
  return policy;
}

function bind(
  parts: KubernetesParts,
  role: string,
  policyName: string,
  policy: ValidatingAdmissionPolicy,
  places: ZonePlaces,
): void {
  for (const [zone, namespace] of places) {
    parts.add(ValidatingAdmissionPolicyBinding, `${role}-in-${zone}`, {
      metadata: { name: nameOf('label', policyName, zone) },
      spec: {
        policyName: policy.metadata.name,
        validationActions: ['Deny', 'Audit'],
        matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } },
      },
    });
  }
}

function giveRights(parts: KubernetesParts, { people, target }: GuardrailsArgs, places: ZonePlaces): void {
  for (const role of peopleRoles) {
    const name = role.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const group = people[role];
    const subjects = group === undefined ? [] : [{ apiGroup: rbacGroup, kind: 'Group', name: group }];
    for (const [zone, namespace] of places) {
      const rules = (peopleRules[role] as Readonly<Record<string, readonly RoleRule[]>>)[zone];
      if (rules === undefined) continue;
      parts.add(Role, `${name}-${zone}`, { metadata: { name, namespace }, rules: [...rules] });
      if (subjects.length === 0) continue;
      const roleRef = { apiGroup: rbacGroup, kind: 'Role', name };
      parts.add(RoleBinding, `${name}-${zone}-binding`, { metadata: { name, namespace }, roleRef, subjects });
    }
    if (role !== 'auditors') continue;
    const clusterName = nameOf('label', target.instance, name);
    parts.add(ClusterRole, name, { metadata: { name: clusterName }, rules: [...auditorClusterRules] });
    if (subjects.length === 0) continue;
    const roleRef = { apiGroup: rbacGroup, kind: 'ClusterRole', name: clusterName };
    parts.add(ClusterRoleBinding, `${name}-binding`, { metadata: { name: clusterName }, roleRef, subjects });
  }
}
