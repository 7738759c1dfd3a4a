import type { ComponentResourceOptions } from '@pulumi/pulumi';
import { LakeComponent } from '../core/lake-component';
import type { TargetKind } from '../core/target';
import { type KubernetesTre, kubernetesTre } from './kubernetes';
import type { TreArgs } from './tre-args';

/**
 * Workspaces of research projects: each a JupyterLab with a volume of its own, that reaches the warehouse of the research
 * environment and nothing else: no other workspace, no API server, no address outside.
 *
 * ```ts
 * new Tre('tre', { target, place, workspaces: [{ project: 'flu', … }], warehouse, gateway: 'gateway', memory, cpu, volume });
 * ```
 */
export class Tre extends LakeComponent {
  readonly native: KubernetesTre;

  constructor(name: string, args: TreArgs, opts?: ComponentResourceOptions) {
    super('tre', 'Tre', name, opts);
    this.native = builders[args.target.kind](this, name, args);
    this.registerOutputs({});
  }
}

const builders = { kubernetes: kubernetesTre } satisfies Record<TargetKind, unknown>;
