import type { ComponentResourceOptions } from '@pulumi/pulumi';
import { type ArgsOn, type Builders, type KindsOf, TargetComponent } from '../core/target-component';
import { awsTre } from './aws';
import { kubernetesTre } from './kubernetes';

/**
 * Workspaces of research projects: each a JupyterLab with a volume of its own, that reaches the warehouse of the research
 * environment and nothing else: no other workspace, no API server, no address outside.
 *
 * ```ts
 * new Tre('tre', { target, place, workspaces: [{ project: 'flu', … }], warehouse, gateway: 'gateway', memory, cpu, volume });
 * ```
 */
export class Tre<Kind extends KindsOf<typeof builders>> extends TargetComponent<typeof builders, Kind> {
  constructor(name: string, args: ArgsOn<typeof builders, Kind>, opts?: ComponentResourceOptions) {
    super('tre', 'Tre', builders, name, args, opts);
  }
}

const builders = { aws: awsTre, kubernetes: kubernetesTre } satisfies Builders;
