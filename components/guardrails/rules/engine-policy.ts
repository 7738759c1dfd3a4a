import type { Policies, PolicyResource, ResourceValidationArgs, StackValidationArgs } from '@pulumi/policy';
import { GuardedGraph } from './guarded-graph';
import type { GuardedResource } from './guarded-resource';
import type { Rule } from './rule';

const noOthers = new GuardedGraph([]);

/**
 * A rule as a policy of the engine. What looks at one resource is asked of it before it is made, what looks at several once all
 * are planned. In a preview the engine leaves out what reads a value that is not known yet, and says so; an `up` asks again.
 */
export function policyOf(rule: Rule): Policies[number] {
  const shared = {
    name: rule.id,
    description: `${rule.title} (${rule.references.join(', ')}).`,
    enforcementLevel: 'mandatory' as const,
  };
  if (rule.stack === true)
    return {
      ...shared,
      validateStack: ({ resources }: StackValidationArgs, report: (message: string, urn?: string) => void): void => {
        const graph = new GuardedGraph(resources.map(guardedOf));
        for (const resource of graph.of(...rule.types))
          judge(rule, resource, graph, (wrong) => report(wrong, resource.urn));
      },
    };
  return {
    ...shared,
    validateResource: (
      { type, name, urn, props, opts }: ResourceValidationArgs,
      report: (message: string) => void,
    ): void => {
      const resource = { type, name, urn, props, protect: opts.protect };
      if (new GuardedGraph([resource]).of(...rule.types).length > 0) judge(rule, resource, noOthers, report);
    },
  };
}

function judge(rule: Rule, resource: GuardedResource, graph: GuardedGraph, report: (wrong: string) => void): void {
  if (rule.concerns?.(resource, graph) === false) return;
  const wrong = rule.wrong(resource, graph);
  if (wrong !== undefined) report(wrong);
}

const guardedOf = ({ type, name, urn, props, opts, propertyDependencies }: PolicyResource): GuardedResource => ({
  type,
  name,
  urn,
  props,
  protect: opts.protect,
  sources: Object.fromEntries(
    Object.entries(propertyDependencies).map(([property, from]) => [property, from.map((resource) => resource.urn)]),
  ),
});
