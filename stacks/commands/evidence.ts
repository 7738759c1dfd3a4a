import { rules } from '../../components/guardrails/rules';
import { findingsOf } from '../../components/guardrails/rules/evaluation';
import type { GuardedGraph } from '../../components/guardrails/rules/guarded-graph';
import type { Reference } from '../../components/guardrails/rules/rule';

/** One control of the evidence report. */
export interface ControlEvidence {
  readonly id: string;
  readonly title: string;
  readonly references: readonly Reference[];
  /** Names of every resource that was looked at, in the program's words. */
  readonly resources: readonly string[];
  /** What was looked at of each. */
  readonly property: string;
  /** `not applicable`: the stack has nothing the rule is about. */
  readonly result: 'pass' | 'fail' | 'not applicable';
  /** What is not as it must be. */
  readonly findings: readonly { readonly resource: string; readonly wrong: string }[];
}

/** What each guard rail finds in a stack: the evidence for the controls it refers to. No value of a resource is in it. */
export function evidenceOf(graph: GuardedGraph): readonly ControlEvidence[] {
  return rules.map((rule) => {
    const found = findingsOf(rule, graph);
    const findings = found.flatMap(({ resource, wrong }) =>
      wrong === undefined ? [] : [{ resource: resource.name, wrong }],
    );
    const result = found.length === 0 ? 'not applicable' : findings.length === 0 ? 'pass' : 'fail';
    const { id, title, references, property } = rule;
    return { id, title, references, resources: found.map(({ resource }) => resource.name), property, result, findings };
  });
}
