import type { Input } from '@pulumi/pulumi';
import type { ComponentArgs } from '../core/lake-component';

/** A name of the site under which senders reach a function. */
export interface PublicName {
  readonly functionName: string;
  readonly host: string;
  /** The function's network. */
  readonly place: Input<string>;
}

export interface GatewayArgs extends ComponentArgs {
  readonly names: readonly PublicName[];
  /** Name of the cert-manager ClusterIssuer that signs their certificates. */
  readonly issuer: string;
}
