import { CustomResource } from '@pulumi/kubernetes/apiextensions';
import { output } from '@pulumi/pulumi';
import { KubernetesParts } from '../core/kubernetes-parts';
import { openPath } from '../core/kubernetes-reach';
import type { LakeComponent } from '../core/lake-component';
import { nameOf } from '../core/naming';
import { keycloakRealm, keycloakTokens } from './keycloak-realm';
import type { ProviderAccessArgs, ProviderAccessResult } from './provider-access-args';

export interface KubernetesProviderAccess {
  readonly kind: 'kubernetes';
  readonly realm: CustomResource;
}

/**
 * The realm as a resource of Keycloak's operator. It imports a realm that is not there and changes none that is (Keycloak
 * Operator, "Automating a realm import"): senders declared later are added in Keycloak by whoever runs it, as
 * docs/deploy-kubernetes.md says, and the lake's own register still says who is let in.
 */
export function kubernetesProviderAccess(
  component: LakeComponent,
  name: string,
  args: ProviderAccessArgs,
): ProviderAccessResult<KubernetesProviderAccess> {
  const { keycloak, audience, providers, users } = args;
  const parts = new KubernetesParts(component, name, args);
  const { origin, port, protocol, pathname } = new URL(keycloak.issuer);
  const realm = pathname.split('/').at(-1) ?? '';
  const representation = output(audience).apply((base) => keycloakRealm({ realm, audience: base, providers }));
  const resource = parts.add(CustomResource, 'realm', {
    apiVersion: 'k8s.keycloak.org/v2alpha1',
    kind: 'KeycloakRealmImport',
    metadata: {
      name: nameOf('label', realm),
      namespace: keycloak.place,
      annotations: { 'pulumi.com/waitFor': 'condition=Done' },
    },
    spec: { keycloakCRName: keycloak.name, realm: representation },
  });
  const ports = [port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port)];
  openPath(parts, 'issuer', { kind: 'ranges', cidrs: keycloak.cidrs, ports }, users);
  parts.complete();
  const tokens = output(audience).apply((base) => JSON.stringify(keycloakTokens(`${origin}${pathname}`, base)));
  const { tokenEndpoint } = keycloakTokens(`${origin}${pathname}`, '');
  return { native: { kind: 'kubernetes', realm: resource }, tokens, tokenUrl: tokenEndpoint };
}
