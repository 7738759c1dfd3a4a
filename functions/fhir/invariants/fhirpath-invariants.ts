import type { Constraint } from '../type-check';
import type { DeferredInvariant } from '../validation-run';
import { fhirpathModel } from './fhirpath-model';

type Evaluate = (value: unknown, environment: Record<string, unknown>) => unknown;

/** What FHIRPath says: does the rule hold? `undecided` when it needs what is not here, such as a terminology server. */
export type Verdict = 'holds' | 'fails' | 'undecided';

const compiled = new Map<string, Evaluate | undefined>();

/** The library takes 60 ms and is needed by rare resources only: it is loaded when the first of them comes. */
function evaluatorOf({ base, expression }: Constraint): Evaluate | undefined {
  const name = `${base}\0${expression}`;
  if (compiled.has(name)) return compiled.get(name);
  let evaluate: Evaluate | undefined;
  try {
    const fhirpath = require('fhirpath') as typeof import('fhirpath');
    // `base` lets choice elements of backbone types be seen. The trace function would print identifiers (dom-3 traces ids).
    evaluate = fhirpath.compile({ base, expression }, fhirpathModel(), {
      async: false,
      traceFn: () => undefined,
    }) as Evaluate;
  } catch {
    evaluate = undefined;
  }
  compiled.set(name, evaluate);
  return evaluate;
}

/** Evaluates one deferred invariant; nothing counts as false for an error, and as true for a mere warning. */
export function verdictOf({ constraint, value, resource, rootResource }: DeferredInvariant): Verdict {
  const evaluate = evaluatorOf(constraint);
  if (evaluate === undefined) return 'undecided';
  let result: unknown;
  try {
    result = evaluate(value, { resource, rootResource });
  } catch {
    return 'undecided';
  }
  if (!Array.isArray(result)) return 'undecided';
  if (result.length === 0) return constraint.severity === 'error' ? 'fails' : 'holds';
  return result.length === 1 && result[0] === false ? 'fails' : 'holds';
}
