import { ServiceAccount } from '@pulumi/kubernetes/core/v1';
import { Role, RoleBinding } from '@pulumi/kubernetes/rbac/v1';
import type { Output } from '@pulumi/pulumi';
import { operatorAccount } from '../../functions/operator/manifest';
import type { KubernetesParts } from '../core/kubernetes-parts';
import type { GuardrailsArgs } from './guardrails-args';

const rbacGroup = 'rbac.authorization.k8s.io';

/**
 * What people who operate a lake may do beside looking: bring a connection to the one pod of each zone that answers them, and have
 * a token made that proves them there, each their own. Neither opens anything else: a pod is named, a token has its audience.
 */
export function openDesks(
  parts: KubernetesParts,
  { operators, desks }: GuardrailsArgs,
  places: readonly (readonly [string, Output<string>])[],
): void {
  const users = Object.entries(operators);
  if (users.length === 0) return;
  const subjectOf = (name: string) => ({ apiGroup: rbacGroup, kind: 'User', name });
  for (const [zone, namespace] of places) {
    const desk = (desks as Readonly<Record<string, string>>)[zone];
    if (desk === undefined) continue;
    const name = 'operators';
    parts.add(Role, `operators-${zone}`, {
      metadata: { name, namespace },
      rules: [
        { apiGroups: [''], resources: ['pods'], resourceNames: [`${desk}-0`], verbs: ['get'] },
        { apiGroups: [''], resources: ['pods/portforward'], resourceNames: [`${desk}-0`], verbs: ['create'] },
      ],
    });
    parts.add(RoleBinding, `operators-${zone}-binding`, {
      metadata: { name, namespace },
      roleRef: { apiGroup: rbacGroup, kind: 'Role', name },
      subjects: users.map(([, user]) => subjectOf(user)),
    });
  }
  const home = places.find(([zone]) => zone === 'lake')?.[1];
  if (home === undefined) return;
  for (const [operator, user] of users) {
    const name = operatorAccount(operator);
    parts.add(ServiceAccount, name, {
      metadata: { name, namespace: home },
      automountServiceAccountToken: false,
    });
    parts.add(Role, `${name}-token`, {
      metadata: { name, namespace: home },
      rules: [{ apiGroups: [''], resources: ['serviceaccounts/token'], resourceNames: [name], verbs: ['create'] }],
    });
    parts.add(RoleBinding, `${name}-token-binding`, {
      metadata: { name, namespace: home },
      roleRef: { apiGroup: rbacGroup, kind: 'Role', name },
      subjects: [subjectOf(user)],
    });
  }
}
