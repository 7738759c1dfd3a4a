import type { ComponentResourceOptions } from '@pulumi/pulumi';
import { type ArgsOn, type Builders, type KindsOf, TargetComponent } from '../core/target-component';
import { awsMachineAccess } from './aws';
import { kubernetesProviderAccess } from './kubernetes';

/**
 * A site's own issuer of tokens, with the senders of the lake as its clients. Without one the lake's own issuer is a function
 * among the others.
 *
 * ```ts
 * new ProviderAccess('provider-access', { target, keycloak, audience: baseUrl, providers, users: { lake } });
 * ```
 */
export class ProviderAccess<Kind extends KindsOf<typeof builders>> extends TargetComponent<typeof builders, Kind> {
  constructor(name: string, args: ArgsOn<typeof builders, Kind>, opts?: ComponentResourceOptions) {
    super('provider-access', 'ProviderAccess', builders, name, args, opts);
  }
}

const builders = { aws: awsMachineAccess, kubernetes: kubernetesProviderAccess } satisfies Builders;
