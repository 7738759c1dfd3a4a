import type { ComponentResourceOptions } from '@pulumi/pulumi';
import { LakeComponent } from '../core/lake-component';
import type { TargetKind } from '../core/target';
import type { GuardrailsArgs } from './guardrails-args';
import { type KubernetesGuardrails, kubernetesGuardrails } from './kubernetes';

/**
 * What nobody may do in the lake's networks, whatever their rights: run a foreign image or a foreign account, reach the node, open
 * a network to everywhere. And what people may: look and restart (platform engineers), read the rules (auditors), see their own
 * workspaces (researchers); nobody reads a secret or steps into a container.
 *
 * ```ts
 * new Guardrails('guardrails', { target, places, accounts, imageSources, people: { auditors: 'lake-auditors' } });
 * ```
 */
export class Guardrails extends LakeComponent {
  readonly native: KubernetesGuardrails;

  constructor(name: string, args: GuardrailsArgs, opts?: ComponentResourceOptions) {
    super('guardrails', 'Guardrails', name, opts);
    this.native = builders[args.target.kind](this, name, args);
    this.registerOutputs({});
  }
}

const builders = { kubernetes: kubernetesGuardrails } satisfies Record<TargetKind, unknown>;
