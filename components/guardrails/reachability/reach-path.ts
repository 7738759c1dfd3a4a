import type { GraphResource } from './graph-resource';
import { keyOf, kindOf } from './resource-graph';

/** One resource on a way, and what of it lets through. */
export interface Step {
  readonly kind: string;
  readonly name: string;
  /** The property, and what it says: never a value of data. */
  readonly says: string;
}

/** A way by which data can get from one place to the next. A place is a resource (`Bucket landing`) or lies outside. */
export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly steps: readonly Step[];
  /** The property to change. */
  readonly mend: string;
  /** The zone in which it begins, where that is not the one of the resource's own tag. */
  readonly zone?: string;
}

/** A way out that nobody declared. */
export interface Finding {
  /** Zone of the lake in which it begins; empty where nothing says. */
  readonly zone: string;
  readonly from: string;
  /** `internet`, `account 111122223333`, `any account`, `project x`, `zone x`, … */
  readonly to: string;
  readonly steps: readonly Step[];
  readonly mend: string;
}

export const stepOf = (resource: GraphResource, says: string): Step => ({
  kind: kindOf(resource),
  name: resource.name,
  says,
});

/** One edge out of a resource. */
export const edgeOf = (from: GraphResource, to: string, steps: readonly Step[], mend: string): Edge => ({
  from: keyOf(from),
  to,
  steps,
  mend,
});

/** The way in words, a line for each step. */
export function explain({ from, to, steps, mend }: Finding): string {
  const lines = steps.map(({ kind, name, says }) => `  -> ${kind} ${name}: ${says}`);
  return [`${from} reaches ${to}`, ...lines, `  -> ${to}`, `  mend: ${mend}`].join('\n');
}
