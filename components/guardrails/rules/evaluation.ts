import type { GuardedGraph } from './guarded-graph';
import type { GuardedResource } from './guarded-resource';
import type { Rule } from './rule';

/** What a rule found of one resource. */
export interface Finding {
  readonly resource: GuardedResource;
  /** What is not as it must be; undefined when it is. */
  readonly wrong: string | undefined;
}

/** The resources a rule is about, whether or not they keep it. */
export const concernedBy = (rule: Rule, graph: GuardedGraph): readonly GuardedResource[] =>
  graph.of(...rule.types).filter((resource) => rule.concerns?.(resource, graph) ?? true);

/** A finding for every resource the rule is about; none where nothing of its types is in the stack. */
export const findingsOf = (rule: Rule, graph: GuardedGraph): readonly Finding[] =>
  concernedBy(rule, graph).map((resource) => ({ resource, wrong: rule.wrong(resource, graph) }));
