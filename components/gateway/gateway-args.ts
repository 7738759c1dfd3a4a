import type { Input } from '@pulumi/pulumi';
import type { KubernetesComponentArgs } from '../core/kubernetes-parts';

/** A name of the site under which senders reach a function. */
export interface PublicName {
  readonly functionName: string;
  readonly host: string;
  /** The function's network. */
  readonly place: Input<string>;
}

export interface GatewayArgs extends KubernetesComponentArgs {
  readonly names: readonly PublicName[];
  /** Name of the cert-manager ClusterIssuer that signs their certificates. */
  readonly issuer: string;
}
