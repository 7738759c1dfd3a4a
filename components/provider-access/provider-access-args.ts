import type { Input, Output } from '@pulumi/pulumi';
import type { KubernetesComponentArgs } from '../core/kubernetes-parts';
import type { RealmProvider } from './keycloak-realm';

/** A Keycloak that the site runs by its operator. */
export interface SiteKeycloak {
  /** Namespace and name of the Keycloak resource. */
  readonly place: string;
  readonly name: string;
  /** `<origin>/realms/<realm>`: the `iss` of its tokens. */
  readonly issuer: string;
  /** Where it is, for the network policies. */
  readonly cidrs: readonly string[];
}

export interface ProviderAccessArgs extends KubernetesComponentArgs {
  readonly keycloak: SiteKeycloak;
  /** The FHIR base: the `aud` of every token. */
  readonly audience: Input<string>;
  readonly providers: readonly RealmProvider[];
  /** Namespaces, by zone, whose permitted pods fetch its keys. */
  readonly users: Readonly<Record<string, Input<string>>>;
}

export interface ProviderAccessResult<Native> {
  readonly native: Native;
  /** The value of LAKE_TOKENS. */
  readonly tokens: Output<string>;
  readonly tokenUrl: string;
}
