import type { ComponentResourceOptions } from '@pulumi/pulumi';
import { type ArgsOn, type Builders, type KindsOf, TargetComponent } from '../core/target-component';
import { kubernetesGuardrails } from './kubernetes';

/**
 * What nobody may do in the lake's networks, whatever their rights: run a foreign image or a foreign account, reach the node, open
 * a network to everywhere. And what people may: look and restart (platform engineers), read the rules (auditors), see their own
 * workspaces (researchers); nobody reads a secret or steps into a container.
 *
 * ```ts
 * new Guardrails('guardrails', { target, places, accounts, imageSources, people: { auditors: 'lake-auditors' } });
 * ```
 */
export class Guardrails<Kind extends KindsOf<typeof builders>> extends TargetComponent<typeof builders, Kind> {
  constructor(name: string, args: ArgsOn<typeof builders, Kind>, opts?: ComponentResourceOptions) {
    super('guardrails', 'Guardrails', builders, name, args, opts);
  }
}

const builders = {
  aws: 'the policies of keys, buckets and roles deny it themselves, and the boundary of the account',
  kubernetes: kubernetesGuardrails,
} satisfies Builders;
