import type { GuardedGraph } from './guarded-graph';
import type { GuardedResource } from './guarded-resource';

/** Outcomes of the Cyber Assessment Framework as the Data Security and Protection Toolkit takes them over. */
type CafOutcome =
  | `A${1 | 2 | 3 | 4}.${'a' | 'b'}`
  | `B2.${'a' | 'b' | 'c' | 'd'}`
  | `B3.${'a' | 'b' | 'c' | 'd' | 'e'}`
  | `B4.${'a' | 'b' | 'c' | 'd'}`
  | `B5.${'a' | 'b' | 'c'}`
  | `C1.${'a' | 'b' | 'c' | 'd' | 'e'}`;

/**
 * A control that a rule gives evidence for: an NCSC Cloud Security Principle by its number (1 to 14), a CAF outcome (DSPT), a
 * statement of SATRE 2.0, a control of AWS Foundational Security Best Practices, a profile of the Pod Security Standards.
 */
export type Reference = `NCSC ${number}` | `CAF ${CafOutcome}` | `SATRE ${string}` | `FSBP ${string}` | `PSS ${string}`;

/**
 * One guard rail: what must hold of every resource of some types. It is written once and used as a policy of the engine
 * (`policy-pack/`), as a test over recorded resources and as a line of the evidence report.
 */
export interface Rule {
  readonly id: string;
  /** What holds where the rule is kept. */
  readonly title: string;
  readonly references: readonly Reference[];
  /** Types of the resources it is about; a type ending in `*` is every type that begins so. */
  readonly types: readonly string[];
  /** Properties it looks at, its own and those of the resources beside it. */
  readonly property: string;
  /** True when it looks at other resources too: the engine then asks it once all are known. */
  readonly stack?: boolean;
  /** Narrows the types; without it every resource of them is concerned. */
  readonly concerns?: (resource: GuardedResource, graph: GuardedGraph) => boolean;
  /** What is not as it must be, and what to do; undefined when all is well. Never a value of the resource. */
  readonly wrong: (resource: GuardedResource, graph: GuardedGraph) => string | undefined;
}

/** `message` unless it holds. */
export const unless = (holds: boolean, message: string): string | undefined => (holds ? undefined : message);
