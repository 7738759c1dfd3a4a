import type { ComponentResourceOptions, Output } from '@pulumi/pulumi';
import { LakeComponent } from '../core/lake-component';
import type { TargetKind } from '../core/target';
import { type KubernetesProviderAccess, kubernetesProviderAccess } from './kubernetes';
import type { ProviderAccessArgs } from './provider-access-args';

/**
 * A site's own issuer of tokens, with the senders of the lake as its clients. Without one the lake's own issuer is a function
 * among the others.
 *
 * ```ts
 * new ProviderAccess('provider-access', { target, keycloak, audience: baseUrl, providers, users: { lake } });
 * ```
 */
export class ProviderAccess extends LakeComponent {
  readonly native: KubernetesProviderAccess;
  /** The value of LAKE_TOKENS of the function that takes its tokens. */
  readonly tokens: Output<string>;
  readonly tokenUrl: string;

  constructor(name: string, args: ProviderAccessArgs, opts?: ComponentResourceOptions) {
    super('provider-access', 'ProviderAccess', name, opts);
    const built = builders[args.target.kind](this, name, args);
    this.native = built.native;
    this.tokens = built.tokens;
    this.tokenUrl = built.tokenUrl;
    this.registerOutputs({ tokenUrl: this.tokenUrl });
  }
}

const builders = { kubernetes: kubernetesProviderAccess } satisfies Record<TargetKind, unknown>;
