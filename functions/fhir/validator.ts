import { coreModifierExtensions, resourceTypes } from './definitions';
import { verdictOf } from './invariants/fhirpath-invariants';
import { isJsonObject, type JsonValue } from './json';
import type { OperationOutcomeIssue } from './operation-outcome';
import { ResourceChecker, ruleText } from './resource-checker';
import { ValidationRun } from './validation-run';
import { ValueSets } from './value-sets';

export interface ValidatorOptions {
  /** Issues listed at most; the rest are counted. */
  readonly maxIssues?: number;
}

const coreModifiers: ReadonlySet<string> = new Set(coreModifierExtensions);

/** Checks resources against the R4 (4.0.1) definitions: structure, formats, required bindings, references, invariants. */
export class Validator {
  readonly #maxIssues: number;
  readonly #checker: ResourceChecker;

  constructor(options: ValidatorOptions = {}) {
    this.#maxIssues = options.maxIssues ?? 100;
    this.#checker = new ResourceChecker(new ValueSets(), (extension, modifier, run) => {
      // A receiver must refuse what it does not understand (https://hl7.org/fhir/R4/extensibility.html#modifierExtension).
      if (modifier && !coreModifiers.has(String(extension.url)))
        run.error(
          'extension',
          'The modifier extension is not known here, and its meaning must not be passed over. Leave it out.',
        );
    });
  }

  /** Issues in the order of the resource's elements; none of severity error means that it is valid. */
  validate(resource: unknown): readonly OperationOutcomeIssue[] {
    const run = new ValidationRun(this.#maxIssues);
    run.enter(rootStep(resource));
    this.#checker.checkResource(resource as JsonValue, run);
    settleDeferred(run);
    return run.finish();
  }
}

const resources: ReadonlySet<string> = new Set(resourceTypes);

/** The first step of every path: the resource type when it is one, for anything else is a text of the sender's own. */
function rootStep(resource: unknown): string {
  const type = isJsonObject(resource) ? resource.resourceType : undefined;
  return typeof type === 'string' && resources.has(type) ? type : 'Resource';
}

function settleDeferred(run: ValidationRun): void {
  const copies = new Map<unknown, unknown>();
  // The FHIRPath engine does not know numbers kept as their text.
  const plain = <Value>(value: Value): Value => {
    if (!run.exactNumbers) return value;
    if (!copies.has(value)) copies.set(value, JSON.parse(JSON.stringify(value)));
    return copies.get(value) as Value;
  };
  for (const { constraint, value, resource, rootResource, expression } of run.deferred) {
    const verdict = verdictOf({
      constraint,
      value: plain(value),
      resource: plain(resource),
      rootResource: plain(rootResource),
      expression,
    });
    if (verdict === 'fails') run.addAt(constraint.severity, 'invariant', ruleText(constraint), expression);
    else if (verdict === 'undecided')
      run.addAt('information', 'not-supported', `The rule ${constraint.key} cannot be decided here.`, expression);
  }
}
