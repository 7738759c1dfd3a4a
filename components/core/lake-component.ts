import { ComponentResource, type ComponentResourceOptions } from '@pulumi/pulumi';

/**
 * Changes what one part of a component is made with, by the part's role: `{ deployment: (args) => ({ ...args, … }) }`.
 * For what the arguments do not offer; a role that the component has not got is refused.
 */
export type Transform = Readonly<Record<string, (args: Readonly<Record<string, unknown>>) => Record<string, unknown>>>;

/** The base of every component: `lake:<module>:<Type>`, its children under it, its inputs not copied into the state. */
export abstract class LakeComponent extends ComponentResource {
  constructor(module: string, type: string, name: string, opts: ComponentResourceOptions = {}) {
    // Empty inputs: since 3.202.0 the engine would store a component's arguments, secrets and all.
    super(`lake:${module}:${type}`, name, {}, opts);
  }
}
