import { type JsonObject, textOf } from './json';
import type { IssueCode, OperationOutcomeIssue } from './operation-outcome';
import type { Constraint } from './type-check';

/** An invariant to be evaluated as FHIRPath after the walk, with the place it stands at. */
export interface DeferredInvariant {
  readonly constraint: Constraint;
  readonly value: unknown;
  readonly resource: JsonObject;
  readonly rootResource: JsonObject;
  readonly expression: string;
}

/** What a resource and its contained resources share: ids, and references to them. */
export interface ResourceScope {
  readonly root: JsonObject;
  /** Types of the contained resources by id. */
  readonly contained: ReadonlyMap<string, string>;
  /** Ids that `#id` references name. */
  readonly referred: Set<string>;
  /** Of the contained resource being walked: does it point back to its container? */
  pointsBack: boolean;
}

/** Depth past which a resource is refused, whoever parsed it; `JsonLimits.maxDepth` is the tighter gate of the API. */
export const maxDepth = 200;

/** Places told of one piece of information. */
const mostPlaces = 10;

/**
 * The state of one validation: the place in the resource, the issues found there, the resource around it. The place is kept
 * as a stack and written out as FHIRPath only when something is wrong.
 */
export class ValidationRun {
  readonly issues: OperationOutcomeIssue[] = [];
  readonly deferred: DeferredInvariant[] = [];
  /** Types of the resources of the Bundle around, by fullUrl. */
  bundle: ReadonlyMap<string, string> | undefined;
  scope!: ResourceScope;
  resource!: JsonObject;
  /** True once a number was seen that JavaScript cannot hold exactly. */
  exactNumbers = false;
  /** How many steps lead to the resource being walked. */
  resourceDepth = 0;
  readonly #steps: (string | number)[] = [];
  /** Places of each piece of information: a value set that cannot be decided is told once, not for every code of it. */
  readonly #hints = new Map<string, string[]>();
  readonly #cap: number;
  #dropped = 0;
  #droppedErrors = false;

  constructor(cap: number) {
    this.#cap = cap;
  }

  get depth(): number {
    return this.#steps.length;
  }

  enter(step: string | number): void {
    this.#steps.push(step);
  }

  leave(): void {
    this.#steps.pop();
  }

  /** The FHIRPath of the place, or of a child of it. */
  expression(child?: string): string {
    let text = '';
    for (const step of this.#steps) {
      if (typeof step === 'number') text += `[${step}]`;
      else text += text === '' ? step : `.${step}`;
    }
    return child === undefined ? text : `${text}.${child}`;
  }

  /** The names that lead from the resource being walked to the place, its type first, indexes left out. */
  elementSteps(): readonly string[] {
    const inside = this.#steps.slice(this.resourceDepth).filter((step) => typeof step === 'string');
    return [textOf(this.resource.resourceType), ...inside];
  }

  error(code: IssueCode, diagnostics: string, child?: string): void {
    this.add('error', code, diagnostics, child);
  }

  add(severity: OperationOutcomeIssue['severity'], code: IssueCode, diagnostics: string, child?: string): void {
    this.addAt(severity, code, diagnostics, this.expression(child));
  }

  addAt(severity: OperationOutcomeIssue['severity'], code: IssueCode, diagnostics: string, expression: string): void {
    const places = [expression];
    if (severity === 'information') {
      const told = this.#hints.get(diagnostics);
      if (told !== undefined) {
        if (told.length < mostPlaces && !told.includes(expression)) told.push(expression);
        return;
      }
      this.#hints.set(diagnostics, places);
    }
    const issue: OperationOutcomeIssue = { severity, code, diagnostics, expression: places };
    if (this.issues.length >= this.#cap) this.#drop(issue);
    else this.issues.push(issue);
  }

  /** Over the cap: an error takes the place of a hint, so that hints never hide what must be mended. */
  #drop(issue: OperationOutcomeIssue): void {
    this.#dropped += 1;
    if (issue.severity !== 'error' && issue.severity !== 'fatal') return;
    const hint = this.issues.findLastIndex(({ severity }) => severity === 'information' || severity === 'warning');
    if (hint < 0) this.#droppedErrors = true;
    else {
      this.issues.splice(hint, 1);
      this.issues.push(issue);
    }
  }

  finish(): readonly OperationOutcomeIssue[] {
    if (this.#dropped > 0) {
      this.issues.push({
        severity: this.#droppedErrors ? 'error' : 'information',
        code: 'informational',
        diagnostics: `${this.#dropped} more issues are not listed. Mend these first.`,
      });
    }
    return this.issues;
  }
}
