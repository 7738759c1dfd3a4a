import { ComponentResource, type ComponentResourceOptions, InputPropertiesError } from '@pulumi/pulumi';

/**
 * Changes what one part of a component is made with, by the part's role: `{ deployment: (args) => ({ ...args, … }) }`.
 * For what the arguments do not offer; a role that the component has not got is refused.
 */
export type Transform = Readonly<Record<string, (args: Readonly<Record<string, unknown>>) => Record<string, unknown>>>;

/** Refuses what no part of a component answers to, given the roles of its parts. */
export function refuseUnknownTransforms(transform: Transform, roles: ReadonlySet<string>): void {
  const unknown = Object.keys(transform).filter((role) => !roles.has(role));
  if (unknown.length === 0) return;
  throw new InputPropertiesError({
    message: 'The transform names parts that this component has not got.',
    errors: unknown.map((role) => ({
      propertyPath: `transform.${role}`,
      reason: `no such part; the parts are ${[...roles].join(', ')}`,
    })),
  });
}

/** The base of every component: `lake:<module>:<Type>`, its children under it, its inputs not copied into the state. */
export abstract class LakeComponent extends ComponentResource {
  constructor(module: string, type: string, name: string, opts: ComponentResourceOptions = {}) {
    // Empty inputs: since 3.202.0 the engine would store a component's arguments, secrets and all.
    super(`lake:${module}:${type}`, name, {}, opts);
  }
}
